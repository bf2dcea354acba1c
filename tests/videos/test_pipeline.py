import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from sage import errors
from sage.storage import choose, storage
from tests import footage
from tests.stage import wait_until
from videos import jobs, pipeline, sandbox, scratch
from videos.diff.fingerprint import RECORD
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


def test_no_scratch_is_left(alices_video, settings):
    assert list(settings.SCRATCH_DIR.iterdir()) == []


def test_each_step_may_run_twice(alices_video):
    Job.objects.update(status=Job.Status.PENDING, run_after=timezone.now())

    for job in alices_video.jobs.all():
        pipeline.run(job.pk)

    assert set(alices_video.jobs.values_list("status", flat=True)) == {Job.Status.COMPLETED}


def test_a_file_that_is_no_video_fails_with_a_sentence_and_is_kept(alice, make_video, tmp_path):
    (tmp_path / "text.mp4").write_text("this is no video\n" * 100)

    video = make_video(alice, tmp_path / "text.mp4", run=True)

    assert video.status == Video.Status.FAILED
    assert "no video that Sage can read" in video.error
    assert [job.status for job in video.jobs.all()] == [Job.Status.FAILED, Job.Status.CANCELLED]
    assert storage.stat(video.storage_key)


def test_a_missing_file_is_told(alice, clip, make_video):
    video = make_video(alice, clip)
    storage.delete(video.storage_key)

    pipeline.run(video.jobs.first().pk)

    video.refresh_from_db()
    assert "missing from storage" in video.error


def test_a_crash_is_tried_again_and_then_told(alice, clip, make_video, monkeypatch):
    def crash(*_, **__):
        raise sandbox.SandboxError("status -11")

    monkeypatch.setattr(sandbox, "run", crash)
    video = make_video(alice, clip)
    probe = video.jobs.first()

    for attempt in range(jobs.MAX_ATTEMPTS):
        pipeline.run(probe.pk)
        probe.refresh_from_db()
        assert probe.attempts == attempt + 1
        Job.objects.update(run_after=timezone.now())

    video.refresh_from_db()
    assert (video.status, video.error) == (Video.Status.FAILED, pipeline.TROUBLE[Job.Kind.PROBE])


def test_a_video_whose_workers_die_each_time_is_failed_too(alice, clip, make_video):
    video = make_video(alice, clip)
    for _ in range(jobs.MAX_ATTEMPTS):
        jobs.claim(video.jobs.first().pk)
        Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))

    pipeline.run(video.jobs.first().pk)

    video.refresh_from_db()
    assert (video.status, video.error) == (Video.Status.FAILED, jobs.STOPPED_EACH_TIME)
    assert not Job.objects.open().exists()


def test_a_result_that_cannot_be_written_is_tried_again(alice, clip, make_video, monkeypatch):
    def unwritable(job, watch):
        return lambda: Video.objects.filter(pk=video.pk).update(title="x" * 1000)

    video = make_video(alice, clip)
    monkeypatch.setitem(pipeline.STEPS, Job.Kind.PROBE, unwritable)

    pipeline.run(video.jobs.first().pk)

    assert video.jobs.first().status == Job.Status.PENDING


