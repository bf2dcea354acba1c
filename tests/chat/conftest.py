import pytest

from tests.sage.providers.conftest import model_vendor  # noqa: F401 - a fixture


@pytest.fixture
def harbour(alice):
    """Return a video of Alice with a transcript."""
    from tests.chat.talk import add_transcript
    from videos.models import Video

    video = Video.objects.create(owner=alice, title="Harbour tour", duration=60.0, status=Video.Status.READY)
    add_transcript(video)
    video.refresh_from_db()
    return video


@pytest.fixture
def run_answers():
    """Return a function that runs the open jobs of answers, as the worker of the queue `high` does."""
    from chat.models import AnswerJob
    from sage.jobs import worker

    def run():
        for job in AnswerJob.rows().open():
            worker.run(AnswerJob, job.pk)

    return run


@pytest.fixture
def viewer(alice):
    from accounts.viewer import Viewer

    return Viewer(alice)


@pytest.fixture
def conversation(viewer, harbour):
    from chat import conversations

    return conversations.create_conversation(viewer, video_ids=[str(harbour.pk)])


@pytest.fixture
def ask(viewer, conversation, run_answers):
    """Return a function that asks and has the worker answer."""
    from chat import questions
    from chat.questions import NewQuestion

    def ask(text="When does the harbour open?", **fields):
        answer = questions.ask(viewer, conversation, NewQuestion(text=text, address="192.0.2.1", **fields))
        run_answers()
        answer.refresh_from_db()
        return answer

    return ask
