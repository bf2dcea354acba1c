"""What a video needs, in which order, and where it stands by what came of that."""

from celery import current_app
from django.db import transaction

from sage.errors import Conflict, InsufficientTokens, NotFound
from videos import charging, jobs, notices, versions
from videos.models import Job, Notice, Video

ORDER = (Job.Kind.PROBE, Job.Kind.INGEST)
NEEDED = ORDER  # for a video to be ready


def begin(video: Video) -> None:
    """Queue everything that a new video needs. Call it in the transaction that makes the row."""
    before = None
    for kind in ORDER:
        before = Job.objects.create(video=video, kind=kind, after=before)
        if before.after is None:
            jobs.nudge(before)


def settle(job: Job) -> None:
    """In the transaction that ended `job`: start what waited for it, and bring the video's own status up to date."""
    if job.status == Job.Status.COMPLETED:
        for follower in job.followers.all():
            jobs.nudge(follower)
    ended = Notice.Ended.WELL if job.status == Job.Status.COMPLETED else Notice.Ended.BADLY
    if job.comparison:
        notices.tell(job.comparison, ended)
        (charging.take if job.status == Job.Status.COMPLETED else charging.give_back)(job.comparison)
    if job.video_id is None or job.kind == Job.Kind.RENDITION:  # nothing waits for a copy
        return
    video = Video.everything.select_for_update(no_key=True).get(pk=job.video_id)
    if video.is_ready:  # it was read again, and is as ready as before whatever came of that
        transaction.on_commit(lambda: current_app.send_task("videos.tasks.reread", retry=False), robust=True)
        versions.compare_in_order(video)
        return
    if job.status == Job.Status.FAILED:
        _fail(video, job, job.error)
    elif not video.jobs.filter(kind__in=NEEDED).exclude(status=Job.Status.COMPLETED).exists():
        video.status, video.error = Video.Status.READY, ""
    video.save()
    if video.status in (Video.Status.READY, Video.Status.FAILED):
        notices.tell(video, ended)
    versions.compare_in_order(video)
    _settle_up(video, job)


def _fail(video: Video, job: Job, reason: str) -> None:
    """Nothing comes of `video`, nor of what waits for `job`."""
    for follower in job.followers.filter(status=Job.Status.PENDING):
        follower.status = Job.Status.CANCELLED
        follower.save()
    video.status, video.error = Video.Status.FAILED, reason


def _settle_up(video: Video, job: Job) -> None:
    """What it costs, as far as `job` has brought it. What its owner cannot pay for goes no further."""
    if video.is_ready:
        charging.take(video)
    elif video.status == Video.Status.FAILED:
        charging.give_back(video)
    elif job.kind == Job.Kind.PROBE and job.status == Job.Status.COMPLETED:
        try:
            charging.measure(video)
        except InsufficientTokens as error:
            for follower in job.followers.filter(kind=Job.Kind.INGEST, status=Job.Status.PENDING):
                jobs.refuse(follower, error.message)
            _fail(video, job, error.message)
            video.save()
            notices.tell(video, Notice.Ended.BADLY)
            versions.compare_in_order(video)
            charging.give_back(video)


def cancel(video: Video) -> None:
    """Stop all work on a video; the file is kept. Raises `Conflict` where nothing runs."""
    with transaction.atomic():
        if not jobs.cancel(video):
            raise Conflict("Nothing runs for this video any more, so there is nothing to cancel.")
        unready = Video.objects.filter(pk=video.pk).exclude(status=Video.Status.READY)
        stopped = unready.update(status=Video.Status.CANCELLED, error="")
        versions.compare_in_order(video)
        if stopped:
            charging.give_back(video)


def retry(video: Video) -> None:
    """Run again what failed or was cancelled. Raises `Conflict` where nothing did, 402 where it is not covered."""
    with transaction.atomic():
        if not jobs.renew(video):
            raise Conflict("Nothing failed for this video, so there is nothing to retry.")
        found = Video.objects.select_for_update(no_key=True).filter(pk=video.pk).first()
        if found is None:
            raise NotFound("This video was deleted meanwhile. Bring it back first, then retry.")
        if not found.is_ready:
            Video.objects.filter(pk=video.pk).update(status=Video.Status.PROCESSING, error="")
            charging.begin(video)
