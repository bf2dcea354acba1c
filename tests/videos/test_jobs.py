import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from videos import jobs
from videos.models import Job, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(alice):
    return Video.objects.create(owner=alice, title="v", filename="v.mp4", size=1, storage_key=f"videos/{uuid.uuid4()}")


@pytest.fixture
def job(video):
    return Job.objects.create(video=video, kind=Job.Kind.PROBE)


def nothing(*_):
    """Save or settle nothing."""


def test_a_job_is_claimed_once(job):
    held = jobs.claim(job.pk)

    assert (held.status, held.attempts) == (Job.Status.IN_PROGRESS, 1)
    assert jobs.claim(job.pk) is None


def test_a_lapsed_lease_lets_another_claim_it_and_the_first_writes_nothing(job):
    first = jobs.claim(job.pk)
    Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    second = jobs.claim(job.pk)
    written = []

    assert not jobs.finish(first, lambda: written.append("first"), nothing)
    assert jobs.finish(second, lambda: written.append("second"), nothing)
    assert not jobs.finish(second, lambda: written.append("again"), nothing)
    assert written == ["second"]


def test_a_job_that_waits_for_another_is_not_claimed_before_it(job, video):
    later = Job.objects.create(video=video, kind=Job.Kind.INGEST, after=job)
    assert jobs.claim(later.pk) is None

    jobs.finish(jobs.claim(job.pk), nothing, nothing)

    assert jobs.claim(later.pk)


def test_a_job_whose_workers_die_each_time_fails_in_the_end(job):
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs.claim(job.pk)
        Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))

    assert jobs.claim(job.pk) is None
    job.refresh_from_db()
    assert (job.status, job.error) == (Job.Status.FAILED, jobs.STOPPED_EACH_TIME)


def test_a_result_that_cannot_be_written_leaves_the_job_open(job):
    held = jobs.claim(job.pk)

    with pytest.raises(RuntimeError):
        jobs.finish(held, lambda: (_ for _ in ()).throw(RuntimeError("disk")), nothing)

    job.refresh_from_db()
    assert job.status == Job.Status.IN_PROGRESS


def test_reporting_renews_the_lease(job, monkeypatch):
    monkeypatch.setattr(jobs, "REPORT_EVERY_SECONDS", 0)
    held = jobs.claim(job.pk)
    Job.objects.update(lease_expires_at=timezone.now() + timedelta(seconds=1))

    jobs.Watch(held)(0.4)

    job.refresh_from_db()
    assert job.progress == pytest.approx(0.4)
    assert job.lease_expires_at > timezone.now() + timedelta(seconds=20)


def test_reporting_on_a_cancelled_job_stops_the_work(job, video, monkeypatch):
    monkeypatch.setattr(jobs, "REPORT_EVERY_SECONDS", 0)
    watch = jobs.Watch(jobs.claim(job.pk))

    assert jobs.cancel(video) == 1

    with pytest.raises(jobs.LostLease):
        watch(0.5)


def test_what_failed_runs_again_from_the_start(job, video):
    jobs.fail(jobs.claim(job.pk), "It broke.", nothing)

    assert jobs.renew(video) == 1
    again = jobs.claim(job.pk)
    assert (again.attempts, again.error, again.progress) == (1, "", 0)


def test_a_fault_puts_it_back_for_a_while(job):
    assert jobs.put_back(jobs.claim(job.pk))

    assert jobs.claim(job.pk) is None
    Job.objects.update(run_after=timezone.now())
    assert jobs.claim(job.pk).attempts == 2


def test_beat_finds_what_nobody_holds(job):
    assert jobs.nudge_waiting(older_than=timedelta(0)) == 1
    jobs.claim(job.pk)
    assert jobs.nudge_waiting(older_than=timedelta(0)) == 0


def test_two_workers_never_hold_one_job(transactional_db, alice):
    video = Video.objects.create(owner=alice, title="v", filename="v", size=1, storage_key="videos/x")
    job = Job.objects.create(video=video, kind=Job.Kind.PROBE)
    from concurrent.futures import ThreadPoolExecutor

    def attempt(_):
        try:
            return jobs.claim(job.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        held = [claimed for claimed in pool.map(attempt, range(24)) if claimed]

    assert len(held) == 1


@pytest.mark.parametrize("fields", [{}, {"both": True}])
def test_the_database_wants_a_job_of_exactly_one_thing(video, fields):
    from videos.models import Comparison

    made = Comparison.objects.create(owner=video.owner, video_a=video, video_b=video) if fields else None
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind=Job.Kind.PROBE, video=video if fields else None, comparison=made)


def test_the_database_wants_one_job_of_a_kind(job, video):
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(video=video, kind=Job.Kind.PROBE)


def test_a_broker_that_is_away_loses_no_job(job, settings, monkeypatch, django_capture_on_commit_callbacks):
    from celery import current_app
    from kombu.exceptions import OperationalError

    def away(*_, **__):
        raise OperationalError("connection refused")

    monkeypatch.setattr(current_app, "send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.nudge(job)

    assert jobs.claim(job.pk)


def test_a_job_is_nudged_once_until_that_is_heard(job, monkeypatch):
    sent = []
    monkeypatch.setattr("celery.current_app.send_task", lambda *_, **__: sent.append(job))

    jobs.nudge_waiting(timedelta(0)), jobs.nudge_waiting(timedelta(0))
    assert sent == [job]

    jobs.heard(job.pk)
    jobs.nudge_waiting(timedelta(0))
    assert len(sent) == 2


def test_a_place_that_is_away_costs_no_attempt_and_is_told(job):
    assert jobs.put_off(jobs.claim(job.pk), "The disk is full.")

    job.refresh_from_db()
    assert (job.status, job.attempts, job.waits, job.error) == (Job.Status.PENDING, 0, 1, "The disk is full.")
    Job.objects.update(run_after=timezone.now())
    first, second = timezone.now(), jobs.claim(job.pk)
    jobs.put_off(second, "The disk is full.")
    job.refresh_from_db()
    assert job.run_after - first > timedelta(seconds=9)  # twice as long as the first time


def test_a_database_that_is_away_for_a_while_costs_nothing(transactional_db, alice, monkeypatch):
    video = Video.objects.create(owner=alice, title="v", filename="v", size=1, storage_key="videos/x")
    held = jobs.claim(Job.objects.create(video=video, kind=Job.Kind.PROBE).pk)
    monkeypatch.setattr(jobs, "REPORT_EVERY_SECONDS", 0)
    watch = jobs.Watch(held)

    cut_off()
    watch(0.3)  # it goes on
    watch(0.4)
    held.refresh_from_db()
    assert held.progress == pytest.approx(0.4)

    tries = []

    def save():
        tries.append(held)
        if len(tries) == 1:
            cut_off()
        Video.objects.update(title="done")

    assert jobs.finish(held, save, nothing)
    assert (len(tries), Video.objects.get().title) == (2, "done")


def cut_off():
    """End the connection from the server's side, as a restart does."""
    import psycopg

    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])


def test_a_host_whose_clock_is_ahead_takes_nothing_that_is_held(job, monkeypatch):
    assert jobs.claim(job.pk)
    ahead = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: ahead)

    assert jobs.claim(job.pk) is None
    other = Job.objects.create(video=job.video, kind=Job.Kind.INGEST)
    assert jobs.claim(other.pk)  # nor does it make work wait until its own time
