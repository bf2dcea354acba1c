"""The durable queue: claim, lease, progress, finish, retry, cancel.

A job is a row. Whoever works on it holds a lease, which each report renews and which lapses when its holder dies, so
that another may claim it. The result is written in the transaction that completes the row, and only by the holder: so a
second delivery, a killed worker or a lost message doubles and loses nothing.

Times are the database's own: the clocks of hosts may differ by more than a lease.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now
from kombu.exceptions import OperationalError as BrokerAway
from redis.exceptions import RedisError

from sage import events
from videos.models import Comparison, Job, Video
from videos.models.job import JobQuerySet

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 4
MAX_WAITS = 12  # a bit more than an hour in all
LONGEST_WAIT = timedelta(minutes=10)
NUDGE_LIVES_SECONDS = 600
NUDGED_SECONDS = 60  # for so long it is taken that a nudge is still on its way
STOPPED_EACH_TIME = "The worker stopped each time it tried this. The file was kept; retry, or ask the operator to look."
REPORT_EVERY_SECONDS = 0.5
Save = Callable[[], None]


class LostLease(Exception):
    """The job was cancelled, or somebody else holds it by now. Stop at once and write nothing."""


class Stopping(Exception):
    """This worker is shutting down. Stop at once; the job is put back for the next one."""


stopping = threading.Event()


def go_on() -> None:
    """Raise `Stopping` once this worker is told to shut down."""
    if stopping.is_set():
        raise Stopping


def nudge(job: Job) -> None:
    """Tell the workers, once this transaction is committed, that `job` waits. A lost nudge is repeated by beat."""
    queue = _queue(job.kind, job.video.status if job.video else None)
    transaction.on_commit(lambda: _send(job.pk, queue), robust=True)


def _queue(kind: str, video_status: str | None) -> str:
    """What is read again though it is ready goes behind what somebody waits for."""
    return "low" if kind == Job.Kind.INGEST and video_status == Video.Status.READY else "medium"


def _send(job_id: uuid.UUID | None, queue: str) -> None:
    """One message at a time for each job. The mark that says so lies where messages lie, so both are lost together."""
    try:
        if not cache.add(_mark(job_id), queue, NUDGED_SECONDS):
            return
        task, lives = "videos.tasks.run_job", NUDGE_LIVES_SECONDS
        current_app.send_task(task, [str(job_id)], queue=queue, retry=False, expires=lives)
    except (BrokerAway, RedisError, OSError) as error:
        log.warning("jobs: the broker is away (%s); job %s waits for beat", error, job_id)


def heard(job_id: uuid.UUID | str) -> None:
    """A nudge for this job has arrived: the next one may be sent."""
    with suppress(RedisError, OSError):
        cache.delete(_mark(job_id))


def _mark(job_id: uuid.UUID | str | None) -> str:
    return f"nudged:{job_id}"


def nudge_waiting(older_than: timedelta = timedelta(seconds=4)) -> int:
    """Nudge again for every job that nobody holds; return how many there were."""
    waiting = Job.objects.claimable().filter(run_after__lt=Now() - older_than)
    found = list(waiting.values_list("pk", "kind", "video__status")[:500])
    for identity, kind, video_status in found:
        _send(identity, _queue(kind, video_status))
    return len(found)


def claim(job_id: uuid.UUID | str, settle: Callable[[Job], None] = lambda job: None) -> Job | None:
    """Take the job, or None where it is held, done, cancelled or not its turn yet.

    One that was tried too often ends here as failed; `settle` then sees to what follows.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update(skip_locked=True, of=("self",)).claimable().filter(pk=job_id).first()
        if job is None:
            return None
        if job.attempts >= MAX_ATTEMPTS:
            _end(job, Job.Status.FAILED, STOPPED_EACH_TIME)
            settle(job)
            return None
        job.status = Job.Status.IN_PROGRESS
        job.attempts += 1
        job.lease = uuid.uuid4()
        job.lease_expires_at = Now() + LEASE
        job.started_at = Now()
        job.progress = 0
        job.error = ""
        job.save()
        job.refresh_from_db(fields=["lease_expires_at", "started_at"])
    tell(job)
    return job


