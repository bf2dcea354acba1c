"""Comparing two videos: asked for here, worked out by a worker, kept as an edit script."""

import time
from contextlib import ExitStack
from pathlib import Path

from django.db import transaction

from accounts.viewer import Viewer
from sage.errors import Conflict, Invalid
from sage.providers.local import PerceptualEmbedder
from sage.storage import storage
from videos import charging, embedding, jobs, rereading, sandbox
from videos.diff.interval import compare_clips
from videos.diff.recut import LEAST, MOST
from videos.jobs import Save, Watch
from videos.models import Comparison, Job, Video
from videos.sandbox import Refused


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
    storage.delete(_pictures(comparison))


def clear_up(job: Job) -> None:
    """After a worker let go of a comparison that has come to nothing: the pictures it had kept by then go."""
    if job.comparison and Job.objects.filter(pk=job.pk, status__in=[Job.Status.CANCELLED, Job.Status.FAILED]).exists():
        storage.delete(_pictures(job.comparison))


def _pictures(comparison: Comparison) -> str:
    return f"comparisons/{comparison.pk}"


def retry(comparison: Comparison) -> None:
    """Work it out again after it failed or was cancelled. Raises `Conflict` where it did not."""
    for side, video in (("A", comparison.video_a), ("B", comparison.video_b)):
        if not comparison.is_completed and (waits := rereading.why_it_waits(side, video)):
            raise Conflict(waits)
    with transaction.atomic():
        if not jobs.renew(comparison):
            raise Conflict("This comparison neither failed nor was cancelled, so there is nothing to retry.")
        charging.begin(comparison)


def set_threshold(comparison: Comparison, threshold: float | None) -> None:
    """Show the script at another threshold, or at the calibrated one again. Raises `Invalid` out of 0.01 to 0.5."""
    if threshold is not None and not LEAST <= threshold <= MOST:
        raise Invalid.field("threshold", f"Give a threshold from {LEAST} to {MOST}.", "out_of_range")
    comparison.threshold = threshold
    comparison.save(update_fields=["threshold", "updated_at"])


def work_out(comparison: Comparison, folder: Path, watch: Watch) -> Save:
    """The worker's part: hold both sides against each other; returns what writes the script."""
    began = time.monotonic()
    for side, video in (("A", comparison.video_a), ("B", comparison.video_b)):
        if waits := rereading.why_it_waits(side, video):
            raise Refused(waits)
    if comparison.mode == Comparison.Mode.INTERVAL:
        script, model = _by_interval(comparison), PerceptualEmbedder.model
    else:
        script, model = _by_content(comparison, folder, watch), ""
    taken = round(time.monotonic() - began, 2)

    def save() -> None:
        Comparison.everything.filter(pk=comparison.pk).update(script=script, embedding_model=model, seconds_taken=taken)

    return save


def _by_interval(comparison: Comparison) -> dict[str, object]:
    """Clips against clips; nothing is decoded. Raises `Refused` where a side has no vectors."""
    sides = []
    for side, video in (("A", comparison.video_a), ("B", comparison.video_b)):
        clips = embedding.clips_of(video, PerceptualEmbedder.model)
        if clips is None:
            raise Refused(f"Video {side} has to be read again before it can be compared in this way. Retry later.")
        sides.append(clips)
    return compare_clips(sides[0], sides[1], "euclidean" if comparison.metric == "euclidean" else "cosine")


def _by_content(comparison: Comparison, folder: Path, watch: Watch) -> dict[str, object]:
    """Run the engine on both sides and keep its pictures."""
    a, b = comparison.video_a, comparison.video_b
    pictures = folder / "pictures"
    pictures.mkdir()
    with ExitStack() as held:
        files = {
            "fingerprint_a": a.derived_key("fingerprint.bin"),
            "fingerprint_b": b.derived_key("fingerprint.bin"),
            "media_a": a.storage_key,
            "media_b": b.storage_key,
        }
        arguments = {
            name: str(held.enter_context(storage.local_copy(key, folder / "copies", watch)))
            for name, key in files.items()
        }
        script = sandbox.run(
            "videos.diff.compare:compare",
            {**arguments, "pictures": str(pictures)},
            watch,
            room=folder,
            reads=map(Path, arguments.values()),
        )
    for picture in sorted(pictures.iterdir()):
        storage.put_file(f"{_pictures(comparison)}/{picture.name}", picture, tick=watch)
    return dict(script)
