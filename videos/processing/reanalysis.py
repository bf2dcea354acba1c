"""Process videos again if their fingerprints have the format of an earlier version of Sage.

Reanalysis runs on the queue low, one video at a time, the newest first. The video stays ready and can be played. It
cannot be compared until its fingerprint is up to date.
"""

from django.db import transaction
from django.db.models import Q

from sage.jobs import queue
from videos.fingerprint.version import FINGERPRINT_VERSION
from videos.models import Job, Video


def is_outdated(video: Video) -> bool:
    return video.fingerprint_version != FINGERPRINT_VERSION


@transaction.atomic
def queue_next() -> Job | None:
    """Queue the newest outdated video unless a reanalysis is open. Skip videos whose reanalysis failed."""
    jobs = Job.objects.filter(kind=Job.Kind.INGEST, video__status=Video.Status.READY, video__deleted_at=None)
    if jobs.open().exists():
        return None
    up_to_date = Q(video__fingerprint_version=FINGERPRINT_VERSION, video__has_sprites=True)
    outdated = jobs.filter(status=Job.Status.COMPLETED).exclude(up_to_date)
    job: Job | None = outdated.order_by("-video__created_at").select_for_update(skip_locked=True, of=("self",)).first()
    if job:
        queue.restart(job)
    return job


def find_job(video: Video) -> Job | None:
    """Return the job that reanalyses a ready video. None if the video is up to date."""
    if not video.is_ready or not is_outdated(video):
        return None
    return next((job for job in video.jobs.all() if job.kind == Job.Kind.INGEST), None)


def has_failed(video: Video) -> bool:
    """Return whether the reanalysis failed or was cancelled, so that the owner has to retry it."""
    job = find_job(video)
    return job is not None and job.status in (Job.Status.FAILED, Job.Status.CANCELLED)


def describe_obstacle(side: str, video: Video) -> str | None:
    """Return why a ready video cannot be compared yet, for its owner. None if it can."""
    if not is_outdated(video):
        return None
    subject = f"Video {side}, “{video.title}”, was processed by an earlier version of Sage and"
    if has_failed(video):
        return f"{subject} could not be processed again. Retry the processing, or upload the file again."
    return f"{subject} is being processed again. Try again when it is finished."
