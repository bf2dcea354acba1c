import pytest
from django.db import IntegrityError, transaction

from sage import errors
from sage.jobs import worker
from sage.storage import storage
from videos.library import deletion
from videos.models import Comparison, Job, Video
from videos.processing import pipeline

pytestmark = pytest.mark.django_db


def test_a_video_becomes_ready_with_its_facts_and_files(alice_video):
    assert (alice_video.status, alice_video.error) == (Video.Status.READY, "")
    assert alice_video.duration == pytest.approx(2, abs=0.06)
    assert (alice_video.width, alice_video.height, alice_video.frame_count) == (160, 90, 40)
    assert alice_video.metadata["video_codec"] == "h264"
    for name in ("fingerprint.bin", "times.f64", "poster.jpg", "still-00000.jpg", "sprite-000.jpg", "sprites.vtt"):
        assert storage.stat(alice_video.derived_key(name))
    assert len(storage.read(alice_video.derived_key("times.f64"))) == 40 * 8


def test_a_file_that_is_not_a_video_fails_with_a_message_and_is_kept(alice, make_video, tmp_path):
    (tmp_path / "text.mp4").write_text("this is no video\n" * 100)

    video = make_video(alice, tmp_path / "text.mp4", run=True)

    assert video.status == Video.Status.FAILED
    assert "cannot read this file as a video" in video.error
    assert [job.status for job in video.jobs.all()] == [Job.Status.FAILED, Job.Status.CANCELLED]
    assert storage.stat(video.storage_key)


def test_a_cancelled_video_is_kept_and_can_be_retried(alice, clip, make_video):
    video = make_video(alice, clip)

    pipeline.cancel(video)
    for job in video.jobs.all():
        worker.run(Job, job.pk)
    video.refresh_from_db()
    assert video.status == Video.Status.CANCELLED

    pipeline.retry(video)
    for job in video.jobs.all():
        worker.run(Job, job.pk)
    video.refresh_from_db()
    assert video.status == Video.Status.READY


def test_a_ready_video_cannot_be_cancelled_or_retried(alice_video):
    alice_video.jobs.open().delete()  # the reading of text on screen
    with pytest.raises(errors.Conflict, match="nothing to cancel"):
        pipeline.cancel(alice_video)
    with pytest.raises(errors.Conflict, match="nothing to retry"):
        pipeline.retry(alice_video)


def test_a_deleted_video_cannot_be_retried(alice, clip, make_video):
    video = make_video(alice, clip)
    pipeline.cancel(video)
    deletion.delete_video(video)

    with pytest.raises(errors.NotFound):
        pipeline.retry(video)

    assert not video.jobs.open().exists()


@pytest.mark.parametrize("fields", [{}, {"both": True}])
def test_the_database_requires_exactly_one_subject_of_a_job(alice, clip, make_video, fields):
    video = make_video(alice, clip)
    created = Comparison.objects.create(owner=alice, video_a=video, video_b=video) if fields else None
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="another", video=video if fields else None, comparison=created)


def test_the_database_requires_one_job_of_a_kind(alice, clip, make_video):
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(video=make_video(alice, clip), kind=Job.Kind.PROBE)
