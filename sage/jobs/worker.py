"""Run one job: claim it, call its step, write the result or record the error."""

import logging
import uuid

from sage.jobs import queue
from sage.jobs.errors import DiskFull, JobPostponed, JobRejected, LeftToOthers, LimitExceeded, LostLease, WorkerStopping
from sage.jobs.heartbeat import Heartbeat
from sage.jobs.models import AbstractJob
from sage.outages import is_disk_full
from sage.storage import FileLost, StorageUnavailable

log = logging.getLogger(__name__)

DISK_FULL = "The disk of this site is full. Nothing was lost. The work continues when the operator has freed space."


def run(model: type[AbstractJob], job_id: uuid.UUID | str) -> None:
    """Run a job if it can be claimed. Errors of the work are recorded on the job, never raised."""
    queue.acknowledge(job_id)
    job = queue.claim(model, job_id)
    if job is None:
        return
    step = job.step
    try:
        save = step.load()(job, Heartbeat(job))
        if not queue.complete(job, save):
            raise LostLease
    except LostLease:
        log.info("worker: lost the lease of %s", job.pk)
        step.clean_up(job)
    except WorkerStopping:
        queue.release(job)
    except JobPostponed as pause:
        if pause.reason:
            _postpone(job, pause.reason, pause.seconds)
        else:
            queue.wait(job, pause.seconds)
    except (JobRejected, FileLost) as error:
        queue.fail(job, str(error))
        step.clean_up(job)
    except LeftToOthers as error:
        log.info("worker: %s %s was left to outside workers: %s", job.kind, job.pk, error)
        queue.leave_to_others(job, str(error))
    except LimitExceeded as error:
        log.warning("worker: %s %s exceeded a limit: %s", job.kind, job.pk, error)
        queue.fail(job, step.limit_message or step.failure_message)
    except Exception as error:  # noqa: BLE001 - an error of Sage or of the machine may pass, so the job is retried
        if reason := _describe_shortage(error):
            _postpone(job, reason)
        else:
            _retry_later(job)


def _describe_shortage(error: Exception) -> str:
    """Return the message for an unavailable storage or a full disk. Empty for any other error."""
    if isinstance(error, StorageUnavailable):
        return str(error)
    return DISK_FULL if isinstance(error, DiskFull) or is_disk_full(error) else ""


def _postpone(job: AbstractJob, reason: str, seconds: float = 0.0) -> None:
    """Postpone the job for at least `seconds`; fail it after `MAX_WAITS` postponements."""
    log.warning("worker: %s %s was postponed: %s", job.kind, job.pk, reason)
    if job.waits >= queue.MAX_WAITS:
        queue.fail(job, reason)
    else:
        queue.postpone(job, reason, seconds)


def _retry_later(job: AbstractJob) -> None:
    """Retry the job; fail it after `MAX_ATTEMPTS` attempts. Call it in an `except` block, which it logs."""
    log.exception("worker: %s %s failed on attempt %d", job.kind, job.pk, job.attempts)
    if job.attempts >= queue.MAX_ATTEMPTS:
        queue.fail(job, job.step.failure_message)
    else:
        queue.retry_later(job)