class Watch:
    """Handed to whoever works on a job: call it often, with the progress from 0 to 1 where that is known.

    It renews the lease, publishes the progress, and raises `LostLease` as soon as the job is no longer ours.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._last = self._renewed = time.monotonic()

    def __call__(self, progress: float | None = None) -> None:
        go_on()
        if progress is not None:
            self.job.progress = min(max(progress, 0.0), 1.0)
        if time.monotonic() - self._last < REPORT_EVERY_SECONDS:
            return
        self._last = time.monotonic()
        if self._renew() and progress is not None:
            tell(self.job)

    def _renew(self) -> bool:
        """Whether the database could be told. While it is away the work goes on, for as long as the lease holds."""
        began = time.monotonic()
        try:
            held = Job.objects.held(self.job).update(progress=self.job.progress, lease_expires_at=Now() + LEASE)
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or began - self._renewed > LEASE.total_seconds():
                raise
            connection.close()  # the next look takes a new one
            return False
        if not held:
            raise LostLease
        self._renewed = began
        return True


def finish(job: Job, save: Save, settle: Callable[[Job], None]) -> bool:
    """Write the result and complete the job in one transaction, if it is still ours; `settle` sees to what follows."""
    return _end_held(job, Job.Status.COMPLETED, "", save, settle)


def fail(job: Job, reason: str, settle: Callable[[Job], None]) -> bool:
    """End the job for good with a plain sentence, if it is still ours."""
    return _end_held(job, Job.Status.FAILED, reason, lambda: None, settle)


def _end_held(job: Job, status: str, reason: str, save: Save, settle: Callable[[Job], None]) -> bool:
    def end() -> bool:
        with transaction.atomic():
            held = Job.objects.held(job).select_for_update(of=("self",)).first()
            if held is None:
                return False
            save()
            _end(held, status, reason)
            settle(held)
        return True

    return _patiently(end)


def put_back(job: Job) -> bool:
    """After a fault that may pass: let the job wait a little longer each time, then be tried again."""
    return _free(job, delay=timedelta(seconds=2**job.attempts))


def put_off(job: Job, reason: str) -> bool:
    """When a place that the job needs is away or full: let it wait, longer each time. The attempt does not count."""
    delay = min(timedelta(seconds=5 * 2**job.waits), LONGEST_WAIT)
    return _free(job, delay=delay, attempts=job.attempts - 1, waits=job.waits + 1, error=reason)


def let_go(job: Job) -> bool:
    """When the worker shuts down: the job waits for the next one, and this attempt does not count."""
    return _free(job, delay=timedelta(0), attempts=job.attempts - 1, progress=0)


def _free(job: Job, delay: timedelta, **facts: Any) -> bool:
    def free() -> bool:
        pending = {"status": Job.Status.PENDING, "lease": None, "lease_expires_at": None}
        return bool(Job.objects.held(job).update(**pending, run_after=Now() + delay, **facts))

    return _patiently(free)


def _patiently(write: Callable[[], bool]) -> bool:
    """Write, again where the database goes away meanwhile. Each `write` asks whether the job is still held, so one
    that came through unheard is not repeated."""
    deadline = time.monotonic() + LEASE.total_seconds()
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > deadline:
                raise
            connection.close()
            time.sleep(0.5)


def cancel(of: Video | Comparison, *, by_deletion: bool = False) -> int:
    """Cancel every open job; whoever works on one notices within a second. Returns how many there were.

    What was stopped `by_deletion` goes on by `resume`. The rows of all jobs are locked, so that none is retried
    meanwhile.
    """
    with transaction.atomic():
        open_jobs = [job for job in _jobs_of(of).select_for_update(of=("self",)) if job.is_open]
        for job in open_jobs:
            job.stopped_by_deletion = by_deletion
            _end(job, Job.Status.CANCELLED)
    return len(open_jobs)


def renew(of: Video | Comparison) -> int:
    """Let what failed or was cancelled run again from the start. Returns how many jobs that were."""
    return _restart_all(_jobs_of(of).filter(status__in=[Job.Status.FAILED, Job.Status.CANCELLED]))


def resume(of: Video | Comparison) -> int:
    """Let what a deletion stopped run again from the start. Returns how many jobs that were."""
    return _restart_all(_jobs_of(of).filter(status=Job.Status.CANCELLED, stopped_by_deletion=True))


def _restart_all(ended: JobQuerySet) -> int:
    with transaction.atomic():
        again = list(ended.select_for_update(of=("self",)))
        for job in again:
            restart(job)
    return len(again)


def refuse(job: Job, reason: str) -> None:
    """Let a job that waits come to nothing. Call it in the transaction that keeps anybody from claiming it."""
    _end(job, Job.Status.FAILED, reason)


def restart(job: Job) -> None:
    """Let a job that has ended run again from the start. Call it in the transaction that holds the row."""
    job.status, job.attempts, job.waits, job.progress, job.error = Job.Status.PENDING, 0, 0, 0, ""
    job.lease = job.lease_expires_at = job.completed_at = None
    job.stopped_by_deletion = False
    job.run_after = Now()
    job.save()
    nudge(job)


def tell(job: Job) -> None:
    """Tell the owner's open pages where the job stands, once this transaction is committed."""
    if job.video_id:
        owner = Video.everything.values_list("owner_id", flat=True).get(pk=job.video_id)
        message = {"video_id": str(job.video_id), "job": job.kind}
    else:
        owner = Comparison.everything.values_list("owner_id", flat=True).get(job=job)
        message = {"comparison_id": str(job.comparison_id)}
    news = {**message, "status": job.status, "progress": round(job.progress, 3)}
    transaction.on_commit(lambda: events.publish(owner, news), robust=True)


def _jobs_of(of: Video | Comparison) -> JobQuerySet:
    return Job.objects.filter(video=of) if isinstance(of, Video) else Job.objects.filter(comparison=of)


def _end(job: Job, status: str, error: str = "") -> None:
    job.status, job.error = status, error
    job.lease = job.lease_expires_at = None
    job.completed_at = Now()
    if status == Job.Status.COMPLETED:
        job.progress = 1
    job.save()
    tell(job)
