import pytest


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
