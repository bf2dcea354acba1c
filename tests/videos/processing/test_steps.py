import pytest
from django.utils import timezone

from sage.jobs import worker
from tests import footage
from videos.fingerprint.format import RECORD
from videos.models import Job, Video
from videos.processing import steps
from videos.sandbox import runner

pytestmark = pytest.mark.django_db


def test_no_scratch_folder_is_left(alice_video, settings):
    assert list(settings.SCRATCH_DIR.iterdir()) == []


def test_each_step_may_run_twice(alice_video):
    Job.objects.update(status=Job.Status.PENDING, run_after=timezone.now())

    for job in alice_video.jobs.all():
        worker.run(Job, job.pk)

    assert set(alice_video.jobs.values_list("status", flat=True)) == {Job.Status.COMPLETED}


@pytest.fixture
def unplayable(alice, tmp_path, make_video):
    frames = footage.pixels("bikes", 160, 90)[:12]
    quiet = {"x265-params": "log-level=none"}
    return make_video(alice, footage.write(tmp_path / "film.mkv", frames, 25, "libx265", quiet), run=True)


def test_a_video_that_browsers_cannot_play_gets_a_rendition(unplayable, alice_client):
    copy = unplayable.jobs.get(kind=Job.Kind.RENDITION)
    assert (unplayable.status, copy.status) == (Video.Status.READY, Job.Status.PENDING)

    address = f"/v2/videos/{unplayable.pk}/file"
    assert (
        "no-cache" in alice_client.head(address)["Cache-Control"]
    )  # otherwise a browser would continue with the original

    worker.run(Job, copy.pk)

    played, original = alice_client.head(address), alice_client.head(f"{address}?original")
    assert played["Content-Disposition"] == 'inline; filename="film.mp4"'
    assert int(original["Content-Length"]) == unplayable.size
    assert played["ETag"] != original["ETag"]


def test_a_failed_rendition_leaves_the_video_ready(unplayable, monkeypatch):
    copy = unplayable.jobs.get(kind=Job.Kind.RENDITION)
    monkeypatch.setattr(steps, "RENDITION_LIMITS", runner.SandboxLimits(output_bytes=100))

    for _ in range(5):
        worker.run(Job, copy.pk)
        Job.objects.filter(pk=copy.pk).update(run_after=timezone.now())

    copy.refresh_from_db()
    unplayable.refresh_from_db()
    assert copy.status == Job.Status.FAILED
    assert "original is kept" in copy.error
    assert (unplayable.status, unplayable.has_rendition) == (Video.Status.READY, False)


def test_a_video_that_browsers_play_gets_no_rendition(alice_video):
    assert not alice_video.jobs.filter(kind=Job.Kind.RENDITION).exists()


def test_the_limits_of_a_day_of_video_allow_its_fingerprint():
    day = 24 * 3600.0
    limits = steps.calculate_limits(day, 60.0)

    assert limits.output_bytes > day * 60 * (RECORD.itemsize + 8)
    assert limits.wall_seconds >= day
    assert steps.calculate_limits(2.0, 25.0) == runner.SandboxLimits()
    assert steps.calculate_limits(day, 1e9).output_bytes == steps.MAX_OUTPUT_BYTES  # the header is not trusted
