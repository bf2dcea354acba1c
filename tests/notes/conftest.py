"""Fixtures with a video of Alice, and with notes."""

import pytest


@pytest.fixture
def video(alice):
    """Create an upload of Alice that lasts 100 minutes."""
    from tests.videos.passage_rows import create_video

    created = create_video(alice, "Autumn spot")
    created.duration = 6_000.0
    created.save()
    return created


@pytest.fixture
def make_note(alice, video):
    """Return a function that creates a note of Alice."""
    from accounts.viewer import Viewer
    from notes import writing

    def make(seconds=47.02, text="The logo appears too early.", on=None, **content):
        return writing.create_note(Viewer(alice), on or video, writing.NewNote(seconds=seconds, text=text, **content))

    return make
