"""Comparing two videos: asked for here, worked out by a worker, kept as an edit script."""

from contextlib import suppress

from django.db import transaction

from accounts.viewer import Viewer
from sage.errors import Conflict, Invalid, NotFound
from sage.storage import StorageAway, storage
from videos import charging, jobs, rereading
from videos.diff.recut import LEAST, MOST
from videos.models import Comparison, Job, Video


def compare(
    viewer: Viewer,
    a: Video,
    b: Video,
    *,
    mode: str = Comparison.Mode.ALIGNED,
    metric: str = "",
    threshold: float | None = None,
) -> Comparison:
    """Queue the comparison of `a` (before) with `b` (after). Raises `Invalid` or `Conflict` with what to do.

    `metric` is the interval mode's, cosine unless something else is said. No threshold: the calibrated one.
    """
    if viewer.user is None:
        raise Invalid.field("video_a", "Sign in to compare videos.", "forbidden")
    if a == b:
        raise Invalid.field("video_b", "A and B are the same video, so nothing differs. Choose another one.", "same")
    for side, video in (("A", a), ("B", b)):
        if not video.is_ready:
            raise Conflict(_not_ready(side, video))
        if waits := rereading.why_it_waits(side, video):
            raise Conflict(waits)
    metric = (metric or Comparison.Metric.COSINE) if mode == Comparison.Mode.INTERVAL else ""
    with transaction.atomic():
        made = Comparison.objects.create(
            owner=viewer.user, video_a=a, video_b=b, mode=mode, metric=metric, threshold=threshold
        )
        jobs.nudge(Job.objects.create(comparison=made, kind=Job.Kind.COMPARE))
        charging.begin(made)
    return made


def _not_ready(side: str, video: Video) -> str:
    if video.status == Video.Status.PROCESSING:
        return f"Video {side}, “{video.title}”, is still being read. Compare again when it is ready."
    if video.status == Video.Status.FAILED:
        return f"Video {side}, “{video.title}”, could not be read, so it cannot be compared. {video.error}"
    return f"Reading of video {side}, “{video.title}”, was cancelled. Retry that first, then compare."


def cancel(comparison: Comparison) -> None:
    """Stop the work on it and leave nothing half-done. Raises `Conflict` where none goes on."""
    with transaction.atomic():
        if not jobs.cancel(comparison):
            raise Conflict("This comparison has ended already, so there is nothing to cancel.")
        charging.give_back(comparison)
    with suppress(StorageAway):  # it is done; they go with the comparison, or a retry writes over them
        storage.delete(pictures_of(comparison))


def clear_up(job: Job) -> None:
    """After a worker let go of a comparison that has come to nothing: the pictures it had kept by then go."""
    if job.comparison and Job.objects.filter(pk=job.pk, status__in=[Job.Status.CANCELLED, Job.Status.FAILED]).exists():
        storage.delete(pictures_of(job.comparison))


def pictures_of(comparison: Comparison) -> str:
    return f"comparisons/{comparison.pk}"


def retry(comparison: Comparison) -> None:
    """Work it out again after it failed or was cancelled. Raises `Conflict` where it did not."""
    for side, video in (("A", comparison.video_a), ("B", comparison.video_b)):
        if not comparison.is_completed and (waits := rereading.why_it_waits(side, video)):
            raise Conflict(waits)
    with transaction.atomic():
        if not jobs.renew(comparison):
            raise Conflict("This comparison neither failed nor was cancelled, so there is nothing to retry.")
        if not Comparison.objects.filter(pk=comparison.pk).exists():
            raise NotFound("This comparison was deleted meanwhile.")
        charging.begin(comparison)


def set_threshold(comparison: Comparison, threshold: float | None) -> None:
    """Show the script at another threshold, or at the calibrated one again. Raises `Invalid` out of 0.01 to 0.5."""
    if threshold is not None and not LEAST <= threshold <= MOST:
        raise Invalid.field("threshold", f"Give a threshold from {LEAST} to {MOST}.", "out_of_range")
    comparison.threshold = threshold
    comparison.save(update_fields=["threshold", "updated_at"])
