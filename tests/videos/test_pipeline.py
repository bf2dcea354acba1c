import pytest

from sage import errors
from sage.storage import storage
from videos import cleaning, pipeline, worker
from videos.models import Job, Video

pytestmark = pytest.mark.django_db


def test_a_video_becomes_ready_with_all_that_was_found_out(alices_video):
    assert (alices_video.status, alices_video.error) == (Video.Status.READY, "")
    assert alices_video.duration == pytest.approx(2, abs=0.06)
    assert (alices_video.width, alices_video.height, alices_video.frame_count) == (160, 90, 40)
    assert alices_video.metadata["video_codec"] == "h264"
    for name in ("fingerprint.bin", "times.f64", "poster.jpg", "still-00000.jpg", "sprite-000.jpg", "sprites.vtt"):
        assert storage.stat(alices_video.derived_key(name))
    assert len(storage.read(alices_video.derived_key("times.f64"))) == 40 * 8


def test_a_file_that_is_no_video_fails_with_a_sentence_and_is_kept(alice, make_video, tmp_path):
    (tmp_path / "text.mp4").write_text("this is no video\n" * 100)

    video = make_video(alice, tmp_path / "text.mp4", run=True)

    assert video.status == Video.Status.FAILED
    assert "no video that Sage can read" in video.error
    assert [job.status for job in video.jobs.all()] == [Job.Status.FAILED, Job.Status.CANCELLED]
    assert storage.stat(video.storage_key)


def test_a_cancelled_video_stays_and_runs_again_when_asked(alice, clip, make_video):
    video = make_video(alice, clip)

    pipeline.cancel(video)
    for job in video.jobs.all():
        worker.run(job.pk)
    video.refresh_from_db()
    assert video.status == Video.Status.CANCELLED

    pipeline.retry(video)
    for job in video.jobs.all():
        worker.run(job.pk)
    video.refresh_from_db()
    assert video.status == Video.Status.READY


def test_there_is_nothing_to_cancel_or_retry_once_it_is_ready(alices_video):
    with pytest.raises(errors.Conflict, match="nothing to cancel"):
        pipeline.cancel(alices_video)
    with pytest.raises(errors.Conflict, match="nothing to retry"):
        pipeline.retry(alices_video)


def test_what_was_deleted_meanwhile_is_not_run_again(alice, clip, make_video):
    video = make_video(alice, clip)
    pipeline.cancel(video)
    cleaning.delete(video)

    with pytest.raises(errors.NotFound):
        pipeline.retry(video)

    assert not video.jobs.open().exists()
