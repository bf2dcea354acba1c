"""Claim jobs, renew their leases and end them.

A job is a row. The worker that runs it holds a lease, which each heartbeat renews. If the worker dies, the lease
expires and another worker claims the job. The result is written in the transaction that completes the row, and only
while the lease is held. A repeated message, a killed worker or a lost message therefore neither repeats nor loses work.

All times come from the database, because the clocks of hosts may differ by more than a lease.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from celery import current_app
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now
from kombu.exceptions import OperationalError as BrokerUnavailable
from redis.exceptions import RedisError

from sage.jobs import registry
from sage.jobs.models import AbstractJob, JobQuerySet
from sage.jobs.registry import Save

log = logging.getLogger(__name__)
J = TypeVar("J", bound=AbstractJob)
Status = AbstractJob.Status

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 4  # claims of a job, after which it fails
MAX_WAITS = 12  # postponements; together a bit more than an hour
LONGEST_WAIT = timedelta(minutes=10)
RUN_TASK = "sage.jobs.tasks.run_job"
CLEAN_UP_TASK = "sage.jobs.tasks.clean_up_cancelled"
WAKE_UP_EXPIRES_SECONDS = 600
WAKE_UP_DEDUPLICATION_SECONDS = 60  # a message is not repeated within this time unless it was acknowledged
ENDING_FIELDS = [
    "status",
    "error",
    "progress",
    "lease",
    "lease_expires_at",
    "completed_at",
    "stopped_by_deletion",
]
MAX_WAKE_UPS = 500  # messages per table and sweep
WORKER_LOST = "The worker stopped on every attempt. Nothing was deleted. Retry, or ask the operator of this site."


# --- Wake-up messages ---


def wake_workers(job: AbstractJob) -> None:
    """Send a wake-up message for a job when this transaction commits. `wake_for_waiting_jobs` repeats lost messages."""
    label, job_id, queue, offer = job._meta.label_lower, job.pk, job.step.choose_queue(job), job.step.offer
    delay = offer.announce(job) if offer else 0
    transaction.on_commit(lambda: send(label, job_id, queue, delay), robust=True)


def send(label: str, job_id: uuid.UUID, queue: str, delay_seconds: float = 0.0) -> None:
    """Send a wake-up message for a job, to arrive after `delay_seconds`, unless an earlier one is under way.

    The cache key for this is stored in the broker's Redis, so that losing the messages also clears the keys.
    """
    is_marked = False
    try:
        # A delayed message is not deduplicated: it dies with the worker that holds it, and the sweep must replace it.
        if not delay_seconds:
            is_marked = cache.add(_message_key(job_id), queue, WAKE_UP_DEDUPLICATION_SECONDS)
        if delay_seconds or is_marked:
            arguments = [label, str(job_id)]
            current_app.send_task(
                RUN_TASK,
                arguments,
                queue=queue,
                retry=False,
                countdown=delay_seconds or None,
                expires=WAKE_UP_EXPIRES_SECONDS,
            )
    except (BrokerUnavailable, RedisError, OSError) as error:
        log.warning("jobs: the broker is unavailable (%s); job %s waits for the next sweep", error, job_id)
        if is_marked:
            acknowledge(job_id)  # otherwise the sweep would take the message for one that is under way


def acknowledge(job_id: uuid.UUID | str) -> None:
    """Record that a wake-up message has arrived, so that the next one can be sent."""
    with suppress(RedisError, OSError):
        cache.delete(_message_key(job_id))


def _message_key(job_id: uuid.UUID | str) -> str:
    return f"nudged:{job_id}"


def wake_for_waiting_jobs(older_than: timedelta = timedelta(seconds=4)) -> int:
    """Send wake-up messages for the claimable jobs of every table. Return the number of jobs."""
    return sum(_wake_for_table(model, older_than) for model in registry.job_models())


def _wake_for_table(model: type[AbstractJob], older_than: timedelta) -> int:
    waiting = model.rows().claimable().filter(registry.match_own_jobs(model), run_after__lt=Now() - older_than)
    jobs = list(waiting.with_subjects()[:MAX_WAKE_UPS])
    for job in jobs:
        send(model._meta.label_lower, job.pk, job.step.choose_queue(job))
    return len(jobs)


# --- Claims ---


def claim(model: type[J], job_id: uuid.UUID | str) -> J | None:
    """Take a lease on a job. Return None if it is leased, ended, not due, of an unknown kind, or left to others.

    A job that has used up its attempts fails here.
    """
    return claim_first(model.rows().filter(registry.match_own_jobs(model), pk=job_id))


def claim_first(jobs: JobQuerySet[J], lease: timedelta = LEASE, keep_claims: int = 0) -> J | None:
    """Take a lease on the first claimable job of `jobs`. Jobs that have used up their attempts fail here.

    The last `keep_claims` leases of the job are kept in `external_id`.
    """
    while True:
        with transaction.atomic():
            job = jobs.claimable().select_for_update(skip_locked=True, of=("self",)).first()
            if job is None:
                return None
            if is_taken := job.attempts < MAX_ATTEMPTS:
                _take(job, lease, keep_claims)
            else:
                _end(job, Status.FAILED, WORKER_LOST)
                _settle(job)
        if is_taken:
            publish(job)
            return job


def _take(job: AbstractJob, lease: timedelta, keep_claims: int) -> None:
    job.status = Status.IN_PROGRESS
    job.attempts += 1
    job.lease = uuid.uuid4()
    job.lease_expires_at = Now() + lease
    if keep_claims:
        job.external_id = ",".join([str(job.lease), *job.external_id.split(",")][:keep_claims]).strip(",")
    if keep_claims or not job.external_id or job.started_at is None:  # otherwise it continues a task at a provider
        job.started_at = Now()
        job.progress = 0
    job.error = ""
    job.save()
    job.refresh_from_db(fields=["lease_expires_at", "started_at"])


def heartbeat(job: AbstractJob) -> bool:
    """Renew the lease and store the progress. Return False if the job is no longer held."""
    return bool(type(job).rows().held(job).update(progress=job.progress, lease_expires_at=Now() + LEASE))


def complete(job: AbstractJob, save: Save) -> bool:
    """Write the result and complete the job in one transaction. Return False if the job is no longer held."""
    return _end_held(job, Status.COMPLETED, "", save)


def complete_open(jobs: JobQuerySet[Any], save: Save) -> None:
    """Write a result that came from elsewhere, and complete the open job of `jobs` if there is one.

    A worker that runs it loses its lease.
    """
    with transaction.atomic():
        job = jobs.open().select_for_update(of=("self",)).first()
        save()
        if job is not None:
            _end(job, Status.COMPLETED)
            _settle(job)


def fail(job: AbstractJob, reason: str) -> bool:
    """Fail the job with a message for its owner. Return False if the job is no longer held."""
    return _end_held(job, Status.FAILED, reason, lambda: None)


def _end_held(job: AbstractJob, status: str, reason: str, save: Save) -> bool:
    def end() -> bool:
        with transaction.atomic():
            held = type(job).rows().held(job).select_for_update(of=("self",)).first()
            if held is None:
                return False
            save()
            _end(held, status, reason)
            _settle(held)
        return True

    return _repeat_on_disconnect(end)


def retry_later(job: AbstractJob, reason: str = "") -> bool:
    """Return a job to the queue after an unexpected error. The delay doubles with each attempt."""
    return _return_to_queue(job, delay=timedelta(seconds=2**job.attempts), error=reason)


def leave_to_others(job: AbstractJob, reason: str) -> bool:
    """Return a job to the queue that this site cannot do now. The attempt does not count.

    Outside workers may take it at once. The site tries again after a delay that grows: see `sage.jobs.outside`.
    """
    returned = _return_to_queue(
        job, delay=timedelta(0), attempts=job.attempts - 1, waits=job.waits + 1, progress=0, error=reason
    )
    if returned and job.step.offer:
        job.step.offer.announce(job)
        job.status, job.progress = Status.PENDING, 0
        publish(job)
    return returned


def postpone(job: AbstractJob, reason: str, seconds: float = 0.0) -> bool:
    """Return a job to the queue because storage or a provider is unavailable, or a disk is full.

    The attempt does not count. The delay doubles with each postponement, and is at least `seconds`.
    """
    delay = max(min(timedelta(seconds=5 * 2**job.waits), LONGEST_WAIT), timedelta(seconds=seconds))
    return _return_to_queue(job, delay=delay, attempts=job.attempts - 1, waits=job.waits + 1, error=reason)


def wait(job: AbstractJob, seconds: float) -> bool:
    """Return a job to the queue for `seconds`, for example until a provider has finished its part.

    The attempt does not count, and earlier postponements are forgotten, because the work goes well.
    """
    if not _return_to_queue(job, delay=timedelta(seconds=seconds), attempts=job.attempts - 1, waits=0):
        return False
    if seconds < WAKE_UP_DEDUPLICATION_SECONDS:  # later, the sweep is as good
        send(job._meta.label_lower, job.pk, job.step.choose_queue(job), seconds)
    return True


def store_external_id(job: AbstractJob, external_id: str) -> bool:
    """Store the ID of a task at a provider at once. Return False if the job is no longer held."""
    job.external_id = external_id
    return _repeat_on_disconnect(lambda: bool(type(job).rows().held(job).update(external_id=external_id)))


def release(job: AbstractJob) -> bool:
    """Return a job to the queue because the worker shuts down. The attempt does not count."""
    return _return_to_queue(job, delay=timedelta(0), attempts=job.attempts - 1, progress=0)


def _return_to_queue(job: AbstractJob, delay: timedelta, **fields: Any) -> bool:
    def update() -> bool:
        pending = {"status": Status.PENDING, "lease": None, "lease_expires_at": None}
        return bool(type(job).rows().held(job).update(**pending, run_after=Now() + delay, **fields))

    return _repeat_on_disconnect(update)


def _repeat_on_disconnect(write: Callable[[], bool]) -> bool:
    """Call `write`. Repeat it after a lost connection until the lease expires.

    `write` checks that the job is still held, so a commit whose confirmation was lost is not repeated.
    """
    deadline = time.monotonic() + LEASE.total_seconds()
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > deadline:
                raise
            connection.close()
            time.sleep(0.5)


# --- Commands of users ---


def cancel(jobs: JobQuerySet[Any], *, by_deletion: bool = False) -> int:
    """Cancel the open jobs among `jobs`. Running workers stop within a second. Return how many were cancelled.

    Jobs that were cancelled `by_deletion` are restarted by `resume`. All rows are locked, also those that have ended,
    so that none of them is retried at the same time.
    """
    with transaction.atomic():
        open_jobs = [job for job in jobs.select_for_update(of=("self",)) if job.is_open]
        for job in open_jobs:
            job.stopped_by_deletion = by_deletion
            _end(job, Status.CANCELLED, is_shown=not by_deletion)  # no page can load a deleted subject
            if job.external_id:
                transaction.on_commit(_request_clean_up, robust=True)
    return len(open_jobs)


def _request_clean_up() -> None:
    """Have a worker cancel the tasks at providers. `clean_up_cancelled_jobs` also runs every minute."""
    try:
        current_app.send_task(CLEAN_UP_TASK, queue="low", retry=False, expires=WAKE_UP_EXPIRES_SECONDS)
    except (BrokerUnavailable, RedisError, OSError) as error:
        log.warning("jobs: the broker is unavailable (%s); tasks at providers are cancelled later", error)


def clean_up_cancelled_jobs() -> int:
    """Clean up after the cancelled jobs that have a task at a provider. Return their number.

    A worker that runs such a job cleans up itself. This is for jobs that were waiting. Their `clean_up` clears the ID.
    """
    count = 0
    for model in registry.job_models():
        cancelled = model.rows().filter(status=Status.CANCELLED, kind__in=registry.kinds_of(model))
        for job in cancelled.exclude(external_id="").with_subjects()[:MAX_WAKE_UPS]:
            job.step.clean_up(job)
            count += 1
    return count


def retry(jobs: JobQuerySet[Any]) -> int:
    """Restart the jobs that failed or were cancelled. Return how many were restarted."""
    return _restart_all(jobs.filter(status__in=[Status.FAILED, Status.CANCELLED]))


def resume(jobs: JobQuerySet[Any]) -> int:
    """Restart the jobs that a deletion cancelled. Return how many were restarted."""
    return _restart_all(jobs.filter(status=Status.CANCELLED, stopped_by_deletion=True))


def _restart_all(jobs: JobQuerySet[Any]) -> int:
    with transaction.atomic():
        ended = list(jobs.select_for_update(of=("self",)))
        for job in ended:
            restart(job)
    return len(ended)


def restart(job: AbstractJob) -> None:
    """Run a job again from the start. Call it in the transaction that has locked the row."""
    job.status, job.attempts, job.waits, job.progress, job.error = Status.PENDING, 0, 0, 0, ""
    job.lease = job.lease_expires_at = job.started_at = job.completed_at = None
    job.stopped_by_deletion = False
    job.run_after = Now()
    job.save()
    wake_workers(job)


def reject(job: AbstractJob, reason: str) -> None:
    """Fail a pending job without running it. Call it in a transaction that keeps workers from claiming it."""
    _end(job, Status.FAILED, reason)


# --- Shared parts ---


def publish(job: AbstractJob) -> None:
    """Send the state of the job to the open pages of its audience when this transaction commits."""
    topic, event = job.topic, job.as_event()
    if topic is not None and event is not None:
        for user_id in job.list_audience():
            transaction.on_commit(partial(topic.publish, user_id, event), robust=True)


def find_live_leases(leases: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of `leases` that a running job of any table holds."""
    wanted = list(leases)
    live: set[uuid.UUID] = set()
    for model in registry.job_models():
        held = model.rows().filter(status=Status.IN_PROGRESS, lease__in=wanted)
        live.update(lease for lease in held.values_list("lease", flat=True) if lease)
    return live


def _end(job: AbstractJob, status: str, error: str = "", *, is_shown: bool = True) -> None:
    job.status, job.error = status, error
    job.lease = job.lease_expires_at = None
    job.completed_at = Now()
    if status == Status.COMPLETED:
        job.progress = 1
    job.save(update_fields=ENDING_FIELDS)
    if is_shown:
        publish(job)


def _settle(job: AbstractJob) -> None:
    """Start the followers of a completed job and call its step's `settle`, in the transaction that ended it."""
    if job.status == Status.COMPLETED:
        for follower in type(job).rows().filter(after=job):
            wake_workers(follower)
    job.step.settle(job)
