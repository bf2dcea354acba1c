"""Reading videos again that an earlier version of Sage has read, when fingerprints are made in a new way.

It goes on behind everything else, one video at a time, the newest first. Meanwhile a video stays ready and plays; only
comparing it has to wait, and not even that where nothing but its sprites is missing.
"""

from django.db import transaction
from django.db.models import Q

from videos import jobs
from videos.diff.version import FINGERPRINT_VERSION
from videos.models import Job, Video


def is_outdated(video: Video) -> bool:
    return video.fingerprint_version != FINGERPRINT_VERSION


@transaction.atomic
def reread() -> Job | None:
    """Queue the next video that needs it, unless one is on its way. A video that could not be read again is let be."""
    again = Job.objects.filter(kind=Job.Kind.INGEST, video__status=Video.Status.READY, video__deleted_at=None)
    if again.open().exists():
        return None
    up_to_date = Q(video__fingerprint_version=FINGERPRINT_VERSION, video__has_sprites=True)
    outdated = again.filter(status=Job.Status.COMPLETED).exclude(up_to_date)
    job = outdated.order_by("-video__created_at").select_for_update(skip_locked=True, of=("self",)).first()
    if job:
        jobs.restart(job)
    return job


def job_of(video: Video) -> Job | None:
    """The job that reads a ready video again; None where it is up to date."""
    if not video.is_ready or not is_outdated(video):
        return None
    return next((job for job in video.jobs.all() if job.kind == Job.Kind.INGEST), None)


def could_not(video: Video) -> bool:
    """Whether it was to be read again and that came to nothing, so that it waits for somebody to retry."""
    job = job_of(video)
    return job is not None and job.status in (Job.Status.FAILED, Job.Status.CANCELLED)


def why_it_waits(side: str, video: Video) -> str | None:
    """Why a ready video cannot be compared right now, in words; None where it can."""
    if not is_outdated(video):
        return None
    before = f"Video {side}, “{video.title}”, was read by an earlier version of Sage and"
    if could_not(video):
        return f"{before} could not be read again. Retry that, or upload it again to compare it."
    return f"{before} is being read again. Compare when that is done."
