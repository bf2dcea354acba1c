"""Define the steps that make a video ready, and update the video when its jobs end.

The code of the steps is named by dotted paths: only workers import it, because it imports numpy and PyAV.
"""

from collections.abc import Callable

from celery import current_app
from django.db import transaction

from sage.errors import Conflict, InsufficientTokens, NotFound
from sage.jobs import queue
from sage.jobs.registry import Step
from videos import charging, notifications
from videos.library import versions
from videos.models import Job, Notice, Video
from videos.processing import clip_models

NEEDED = (Job.Kind.PROBE, Job.Kind.INGEST, Job.Kind.CLIPS)  # for a video to be ready, in this order
TOO_LARGE = (
    "This file needs more time, memory or disk space than allowed. Export a shorter or smaller video and upload it."
)


_follow_ups: list[Callable[[Video], None]] = []  # see `register_follow_up`


def register_follow_up(begin_work: Callable[[Video], None]) -> None:
    """Add a function that queues further work on a video, in the transaction that made it ready."""
    if begin_work not in _follow_ups:
        _follow_ups.append(begin_work)


def begin(video: Video) -> None:
    """Queue the jobs that a new video needs. Call it in the transaction that creates the row.

    Clips are last, so that no provider is paid for a file that cannot be decoded.
    """
    previous = None
    for kind in NEEDED:
        if kind == Job.Kind.CLIPS and not clip_models.find_hosted_model(video.uploader.pk):
            continue  # the decode pass computes the vectors of the local model
        previous = Job.objects.create(video=video, kind=kind, after=previous)
        if previous.after is None:
            queue.wake_workers(previous)


def settle(job: Job) -> None:
    """Update the video, its charges and the comparisons of its versions, in the transaction that ended `job`."""
    assert job.video_id  # noqa: S101 - a constraint requires it
    video = Video.all_objects.select_for_update(no_key=True).get(pk=job.video_id)
    if video.is_ready:  # a reanalysis; the video stays ready even if it fails
        transaction.on_commit(
            lambda: current_app.send_task("videos.tasks.reread", queue="low", retry=False), robust=True
        )
        versions.compare_adjacent_versions(video)
        return
    if job.status == Job.Status.FAILED:
        _fail(video, job, job.error)
    elif not video.jobs.filter(kind__in=NEEDED).exclude(status=Job.Status.COMPLETED).exists():
        video.status, video.error = Video.Status.READY, ""
    video.save()
    if video.status == Video.Status.READY:
        notifications.notify(video, Notice.Ended.WELL)
        for begin_work in _follow_ups:
            begin_work(video)
    elif video.status == Video.Status.FAILED:
        notifications.notify(video, Notice.Ended.BADLY)
    versions.compare_adjacent_versions(video)
    _settle_charges(video, job)


def _fail(video: Video, job: Job, reason: str) -> None:
    """Set `video` to failed, without saving it, and cancel the jobs that wait for `job`."""
    _cancel_followers(job)
    video.status, video.error = Video.Status.FAILED, reason


def _cancel_followers(job: Job) -> None:
    for follower in job.followers.all():
        if follower.status == Job.Status.PENDING:
            follower.status = Job.Status.CANCELLED
            follower.save()
        _cancel_followers(follower)


def _settle_charges(video: Video, job: Job) -> None:
    """Capture, release or adjust the hold. Fail the video if its measured duration is not covered."""
    if video.is_ready:
        charging.capture(video)
    elif video.status == Video.Status.FAILED:
        charging.release(video)
    elif job.kind == Job.Kind.PROBE and job.status == Job.Status.COMPLETED:
        try:
            charging.adjust(video)
        except InsufficientTokens as error:
            for follower in job.followers.filter(kind=Job.Kind.INGEST, status=Job.Status.PENDING):
                queue.reject(follower, error.message)
            _fail(video, job, error.message)
            video.save()
            notifications.notify(video, Notice.Ended.BADLY)
            versions.compare_adjacent_versions(video)
            charging.release(video)


def cancel(video: Video) -> None:
    """Cancel the processing of a video and keep its file. Raises `Conflict` if nothing is running."""
    if video.is_youtube:
        raise Conflict("This YouTube video is shared by all users of this site, so its processing cannot be cancelled.")
    with transaction.atomic():
        if not queue.cancel(Job.objects.of(video)):
            raise Conflict("This video is not being processed, so there is nothing to cancel.")
        unready = Video.objects.filter(pk=video.pk).exclude(status=Video.Status.READY)
        stopped = unready.update(status=Video.Status.CANCELLED, error="")
        versions.compare_adjacent_versions(video)
        if stopped:
            charging.release(video)


def retry(video: Video) -> None:
    """Restart the jobs that failed or were cancelled. Raises `Conflict` if there are none, and `InsufficientTokens`."""
    with transaction.atomic():
        if not queue.retry(Job.objects.of(video)):
            raise Conflict("Nothing failed for this video, so there is nothing to retry.")
        locked = Video.objects.select_for_update(no_key=True).filter(pk=video.pk).first()
        if locked is None:
            raise NotFound("This video was deleted. Restore it first, then retry.")
        if not locked.is_ready:
            Video.objects.filter(pk=video.pk).update(status=Video.Status.PROCESSING, error="")
            charging.hold(video)


def cancel_hosted_clips(job: Job) -> None:
    """Delete what a cancelled or failed job has begun at a provider."""
    from videos.processing import clip_embedding  # it loads numpy, which only workers do

    clip_embedding.clean_up(job)


def _choose_queue(job: Job) -> str:
    """Return the queue low for the reanalysis of a ready video, because no user waits for it."""
    return "low" if job.video and job.video.is_ready else "medium"


PROBE = Step(
    model=Job,
    kind=Job.Kind.PROBE,
    run="videos.processing.steps.probe",
    settle=settle,
    retry=retry,
    label="Check file",
    running_label="Checking file",
    failure_message="Sage could not check this file because the decoder crashed. Export the video again and upload it.",
    limit_message=TOO_LARGE,
)
INGEST = Step(
    model=Job,
    kind=Job.Kind.INGEST,
    queue=_choose_queue,
    run="videos.processing.steps.ingest",
    settle=settle,
    retry=retry,
    label="Process video",
    running_label="Processing video",
    failure_message="Sage could not process this video because the decoder crashed. Export it again and upload it.",
    limit_message=TOO_LARGE,
)
CLIPS = Step(
    model=Job,
    kind=Job.Kind.CLIPS,
    run="videos.processing.clip_embedding.embed_clips",
    settle=settle,
    clean_up=cancel_hosted_clips,
    retry=retry,
    label="Index shots",
    running_label="Indexing shots",
    failure_message="Sage could not index the shots of this video. Retry.",
)
RENDITION = Step(
    model=Job,
    kind=Job.Kind.RENDITION,
    run="videos.processing.steps.rendition",
    retry=retry,
    label="Create browser-compatible copy",
    running_label="Creating browser-compatible copy",
    failure_message="Sage could not create a copy that browsers can play. The original is kept. Retry, or download it.",
)
STEPS = (PROBE, INGEST, CLIPS, RENDITION)
