from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError

from sage.celery import app, queues
from sage.jobs import queue
from sage.jobs.errors import LostLease
from sage.jobs.heartbeat import Heartbeat
from tests.sage.jobs.toys import CAPITALISE, ToyJob
from videos.models import Job, Video

pytestmark = pytest.mark.django_db
Status = ToyJob.Status


def do_nothing():
    """Save nothing."""


def claim(job):
    return queue.claim(ToyJob, job.pk)


def let_lease_expire():
    ToyJob.rows().update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def test_a_job_is_claimed_once(job):
    held = claim(job)

    assert (held.status, held.attempts) == (Status.IN_PROGRESS, 1)
    assert claim(job) is None


def test_an_expired_lease_lets_another_claim_the_job_and_the_first_writes_nothing(job):
    first = claim(job)
    let_lease_expire()
    second = claim(job)
    written = []

    assert not queue.complete(first, lambda: written.append("first"))
    assert queue.complete(second, lambda: written.append("second"))
    assert not queue.complete(second, lambda: written.append("again"))
    assert written == ["second"]


def test_a_job_that_waits_for_another_is_not_claimed_before_it(job, make_job):
    follower = make_job(after=job)
    assert claim(follower) is None

    queue.complete(claim(job), do_nothing)

    assert claim(follower)