def test_a_worker_that_shuts_down_puts_its_job_back_uncounted(alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    jobs.stopping.set()
    try:
        pipeline.run(video.jobs.first().pk)
    finally:
        jobs.stopping.clear()

    probe = video.jobs.first()
    assert (probe.status, probe.attempts) == (Job.Status.PENDING, 0)


def test_a_worker_that_lost_its_job_writes_nothing(alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    really_run = sandbox.run

    def slow(*arguments, **options):
        Job.objects.filter(video=video).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        jobs.claim(video.jobs.first().pk)
        return really_run(*arguments, **options)

    monkeypatch.setattr(sandbox, "run", slow)
    pipeline.run(video.jobs.first().pk)

    video.refresh_from_db()
    assert video.duration is None
    assert video.jobs.first().status == Job.Status.IN_PROGRESS


def test_a_cancelled_video_stays_and_runs_again_when_asked(alice, clip, make_video):
    video = make_video(alice, clip)

    pipeline.cancel(video)
    for job in video.jobs.all():
        pipeline.run(job.pk)
    video.refresh_from_db()
    assert video.status == Video.Status.CANCELLED

    pipeline.retry(video)
    for job in video.jobs.all():
        pipeline.run(job.pk)
    video.refresh_from_db()
    assert video.status == Video.Status.READY


def test_there_is_nothing_to_cancel_or_retry_once_it_is_ready(alices_video):
    with pytest.raises(errors.Conflict, match="nothing to cancel"):
        pipeline.cancel(alices_video)
    with pytest.raises(errors.Conflict, match="nothing to retry"):
        pipeline.retry(alices_video)


def test_cancelling_ends_the_decoder_itself(transactional_db, alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    children = []

    def decode_for_ever(job, watch):
        sandbox.run(
            "tests.videos.test_sandbox:sleep", {"seconds": 60}, lambda progress: (children.append(job), watch(progress))
        )

    monkeypatch.setitem(pipeline.STEPS, Job.Kind.PROBE, decode_for_ever)
    worker = threading.Thread(target=lambda: (pipeline.run(video.jobs.first().pk), connection.close()))
    worker.start()
    wait_until(lambda: children)
    pipeline.cancel(video)
    worker.join(10)

    assert not worker.is_alive()
    video.refresh_from_db()
    assert video.status == Video.Status.CANCELLED


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

    pipeline.run(copy.pk)

    played, original = alices.head(address), alices.head(f"{address}?original")
    assert played["Content-Disposition"] == 'inline; filename="film.mp4"'
    assert int(original["Content-Length"]) == unplayable.size
    assert played["ETag"] != original["ETag"]


def test_a_copy_that_cannot_be_made_leaves_the_video_ready(unplayable, monkeypatch):
    from videos import sandbox

    copy = unplayable.jobs.get(kind=Job.Kind.RENDITION)
    monkeypatch.setattr(pipeline, "RENDERING", sandbox.Limits(output_bytes=100))

    for _ in range(5):
        pipeline.run(copy.pk)
        Job.objects.filter(pk=copy.pk).update(run_after=timezone.now())

    copy.refresh_from_db()
    unplayable.refresh_from_db()
    assert copy.status == Job.Status.FAILED
    assert "original is kept" in copy.error
    assert (unplayable.status, unplayable.has_rendition) == (Video.Status.READY, False)


def test_what_browsers_play_is_not_copied(alices_video):
    assert not alices_video.jobs.filter(kind=Job.Kind.RENDITION).exists()


def test_a_full_disk_is_told_and_waited_for(alice, clip, make_video, monkeypatch):
    def full(job, watch):
        sandbox.run("tests.videos.test_sandbox:fill", {})

    video = make_video(alice, clip)
    probe = video.jobs.first()
    with monkeypatch.context() as cramped:
        cramped.setitem(pipeline.STEPS, Job.Kind.PROBE, full)
        pipeline.run(probe.pk)
    probe.refresh_from_db()
    assert (probe.status, probe.attempts, probe.error) == (Job.Status.PENDING, 0, pipeline.NO_ROOM)

    Job.objects.filter(pk=probe.pk).update(run_after=timezone.now(), waits=jobs.MAX_WAITS)
    monkeypatch.setitem(pipeline.STEPS, Job.Kind.PROBE, full)
    pipeline.run(probe.pk)
    video.refresh_from_db()
    assert (video.status, video.error) == (Video.Status.FAILED, pipeline.NO_ROOM)


@pytest.mark.xdist_group("s3")
def test_on_s3_a_cancelled_job_stops_while_its_file_is_still_copied(on_s3, alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    monkeypatch.setattr(jobs, "REPORT_EVERY_SECONDS", 0)
    with scratch.folder_for(jobs.claim(video.jobs.first().pk)) as folder:
        watch = jobs.Watch(video.jobs.first())
        pipeline.cancel(video)
        with pytest.raises(jobs.LostLease), storage.local_copy(video.storage_key, folder, watch):
            pytest.fail("it was copied to the end")
        with pytest.raises(jobs.LostLease):
            storage.put_file("derived/x", clip, tick=watch)


@pytest.mark.xdist_group("s3")
def test_storage_that_is_away_is_waited_for(on_s3, alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    with monkeypatch.context() as away:
        away.setenv("AWS_SECRET_ACCESS_KEY", "another")  # it answers, and refuses
        away.setattr(storage, "_wrapped", choose())
        pipeline.run(video.jobs.first().pk)

    probe = video.jobs.first()
    assert (probe.status, probe.attempts, probe.waits) == (Job.Status.PENDING, 0, 1)
    assert "does not answer as it should" in probe.error


def test_a_day_of_video_has_room_for_its_fingerprint():
    day = 24 * 3600.0
    limits = pipeline.reading(day, 60.0)

    assert limits.output_bytes > day * 60 * (RECORD.itemsize + 8)
    assert limits.wall_seconds >= day
    assert pipeline.reading(2.0, 25.0) == sandbox.Limits()
    assert pipeline.reading(day, 1e9).output_bytes == pipeline.MOST_PRODUCTS  # what a header says is not believed
