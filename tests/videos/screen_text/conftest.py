import pytest

from tests.titles import titled_clip


@pytest.fixture(autouse=True)
def _text_is_read(settings) -> None:
    settings.SCREEN_TEXT = True


@pytest.fixture(scope="session")
def result_cache(tmp_path_factory):
    """Return a cache for these tests alone: the videos of other tests have no job that reads their text."""
    from tests.videos.job_results import ResultCache

    return ResultCache(tmp_path_factory.mktemp("results-with-text"))


@pytest.fixture
def run_jobs():
    """Return a function that runs all open jobs of a video, with those that they start."""
    from sage.jobs import worker
    from videos.models import Job

    def run(video):
        while job := Job.objects.of(video).open().first():
            worker.run(Job, job.pk)
        video.refresh_from_db()
        return video

    return run


@pytest.fixture
def titled_video(alice, make_video, run_jobs):
    """Return a function that makes a video of the shared titles, with replaced texts, and runs its jobs."""
    return lambda *changes, owner=alice: run_jobs(make_video(owner, titled_clip(*changes)))
