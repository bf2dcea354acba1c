"""Provide the clip vectors that the interval mode compares. Both sides must have those of one model.

The web process queues the missing ones with a comparison, and the comparison waits for them.
"""

from django.conf import settings
from django.db import transaction

from sage.jobs import queue
from sage.jobs.errors import JobPostponed, JobRejected
from videos.fingerprint.version import PERCEPTUAL_MODEL
from videos.models import Comparison, Embedding, Job, Video
from videos.processing import clip_models


def choose_model(comparison: Comparison) -> str:
    """Return the model of a comparison: the hosted one if the owner can use it for both sides, or the local one."""
    model = clip_models.find_hosted_model(comparison.owner_id)
    others = [video for video in _list_lacking(comparison, model) if video.owner_id != comparison.owner_id]
    return PERCEPTUAL_MODEL if others else model or PERCEPTUAL_MODEL


def request_missing(comparison: Comparison) -> None:
    """Queue the jobs that embed the sides, also those that failed before. Call it in the transaction of a request."""
    if comparison.mode != Comparison.Mode.INTERVAL:
        return
    model = choose_model(comparison)
    if model != PERCEPTUAL_MODEL:
        for video in _list_lacking(comparison, model):
            _queue_clips(video, Job.Status.FAILED, Job.Status.CANCELLED, Job.Status.COMPLETED)


def wait_for_vectors(comparison: Comparison, model: str) -> None:
    """Return if both sides have vectors of `model`. Raises `JobPostponed` while they are made, else `JobRejected`."""
    lacking = _list_lacking(comparison, model)
    for video in lacking:
        side = "A" if video == comparison.video_a else "B"
        if model == PERCEPTUAL_MODEL:
            raise JobRejected(f"Video {side} must be processed again before its clips can be compared. Retry later.")
        with transaction.atomic():
            job = _queue_clips(video, Job.Status.COMPLETED)
        if job.status == Job.Status.FAILED:
            raise JobRejected(f"The shots of video {side}, “{video.title}”, could not be indexed. {job.error}")
        if job.status == Job.Status.CANCELLED:
            raise JobRejected(f"Indexing the shots of video {side}, “{video.title}”, was cancelled. Retry.")
    if lacking:
        raise JobPostponed(settings.CLIP_VECTOR_POLL_SECONDS)


def _list_lacking(comparison: Comparison, model: str) -> list[Video]:
    """Return the sides without clips of `model`. None if it is empty."""
    if not model:
        return []
    sides = [comparison.video_a, comparison.video_b]
    clips = Embedding.objects.filter(video__in=sides, model=model, scope=Embedding.Scope.CLIP)
    found = set(clips.order_by().values_list("video_id", flat=True).distinct())
    return [video for video in sides if video.pk not in found]


def _queue_clips(video: Video, *restarted: Job.Status) -> Job:
    """Return the job that embeds a video. Create it if it is missing; restart it if its status is in `restarted`."""
    job, is_new = Job.objects.select_for_update(of=("self",)).get_or_create(video=video, kind=Job.Kind.CLIPS)
    if is_new:
        queue.wake_workers(job)
    elif job.status in restarted:
        queue.restart(job)
    return job
