"""Comparing two videos: asked for here, worked out by a worker, kept as an edit script."""

import time
from contextlib import ExitStack
from pathlib import Path

from django.db import transaction

from accounts.viewer import Viewer
from sage.errors import Conflict, Invalid
from sage.storage import storage
from videos import jobs, sandbox
from videos.jobs import Save, Watch
from videos.models import Comparison, Job, Video


def compare(viewer: Viewer, a: Video, b: Video) -> Comparison:
    """Queue the comparison of `a` (before) with `b` (after). Raises `Invalid` or `Conflict` with what to do."""
    if viewer.user is None:
        raise Invalid.field("video_a", "Sign in to compare videos.", "forbidden")
    if a == b:
        raise Invalid.field("video_b", "A and B are the same video, so nothing differs. Choose another one.", "same")
    for side, video in (("A", a), ("B", b)):
        if not video.is_ready:
            raise Conflict(_not_ready(side, video))
    with transaction.atomic():
        made = Comparison.objects.create(owner=viewer.user, video_a=a, video_b=b)
        jobs.nudge(Job.objects.create(comparison=made, kind=Job.Kind.COMPARE))
    return made


def _not_ready(side: str, video: Video) -> str:
    if video.status == Video.Status.PROCESSING:
        return f"Video {side}, “{video.title}”, is still being read. Compare again when it is ready."
    if video.status == Video.Status.FAILED:
        return f"Video {side}, “{video.title}”, could not be read, so it cannot be compared. {video.error}"
    return f"Reading of video {side}, “{video.title}”, was cancelled. Retry that first, then compare."


def cancel(comparison: Comparison) -> None:
    if not jobs.cancel(comparison):
        raise Conflict("This comparison has ended already, so there is nothing to cancel.")


def retry(comparison: Comparison) -> None:
    if not jobs.renew(comparison):
        raise Conflict("This comparison neither failed nor was cancelled, so there is nothing to retry.")


def work_out(comparison: Comparison, folder: Path, watch: Watch) -> Save:
    """The worker's part: run the engine on both sides, keep its pictures, return what writes its script."""
    began = time.monotonic()
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
        arguments = {name: str(held.enter_context(storage.local_copy(key))) for name, key in files.items()}
        script = sandbox.run("videos.diff.compare:compare", {**arguments, "pictures": str(pictures)}, watch)
    for picture in sorted(pictures.iterdir()):
        storage.put_file(f"comparisons/{comparison.pk}/{picture.name}", picture)
        watch()
    taken = round(time.monotonic() - began, 2)

    def save() -> None:
        Comparison.everything.filter(pk=comparison.pk).update(script=script, seconds_taken=taken)

    return save
