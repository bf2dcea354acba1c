"""`manage.py helper` writes AI notes for a site that answers over HTTP."""

import threading
import time

import pytest

from accounts.viewer import Viewer
from notes import writing
from notes.ai.helping import write_line
from notes.models import NoteJob
from notes.writing import NewNote
from tests.chat.talk import add_transcript
from tests.model_servers import Reply, openai_stream
from tests.sage.providers.conftest import model_vendor  # noqa: F401 - a fixture
from tests.servers import wait_until
from videos.api import internal
from videos.models import Video
from videos.youtube.helper import Helper, SiteRefused, TaskFailed

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "t" * 40
LINE = "The harbour opens at six in the morning, as it always has."


@pytest.fixture
def site(live_server, settings, monkeypatch):
    """Run a site whose long polls end after a second, so that none outlives its test."""
    settings.ADMIN_TOKEN = TOKEN
    settings.OUTSIDE_JOBS = ["ai_note"]
    monkeypatch.setattr(internal, "MAX_WAIT_SECONDS", 1)
    yield live_server.url
    time.sleep(1.2)


@pytest.fixture
def note(alice):
    video = Video.objects.create(owner=alice, title="Harbour", duration=60.0, status=Video.Status.READY)
    add_transcript(video)
    video.refresh_from_db()
    return writing.create_note(Viewer(alice), video, NewNote(seconds=6.0))


def run_until_done(helper):
    thread = threading.Thread(target=helper.run)
    thread.start()
    try:
        wait_until(lambda: not NoteJob.rows().open().exists(), 40)
    finally:
        helper.stop()
        thread.join(20)


def test_a_helper_quotes_the_transcript_of_the_site(site, note):
    run_until_done(Helper(site, TOKEN, ("ai_note",)))

    note.refresh_from_db()
    assert note.generated_by_ai and "harbour" in note.text
    assert NoteJob.rows().get().status == "completed"


def test_a_helper_asks_its_own_model(site, note, settings, model_vendor):  # noqa: F811
    settings.NOTE_MODEL = "openai:test-model"
    model_vendor.replies = [Reply(openai_stream([LINE]))]

    run_until_done(Helper(site, TOKEN, ("ai_note",)))

    note.refresh_from_db()
    assert note.text == LINE


def test_a_task_without_a_transcript_fails_and_a_wrong_token_ends_the_helper(site, alice):
    video = Video.objects.create(owner=alice, title="Silent", duration=60.0, status=Video.Status.READY)
    task = {"task_details": {"video_id": str(video.pk), "note_id": "", "timestamp": "0:06"}}

    with pytest.raises(TaskFailed, match="no transcript"):
        write_line(Helper(site, TOKEN), task)
    with pytest.raises(SiteRefused):
        write_line(Helper(site, "another token"), task)