def test_followers_are_nudged_once_the_job_is_completed(job, make_job, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(queue, "send", lambda label, job_id, queue, delay: sent.append(job_id))
    follower = make_job(after=job)

    with django_capture_on_commit_callbacks(execute=True):
        queue.complete(claim(job), do_nothing)

    assert sent == [follower.pk]


def test_a_job_whose_workers_always_die_fails(job, register):
    settled = []
    register(replace(CAPITALISE, settle=settled.append))
    for _ in range(queue.MAX_ATTEMPTS):
        assert claim(job)
        let_lease_expire()

    assert claim(job) is None
    job.refresh_from_db()
    assert (job.status, job.error) == (Status.FAILED, queue.WORKER_LOST)
    assert settled == [job]


def test_a_result_that_cannot_be_written_leaves_the_job_open(job):
    held = claim(job)

    with pytest.raises(RuntimeError):
        queue.complete(held, lambda: (_ for _ in ()).throw(RuntimeError("disk")))

    job.refresh_from_db()
    assert job.status == Status.IN_PROGRESS


def test_a_heartbeat_renews_the_lease(job, report_always):
    held = claim(job)
    ToyJob.rows().update(lease_expires_at=timezone.now() + timedelta(seconds=1))

    Heartbeat(held)(0.4)

    job.refresh_from_db()
    assert job.progress == pytest.approx(0.4)
    assert job.lease_expires_at > timezone.now() + timedelta(seconds=5)


def test_a_heartbeat_of_a_cancelled_job_stops_the_work(job, report_always):
    heartbeat = Heartbeat(claim(job))

    assert queue.cancel(ToyJob.rows().filter(pk=job.pk)) == 1

    with pytest.raises(LostLease):
        heartbeat(0.5)


def test_a_failed_job_is_retried_from_the_start(job):
    queue.fail(claim(job), "It broke.")

    assert queue.retry(ToyJob.rows().filter(pk=job.pk)) == 1
    held = claim(job)
    assert (held.attempts, held.error, held.progress) == (1, "", 0)


def test_only_jobs_stopped_by_a_deletion_are_resumed(job, make_job):
    jobs = ToyJob.rows()
    cancelled = make_job()
    queue.cancel(jobs.filter(pk=cancelled.pk))
    queue.cancel(jobs.filter(pk=job.pk), by_deletion=True)

    assert queue.resume(jobs) == 1

    assert claim(job)
    assert claim(cancelled) is None


def test_a_job_that_is_rejected_never_runs(job):
    queue.reject(job, "This is not covered.")

    assert claim(job) is None
    job.refresh_from_db()
    assert (job.status, job.error) == (Status.FAILED, "This is not covered.")


def test_an_error_delays_the_next_attempt(job):
    assert queue.retry_later(claim(job))

    assert claim(job) is None
    ToyJob.rows().update(run_after=timezone.now())
    assert claim(job).attempts == 2


def test_a_released_job_may_be_claimed_at_once_and_the_attempt_does_not_count(job):
    assert queue.release(claim(job))

    assert claim(job).attempts == 1


def test_a_sweep_nudges_the_waiting_jobs_of_all_tables(job, alice, monkeypatch):
    sent = []
    monkeypatch.setattr(queue, "send", lambda label, job_id, queue: sent.append((label, job_id, queue)))
    video = Video.objects.create(owner=alice, title="v", filename="v", size=1, storage_key="videos/x")
    probe = Job.objects.create(video=video, kind=Job.Kind.PROBE)

    assert queue.wake_for_waiting_jobs(older_than=timedelta(0)) == 2
    assert sorted(sent) == [("toys.toyjob", job.pk, "low"), ("videos.job", probe.pk, "medium")]

    claim(job)
    assert queue.wake_for_waiting_jobs(older_than=timedelta(0)) == 1


def test_two_workers_never_hold_one_job(transactional_db, job):
    def attempt(_):
        try:
            return claim(job)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        held = [claimed for claimed in pool.map(attempt, range(24)) if claimed]

    assert len(held) == 1


def test_a_broker_that_is_unavailable_loses_no_job(job, monkeypatch, django_capture_on_commit_callbacks):
    def refuse(*_, **__):
        raise OperationalError("connection refused")

    monkeypatch.setattr(current_app, "send_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        queue.wake_workers(job)

    assert claim(job)


def test_a_job_is_not_nudged_again_until_the_message_is_acknowledged(job, monkeypatch):
    sent = []
    monkeypatch.setattr("celery.current_app.send_task", lambda *_, **__: sent.append(job))

    queue.wake_for_waiting_jobs(timedelta(0)), queue.wake_for_waiting_jobs(timedelta(0))
    assert sent == [job]

    queue.acknowledge(job.pk)
    queue.wake_for_waiting_jobs(timedelta(0))
    assert len(sent) == 2


def test_a_message_that_could_not_be_sent_is_sent_by_the_next_sweep(job, monkeypatch):
    sent = []

    def refuse_once(*_, **__):
        sent.append(job)
        if len(sent) == 1:
            raise OperationalError("connection reset by peer")

    monkeypatch.setattr(current_app, "send_task", refuse_once)
    queue.send(job._meta.label_lower, job.pk, "medium")
    queue.wake_for_waiting_jobs(timedelta(0))

    assert len(sent) == 2


def test_the_sweep_does_not_wait_behind_long_jobs():
    app.loader.import_default_modules()

    assert queues["sage.jobs.tasks.nudge_waiting"] == "high"


def test_a_postponed_job_loses_no_attempt_and_says_why(job):
    assert queue.postpone(claim(job), "The disk is full.")

    job.refresh_from_db()
    assert (job.status, job.attempts, job.waits, job.error) == (Status.PENDING, 0, 1, "The disk is full.")
    ToyJob.rows().update(run_after=timezone.now())
    began, second = timezone.now(), claim(job)
    queue.postpone(second, "The disk is full.")
    job.refresh_from_db()
    assert job.run_after - began > timedelta(seconds=9)  # the delay doubles


def test_a_job_that_waits_for_a_provider_is_woken_when_its_time_comes(job, monkeypatch):
    sent = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **options: sent.append((args, options)))
    held = claim(job)
    assert queue.store_external_id(held, "task-1")
    started = held.started_at

    queue.wait(held, 5)

    job.refresh_from_db()
    assert (job.status, job.attempts, job.waits, job.external_id) == (Status.PENDING, 0, 0, "task-1")
    assert timezone.now() < job.run_after <= timezone.now() + timedelta(seconds=6)
    assert [(args[1], options["countdown"], options["queue"]) for args, options in sent] == [(str(job.pk), 5, "low")]
    ToyJob.rows().update(run_after=timezone.now() - timedelta(seconds=1), progress=0.5)
    assert (again := claim(job)).started_at == started and again.progress == 0.5


def test_a_good_wait_forgets_the_postponements_before(job):
    queue.postpone(claim(job), "It is unavailable.")
    ToyJob.rows().update(run_after=timezone.now() - timedelta(seconds=1))

    queue.wait(claim(job), 0)

    job.refresh_from_db()
    assert (job.waits, job.error) == (0, "")


def test_a_postponed_job_waits_as_long_as_it_was_told(job):
    queue.postpone(claim(job), "It is busy.", 500)

    job.refresh_from_db()
    assert job.run_after > timezone.now() + timedelta(seconds=450)


def test_the_id_of_a_task_is_not_stored_by_a_worker_that_lost_the_lease(job):
    held = claim(job)
    queue.cancel(ToyJob.rows())

    assert not queue.store_external_id(held, "task-1")


def test_a_cancelled_job_with_a_task_at_a_provider_is_cleaned_up_by_a_worker(
    register, make_job, monkeypatch, django_capture_on_commit_callbacks
):
    sent, cleaned = [], []
    monkeypatch.setattr(current_app, "send_task", lambda name, *args, **options: sent.append(name))
    waiting, plain = make_job(external_id="task-1"), make_job()
    register(replace(CAPITALISE, clean_up=lambda job: cleaned.append(job.pk)))

    with django_capture_on_commit_callbacks(execute=True):
        queue.cancel(ToyJob.rows())

    assert sent == ["sage.jobs.tasks.clean_up_cancelled"]
    assert queue.clean_up_cancelled_jobs() == 1
    assert cleaned == [waiting.pk] and plain.pk not in cleaned


def test_a_short_database_outage_does_not_interrupt_a_job(transactional_db, job, report_always):
    held = claim(job)
    heartbeat = Heartbeat(held)

    close_connection()
    heartbeat(0.3)  # does not raise an error
    heartbeat(0.4)
    held.refresh_from_db()
    assert held.progress == pytest.approx(0.4)

    attempts = []

    def save():
        attempts.append(held)
        if len(attempts) == 1:
            close_connection()
        ToyJob.rows().update(result="done")

    assert queue.complete(held, save)
    held.refresh_from_db()
    assert (len(attempts), held.result) == (2, "done")


def close_connection():
    """Close the connection on the server, as a restart does."""
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])


def test_a_host_with_a_fast_clock_claims_no_leased_job(job, make_job, monkeypatch):
    assert claim(job)
    ahead = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: ahead)

    assert claim(job) is None
    assert claim(make_job())  # a new job can be claimed at once


def test_only_the_leases_of_running_jobs_are_live(job, make_job):
    running, ended = claim(job), claim(make_job())
    queue.complete(ended, do_nothing)

    assert queue.find_live_leases([running.lease, ended.lease]) == {running.lease}
