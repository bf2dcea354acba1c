"""Fixtures with a video of Alice, and with notes."""

import pytest

from accounts.viewer import Viewer
from notes import writing
from notes.writing import NewNote
from tests.videos.passage_rows import create_video
from videos.models import Video

YOUTUBE_ID = "dQw4w9WgXcQ"


@pytest.fixture
def video(alice) -> Video:
    """Create an upload of Alice that lasts 100 minutes."""
    created = create_video(alice, "Autumn spot")
    created.duration = 6_000.0
    created.save()
    return created


@pytest.fixture
def make_note(alice, video):
    """Return a function that creates a note of Alice."""

    def make(seconds=47.02, text="The logo appears too early.", on=None, **content):
        return writing.create_note(Viewer(alice), on or video, NewNote(seconds=seconds, text=text, **content))

    return make
