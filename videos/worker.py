"""The worker's way through a job: claim it, do its step, write the result or say what went wrong."""

import logging
import uuid

from sage.storage import FileLost, StorageAway
from videos import comparison, jobs, sandbox
from videos.jobs import Watch
from videos.media.errors import FULL
from videos.models import Job
from videos.pipeline import settle
from videos.steps import STEPS

log = logging.getLogger(__name__)

TOO_MUCH = "This takes more time, memory or room than one file may use. Export it shorter or smaller, then upload that."
NO_ROOM = "The disk that Sage works on is full. Ask its operator to make room; then this goes on by itself."
TROUBLE = {
    Job.Kind.PROBE: "Sage could not look into this file: its decoder stopped. Export it again, then upload that.",
    Job.Kind.INGEST: "Sage could not read these pictures: the decoder stopped. Export it again, then upload that.",
    Job.Kind.RENDITION: "Sage could not make a copy that browsers play. The original is kept; retry, or download it.",
    Job.Kind.COMPARE: "The comparison stopped unexpectedly. Both videos are kept; retry it.",
}


def run(job_id: uuid.UUID | str) -> None:
    """Do one job, if it is there to be done. Never raises for what a video or a vendor does wrong."""
    jobs.heard(job_id)
    job = jobs.claim(job_id, settle)
    if job is None:
        return
    try:
        save = STEPS[Job.Kind(job.kind)](job, Watch(job))
        if not jobs.finish(job, save, settle):
            raise jobs.LostLease
    except jobs.LostLease:
        log.info("worker: %s was taken away", job.pk)
        comparison.clear_up(job)
    except jobs.Stopping:
        jobs.let_go(job)
    except (sandbox.Refused, FileLost) as error:
        jobs.fail(job, str(error), settle)
        comparison.clear_up(job)
    except sandbox.UsedUp as error:
        log.warning("worker: %s of %s: %s", job.kind, job.pk, error)
        jobs.fail(job, TROUBLE[Job.Kind.RENDITION] if job.kind == Job.Kind.RENDITION else TOO_MUCH, settle)
    except Exception as error:  # noqa: BLE001 - a fault of ours or of the machine: it may pass, so it is tried again
        if reason := _no_place(error):
            _put_off(job, reason)
        else:
            _try_again(job)


def _no_place(error: Exception) -> str:
    """What to say where the storage is away or a disk is full, which is no fault of the job; else nothing."""
    if isinstance(error, StorageAway):
        return str(error)
    full = isinstance(error, sandbox.NoRoom) or (isinstance(error, OSError) and error.errno in FULL)
    return NO_ROOM if full else ""


def _put_off(job: Job, reason: str) -> None:
    """Let it wait for its place, until that takes too long."""
    log.warning("worker: %s of %s waits: %s", job.kind, job.pk, reason)
    if job.waits >= jobs.MAX_WAITS:
        jobs.fail(job, reason, settle)
    else:
        jobs.put_off(job, reason)


def _try_again(job: Job) -> None:
    """Within an `except`: after a fault whose cause is not known."""
    log.exception("worker: %s of %s failed on attempt %d", job.kind, job.pk, job.attempts)
    if job.attempts >= jobs.MAX_ATTEMPTS:
        jobs.fail(job, TROUBLE[Job.Kind(job.kind)], settle)
    else:
        jobs.put_back(job)
