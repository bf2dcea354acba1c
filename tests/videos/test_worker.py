import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from sage.storage import choose, storage
from tests.stage import wait_until
from videos import jobs, pipeline, sandbox, scratch, worker
from videos.models import Job, Video

pytestmark = pytest.mark.django_db


def test_a_missing_file_is_told(alice, clip, make_video):
    video = make_video(alice, clip)
    storage.delete(video.storage_key)

    worker.run(video.jobs.first().pk)

    video.refresh_from_db()
    assert "missing from storage" in video.error


def test_a_crash_is_tried_again_and_then_told(alice, clip, make_video, monkeypatch):
    def crash(*_, **__):
        raise sandbox.SandboxError("status -11")

    monkeypatch.setattr(sandbox, "run", crash)
    video = make_video(alice, clip)
    probe = video.jobs.first()

    for attempt in range(jobs.MAX_ATTEMPTS):
        worker.run(probe.pk)
        probe.refresh_from_db()
        assert probe.attempts == attempt + 1
        Job.objects.update(run_after=timezone.now())

    video.refresh_from_db()
    assert (video.status, video.error) == (Video.Status.FAILED, worker.TROUBLE[Job.Kind.PROBE])


def test_a_video_whose_workers_die_each_time_is_failed_too(alice, clip, make_video):
    video = make_video(alice, clip)
    for _ in range(jobs.MAX_ATTEMPTS):
        jobs.claim(video.jobs.first().pk)
        Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))

    worker.run(video.jobs.first().pk)

    video.refresh_from_db()
    assert (video.status, video.error) == (Video.Status.FAILED, jobs.STOPPED_EACH_TIME)
    assert not Job.objects.open().exists()


def test_a_result_that_cannot_be_written_is_tried_again(alice, clip, make_video, monkeypatch):
    def unwritable(job, watch):
        return lambda: Video.objects.filter(pk=video.pk).update(title="x" * 1000)

    video = make_video(alice, clip)
    monkeypatch.setitem(worker.STEPS, Job.Kind.PROBE, unwritable)

    worker.run(video.jobs.first().pk)

    assert video.jobs.first().status == Job.Status.PENDING


def test_a_worker_that_shuts_down_puts_its_job_back_uncounted(alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    jobs.stopping.set()
    try:
        worker.run(video.jobs.first().pk)
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
    worker.run(video.jobs.first().pk)

    video.refresh_from_db()
    assert video.duration is None
    assert video.jobs.first().status == Job.Status.IN_PROGRESS


def test_cancelling_ends_the_decoder_itself(transactional_db, alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    children = []

    def decode_for_ever(job, watch):
        sandbox.run(
            "tests.videos.test_sandbox:sleep", {"seconds": 60}, lambda progress: (children.append(job), watch(progress))
        )

    monkeypatch.setitem(worker.STEPS, Job.Kind.PROBE, decode_for_ever)
    thread = threading.Thread(target=lambda: (worker.run(video.jobs.first().pk), connection.close()))
    thread.start()
    wait_until(lambda: children)
    pipeline.cancel(video)
    thread.join(10)

    assert not thread.is_alive()
    video.refresh_from_db()
    assert video.status == Video.Status.CANCELLED


def test_a_full_disk_is_told_and_waited_for(alice, clip, make_video, monkeypatch):
    def full(job, watch):
        sandbox.run("tests.videos.test_sandbox:fill", {})

    video = make_video(alice, clip)
    probe = video.jobs.first()
    with monkeypatch.context() as cramped:
        cramped.setitem(worker.STEPS, Job.Kind.PROBE, full)
        worker.run(probe.pk)
    probe.refresh_from_db()
    assert (probe.status, probe.attempts, probe.error) == (Job.Status.PENDING, 0, worker.NO_ROOM)

    Job.objects.filter(pk=probe.pk).update(run_after=timezone.now(), waits=jobs.MAX_WAITS)
    monkeypatch.setitem(worker.STEPS, Job.Kind.PROBE, full)
    worker.run(probe.pk)
    video.refresh_from_db()
    assert (video.status, video.error) == (Video.Status.FAILED, worker.NO_ROOM)


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


def test_storage_that_is_away_is_waited_for(on_s3, alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    with monkeypatch.context() as away:
        away.setenv("AWS_SECRET_ACCESS_KEY", "another")  # it answers, and refuses
        away.setattr(storage, "_wrapped", choose())
        worker.run(video.jobs.first().pk)

    probe = video.jobs.first()
    assert (probe.status, probe.attempts, probe.waits) == (Job.Status.PENDING, 0, 1)
    assert "does not answer as it should" in probe.error
