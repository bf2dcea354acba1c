import pytest
from django.utils import timezone

from tests import footage
from videos import sandbox, steps, worker
from videos.diff.fingerprint import RECORD
from videos.models import Job, Video

pytestmark = pytest.mark.django_db


def test_no_scratch_is_left(alices_video, settings):
    assert list(settings.SCRATCH_DIR.iterdir()) == []


def test_each_step_may_run_twice(alices_video):
    Job.objects.update(status=Job.Status.PENDING, run_after=timezone.now())

    for job in alices_video.jobs.all():
        worker.run(job.pk)

    assert set(alices_video.jobs.values_list("status", flat=True)) == {Job.Status.COMPLETED}


@pytest.fixture
def unplayable(alice, tmp_path, make_video):
    frames = footage.pixels("bikes", 160, 90)[:12]
    quiet = {"x265-params": "log-level=none"}
    return make_video(alice, footage.write(tmp_path / "film.mkv", frames, 25, "libx265", quiet), run=True)


def test_what_browsers_do_not_play_gets_a_copy_that_they_do(unplayable, alices):
    copy = unplayable.jobs.get(kind=Job.Kind.RENDITION)
    assert (unplayable.status, copy.status) == (Video.Status.READY, Job.Status.PENDING)

    address = f"/v2/videos/{unplayable.pk}/file"
    assert "no-cache" in alices.head(address)["Cache-Control"]  # or a browser would go on with the original

    worker.run(copy.pk)

    played, original = alices.head(address), alices.head(f"{address}?original")
    assert played["Content-Disposition"] == 'inline; filename="film.mp4"'
    assert int(original["Content-Length"]) == unplayable.size
    assert played["ETag"] != original["ETag"]


def test_a_copy_that_cannot_be_made_leaves_the_video_ready(unplayable, monkeypatch):
    copy = unplayable.jobs.get(kind=Job.Kind.RENDITION)
    monkeypatch.setattr(steps, "RENDERING", sandbox.Limits(output_bytes=100))

    for _ in range(5):
        worker.run(copy.pk)
        Job.objects.filter(pk=copy.pk).update(run_after=timezone.now())

    copy.refresh_from_db()
    unplayable.refresh_from_db()
    assert copy.status == Job.Status.FAILED
    assert "original is kept" in copy.error
    assert (unplayable.status, unplayable.has_rendition) == (Video.Status.READY, False)


def test_what_browsers_play_is_not_copied(alices_video):
    assert not alices_video.jobs.filter(kind=Job.Kind.RENDITION).exists()


def test_a_day_of_video_has_room_for_its_fingerprint():
    day = 24 * 3600.0
    limits = steps.reading(day, 60.0)

    assert limits.output_bytes > day * 60 * (RECORD.itemsize + 8)
    assert limits.wall_seconds >= day
    assert steps.reading(2.0, 25.0) == sandbox.Limits()
    assert steps.reading(day, 1e9).output_bytes == steps.MOST_PRODUCTS  # what a header says is not believed
