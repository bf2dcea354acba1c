import pytest

from sage.jobs import queue, worker
from tests.titles import titled_clip
from videos.comparisons import requests
from videos.media.screen_text import recognition
from videos.models import Comparison, Job, ScreenText
from videos.screen_text import pipeline, steps
from videos.transcripts.storage import restart_job

pytestmark = pytest.mark.django_db


def find_job(video):
    return video.jobs.get(kind=Job.Kind.SCREEN_TEXT)


def test_a_ready_video_is_read_with_low_priority(titled_video):
    video = titled_video()

    job = find_job(video)
    assert (job.status, job.step.choose_queue(job)) == (Job.Status.COMPLETED, "low")
    assert list(video.screen_texts.values_list("text", flat=True)) == ["Harbour at dawn", "Call 555 0182"]
    line = video.screen_texts.first()
    assert 0 <= line.start < line.end <= 3
    assert set(line.box) == {"x", "y", "width", "height"}
    assert video.is_screen_text_read


def test_reading_again_replaces_the_lines(titled_video, run_jobs):
    video = titled_video()
    before = video.screen_texts.count()

    restart_job(video, Job.Kind.SCREEN_TEXT)
    run_jobs(video)

    assert video.screen_texts.count() == before


def test_a_video_without_text_has_no_lines_and_no_error(alice, clip, make_video, run_jobs):
    video = run_jobs(make_video(alice, clip))

    job = find_job(video)
    assert (job.status, job.error) == (Job.Status.COMPLETED, "")
    assert not video.screen_texts.exists()
    assert pipeline.describe_absence(video, job) == "No text was found in the picture of this video."


def test_reading_can_be_turned_off(alice, clip, make_video, settings):
    settings.SCREEN_TEXT = False
    video = make_video(alice, clip, run=True)

    assert video.is_ready
    assert not video.jobs.filter(kind=Job.Kind.SCREEN_TEXT).exists()


def test_missing_models_fail_the_job_with_advice_and_not_the_video(alice, make_video, run_jobs, monkeypatch, tmp_path):
    monkeypatch.setattr(steps.runner, "run_in_sandbox", _run_here(monkeypatch, tmp_path, steps.runner.run_in_sandbox))
    video = run_jobs(make_video(alice, titled_clip()))

    job = find_job(video)
    assert (job.status, job.error, video.is_ready) == (Job.Status.FAILED, recognition.MISSING, True)


def _run_here(monkeypatch, folder, run_in_sandbox):
    """Return a sandbox that reads text in this process, with models from an empty folder."""
    from videos.media.errors import MediaError
    from videos.media.screen_text import reading
    from videos.sandbox.errors import InputRejected

    monkeypatch.setattr(recognition, "find_models", lambda: folder)

    def run(target, arguments, *rest, **options):
        if not target.startswith("videos.media.screen_text"):
            return run_in_sandbox(target, arguments, *rest, **options)
        try:
            return reading.read_screen_text(**arguments, progress=lambda share: None)
        except MediaError as error:
            raise InputRejected(str(error)) from error

    return run


def test_a_cancelled_reading_leaves_no_lines_and_can_be_retried(alice, make_video, run_jobs):
    video = make_video(alice, titled_clip(), run=True)
    queue.cancel(Job.objects.of(video).filter(kind=Job.Kind.SCREEN_TEXT))

    assert not run_jobs(video).screen_texts.exists()
    pipeline.retry(video)
    assert run_jobs(video).screen_texts.exists()


def test_a_comparison_stores_the_text_that_differs(alice, titled_video, make_done):
    a = titled_video()
    b = titled_video(("Harbour at dawn", "Harbour at dusk"))

    comparison = make_done(alice, a, b)

    (change,) = comparison.screen_text
    assert (change["op"], change["text_a"], change["text_b"]) == ("changed", "Harbour at dawn", "Harbour at dusk")
    assert abs(change["b"][0] - 0.4) <= 0.25


@pytest.fixture
def make_done():
    def make(owner, a, b):
        from accounts.viewer import Viewer

        comparison = requests.create_comparison(Viewer(owner), a, b)
        worker.run(Job, comparison.job.pk)
        return Comparison.objects.get(pk=comparison.pk)

    return make


def test_text_that_is_read_after_the_comparison_is_compared_then(alice, make_video, run_jobs, make_done, titled_video):
    a = titled_video()
    b = make_video(alice, titled_clip(("Call 555 0182", "")), run=True)
    comparison = make_done(alice, a, b)
    assert comparison.screen_text is None

    run_jobs(b)

    comparison.refresh_from_db()
    assert [(change["op"], change["text_a"]) for change in comparison.screen_text] == [("deleted", "Call 555 0182")]


def test_lines_of_a_deleted_video_are_deleted_with_its_row(titled_video):
    video = titled_video()

    video.delete()

    assert not ScreenText.objects.exists()
