import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from sage.jobs import heartbeat, queue, registry, shutdown, worker
from sage.jobs.errors import LostLease
from sage.jobs.heartbeat import Heartbeat
from sage.storage import create_storage, storage
from tests.servers import wait_until
from videos.models import Job, Video
from videos.processing import pipeline
from videos.sandbox import runner, scratch

pytestmark = pytest.mark.django_db


def replace_probe(monkeypatch, run):
    """Replace the work of the probe step with `run`."""
    monkeypatch.setitem(registry._steps, ("videos.job", Job.Kind.PROBE), replace(pipeline.PROBE, run=run))


def test_a_missing_file_is_reported(alice, clip, make_video):
    video = make_video(alice, clip)
    storage.delete(video.storage_key)

    worker.run(Job, video.jobs.first().pk)

    video.refresh_from_db()
    assert "missing from storage" in video.error


def test_a_crash_is_retried_and_then_reported(alice, clip, make_video, monkeypatch):
    def crash(*_, **__):
        raise runner.SandboxError("status -11")

    monkeypatch.setattr(runner, "run_in_sandbox", crash)
    video = make_video(alice, clip)
    probe = video.jobs.first()

    for attempt in range(queue.MAX_ATTEMPTS):
        worker.run(Job, probe.pk)
        probe.refresh_from_db()
        assert probe.attempts == attempt + 1
        Job.objects.update(run_after=timezone.now())

    video.refresh_from_db()
    assert (video.status, video.error) == (Video.Status.FAILED, pipeline.PROBE.failure_message)


def test_a_video_whose_workers_die_each_time_fails(alice, clip, make_video):
    video = make_video(alice, clip)
    for _ in range(queue.MAX_ATTEMPTS):
        queue.claim(Job, video.jobs.first().pk)
        Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))

    worker.run(Job, video.jobs.first().pk)

    video.refresh_from_db()
    assert (video.status, video.error) == (Video.Status.FAILED, queue.WORKER_LOST)
    assert not Job.objects.open().exists()


def test_a_result_that_cannot_be_written_is_retried(alice, clip, make_video, monkeypatch):
    def unwritable(job, watch):
        return lambda: Video.objects.filter(pk=video.pk).update(title="x" * 1000)

    video = make_video(alice, clip)
    replace_probe(monkeypatch, unwritable)

    worker.run(Job, video.jobs.first().pk)

    assert video.jobs.first().status == Job.Status.PENDING


def test_a_worker_that_shuts_down_releases_its_job_without_counting_the_attempt(alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    shutdown.requested.set()
    try:
        worker.run(Job, video.jobs.first().pk)
    finally:
        shutdown.requested.clear()

    probe = video.jobs.first()
    assert (probe.status, probe.attempts) == (Job.Status.PENDING, 0)


def test_a_worker_that_lost_its_job_writes_nothing(alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    really_run = runner.run_in_sandbox

    def slow(*arguments, **options):
        Job.objects.filter(video=video).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        queue.claim(Job, video.jobs.first().pk)
        return really_run(*arguments, **options)

    monkeypatch.setattr(runner, "run_in_sandbox", slow)
    worker.run(Job, video.jobs.first().pk)

    video.refresh_from_db()
    assert video.duration is None
    assert video.jobs.first().status == Job.Status.IN_PROGRESS


def test_cancelling_ends_the_decoder_itself(transactional_db, alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    children = []

    def decode_for_ever(job, watch):
        runner.run_in_sandbox(
            "tests.videos.sandbox.test_runner:sleep",
            {"seconds": 600},
            lambda progress: (children.append(job), watch(progress)),
        )

    replace_probe(monkeypatch, decode_for_ever)
    thread = threading.Thread(target=lambda: (worker.run(Job, video.jobs.first().pk), connection.close()))
    thread.start()
    wait_until(lambda: children)
    pipeline.cancel(video)
    thread.join(60)

    assert not thread.is_alive()
    video.refresh_from_db()
    assert video.status == Video.Status.CANCELLED


def test_a_full_disk_is_reported_and_postpones_the_job(alice, clip, make_video, monkeypatch):
    def full(job, watch):
        runner.run_in_sandbox("tests.videos.sandbox.test_runner:fill", {})

    video = make_video(alice, clip)
    probe = video.jobs.first()
    with monkeypatch.context() as cramped:
        replace_probe(cramped, full)
        worker.run(Job, probe.pk)
    probe.refresh_from_db()
    assert (probe.status, probe.attempts, probe.error) == (Job.Status.PENDING, 0, worker.DISK_FULL)

    Job.objects.filter(pk=probe.pk).update(run_after=timezone.now(), waits=queue.MAX_WAITS)
    replace_probe(monkeypatch, full)
    worker.run(Job, probe.pk)
    video.refresh_from_db()
    assert (video.status, video.error) == (Video.Status.FAILED, worker.DISK_FULL)


def test_on_s3_a_cancelled_job_stops_while_its_file_is_still_copied(on_s3, alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    monkeypatch.setattr(heartbeat, "REPORT_EVERY_SECONDS", 0)
    with scratch.open_job_folder(queue.claim(Job, video.jobs.first().pk)) as folder:
        watch = Heartbeat(video.jobs.first())
        pipeline.cancel(video)
        with pytest.raises(LostLease), storage.local_copy(video.storage_key, folder, watch):
            pytest.fail("The file was copied to the end.")
        with pytest.raises(LostLease):
            storage.put_file("derived/x", clip, tick=watch)


def test_unavailable_storage_postpones_the_job(on_s3, alice, clip, make_video, monkeypatch):
    video = make_video(alice, clip)
    with monkeypatch.context() as away:
        away.setenv("AWS_SECRET_ACCESS_KEY", "another")  # the server refuses this key
        away.setattr(storage, "_wrapped", create_storage())
        worker.run(Job, video.jobs.first().pk)

    probe = video.jobs.first()
    assert (probe.status, probe.attempts, probe.waits) == (Job.Status.PENDING, 0, 1)
    assert "is not available" in probe.error
