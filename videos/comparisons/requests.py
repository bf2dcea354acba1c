"""Create, cancel and retry comparisons, and save their thresholds."""

from contextlib import suppress

from django.db import transaction

from accounts.viewer import Viewer
from sage.errors import Conflict, InvalidInput, NotFound
from sage.jobs import queue
from sage.storage import StorageUnavailable, storage
from videos import charging
from videos.comparisons import clip_vectors
from videos.comparisons.results import announce_result
from videos.diff.script.rethreshold import MAX_THRESHOLD, MIN_THRESHOLD
from videos.models import Comparison, Job, Video
from videos.processing import reanalysis


def create_comparison(
    viewer: Viewer,
    a: Video,
    b: Video,
    *,
    mode: str = Comparison.Mode.ALIGNED,
    metric: str = "",
    threshold: float | None = None,
) -> Comparison:
    """Create a comparison of `a` (before) with `b` (after), and queue its job. Raises `InvalidInput` or `Conflict`.

    `metric` applies to the interval mode, with cosine as the default. Without a threshold the calibrated one applies.
    """
    if viewer.user is None:
        raise InvalidInput.field("video_a", "Sign in to compare videos.", "forbidden")
    if a == b:
        raise InvalidInput.field("video_b", "A and B are the same video. Choose another video.", "same")
    for side, video in (("A", a), ("B", b)):
        if video.is_youtube:
            raise Conflict(
                f"Video {side}, “{video.shown_title}”, is a YouTube video, so Sage cannot compare its pictures. "
                "Upload the file of the video, then compare."
            )
        if not video.is_ready:
            raise Conflict(_explain_not_ready(side, video))
        if obstacle := reanalysis.describe_obstacle(side, video):
            raise Conflict(obstacle)
    metric = (metric or Comparison.Metric.COSINE) if mode == Comparison.Mode.INTERVAL else ""
    with transaction.atomic():
        comparison = Comparison.objects.create(
            owner=viewer.user, video_a=a, video_b=b, mode=mode, metric=metric, threshold=threshold
        )
        clip_vectors.request_missing(comparison)
        queue.wake_workers(Job.objects.create(comparison=comparison, kind=Job.Kind.COMPARE))
        charging.hold(comparison)
    return comparison


def _explain_not_ready(side: str, video: Video) -> str:
    if video.status == Video.Status.PROCESSING:
        return f"Video {side}, “{video.title}”, is still processing. Compare again when it is ready."
    if video.status == Video.Status.FAILED:
        return f"Video {side}, “{video.title}”, could not be processed, so it cannot be compared. {video.error}"
    return f"Processing of video {side}, “{video.title}”, was cancelled. Retry it first, then compare."


def cancel_comparison(comparison: Comparison) -> None:
    """Cancel a comparison and delete its pictures. Raises `Conflict` if its job has ended."""
    with transaction.atomic():
        if not queue.cancel(Job.objects.of(comparison)):
            raise Conflict("This comparison has already ended, so there is nothing to cancel.")
        charging.release(comparison)
    with suppress(StorageUnavailable):  # a retry overwrites the pictures, and a purge deletes them
        storage.delete(comparison.pictures_key)


def retry_comparison(comparison: Comparison) -> None:
    """Queue a failed or cancelled comparison again. Raises `Conflict` if it neither failed nor was cancelled."""
    for side, video in (("A", comparison.video_a), ("B", comparison.video_b)):
        if not comparison.is_completed and (obstacle := reanalysis.describe_obstacle(side, video)):
            raise Conflict(obstacle)
    with transaction.atomic():
        if not queue.retry(Job.objects.of(comparison)):
            raise Conflict("This comparison neither failed nor was cancelled, so there is nothing to retry.")
        if not Comparison.objects.filter(pk=comparison.pk).exists():
            raise NotFound("This comparison was deleted.")
        clip_vectors.request_missing(comparison)
        charging.hold(comparison)


def set_threshold(comparison: Comparison, threshold: float | None) -> None:
    """Save another threshold, or None for the calibrated one. Raises `InvalidInput` if it is out of range."""
    if threshold is not None and not MIN_THRESHOLD <= threshold <= MAX_THRESHOLD:
        raise InvalidInput.field(
            "threshold", f"Enter a threshold from {MIN_THRESHOLD} to {MAX_THRESHOLD}.", "out_of_range"
        )
    with transaction.atomic():
        comparison.threshold = threshold
        comparison.save(update_fields=["threshold", "updated_at"])
        if comparison.script is not None:
            announce_result(comparison)
