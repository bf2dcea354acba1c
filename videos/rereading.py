"""Reading videos again that an earlier version of Sage has read, when fingerprints are made in a new way.

It goes on behind everything else, one video at a time, the newest first. Meanwhile a video stays ready and plays; only
comparing it has to wait.
"""

from django.db import transaction

from videos import jobs
from videos.diff.fingerprint import FINGERPRINT_VERSION
from videos.models import Job, Video


def is_outdated(video: Video) -> bool:
    return video.fingerprint_version != FINGERPRINT_VERSION


@transaction.atomic
def reread() -> Job | None:
    """Queue the next video that needs it, unless one is on its way. A video that could not be read again is let be."""
    again = Job.objects.filter(kind=Job.Kind.INGEST, video__status=Video.Status.READY, video__deleted_at=None)
    if again.open().exists():
        return None
    outdated = again.filter(status=Job.Status.COMPLETED).exclude(video__fingerprint_version=FINGERPRINT_VERSION)
    job = outdated.order_by("-video__created_at").select_for_update(skip_locked=True, of=("self",)).first()
    if job:
        jobs.restart(job)
    return job


def why_it_waits(side: str, video: Video) -> str | None:
    """Why a ready video cannot be compared right now, in words; None where it can."""
    if not is_outdated(video):
        return None
    before = f"Video {side}, “{video.title}”, was read by an earlier version of Sage and"
    ended = video.jobs.filter(kind=Job.Kind.INGEST, status__in=[Job.Status.FAILED, Job.Status.CANCELLED])
    if ended.exists():
        return f"{before} could not be read again. Upload it again to compare it."
    return f"{before} is being read again. Compare when that is done."
