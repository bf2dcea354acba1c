"""Run the job that reads the text on screen. Only workers import this module.

The video is decoded and its frames are read in the sandbox, so that the models use no memory of the worker afterwards.
"""

from typing import Any, TypedDict

from django.contrib.postgres.search import SearchVector

from sage.jobs.heartbeat import Heartbeat
from sage.jobs.registry import Save
from sage.storage import storage
from videos.comparisons import screen_text as compared
from videos.models import Job, ScreenText, Video
from videos.sandbox import runner, scratch
from videos.search.languages import SIMPLE

BATCH_SIZE = 1_000  # rows per INSERT
MIN_SECONDS = 1800  # of the limits
BOX_KEYS = ("x", "y", "width", "height")


class ReadRow(TypedDict):
    """A line as the sandbox returns it: see `videos.media.screen_text.tracking.ScreenLine`."""

    start: float
    end: float
    text: str
    box: list[float]
    confidence: float


def read_text(job: Job, heartbeat: Heartbeat) -> Save:
    """Read the text on screen of a video and store it instead of the earlier lines."""
    video = job.video
    assert video  # noqa: S101 - this kind has a video
    duration = video.duration or 0.0
    with scratch.open_job_folder(job) as folder, storage.local_copy(video.storage_key, folder, heartbeat) as path:
        found: list[ReadRow] = runner.run_in_sandbox(
            "videos.media.screen_text.reading:read_screen_text",
            {"path": str(path), "duration": duration},
            heartbeat,
            calculate_limits(duration),
            room=folder,
            reads=[path],
        )

    def save() -> None:
        locked = Video.all_objects.select_for_update(no_key=True).get(pk=video.pk)
        replace_lines(locked, found)
        compared.refresh_comparisons(locked)

    return save


def calculate_limits(duration: float) -> runner.SandboxLimits:
    """Return the limits for a video of this duration in seconds: about ten times what it needs."""
    seconds = max(MIN_SECONDS, 2 * duration)
    return runner.SandboxLimits(wall_seconds=seconds, cpu_seconds=2 * int(seconds))


def replace_lines(video: Video, found: list[ReadRow]) -> None:
    """Store the lines of a video and their full-text index. Call it in a transaction."""
    video.screen_texts.all().delete()
    ScreenText.objects.bulk_create((_build_row(video, row) for row in found), batch_size=BATCH_SIZE)
    video.screen_texts.update(search=SearchVector("text", config=SIMPLE))
    Video.all_objects.filter(pk=video.pk).update(is_screen_text_read=True)


def _build_row(video: Video, row: ReadRow) -> ScreenText:
    box: dict[str, Any] = dict(zip(BOX_KEYS, (min(max(value, 0.0), 1.0) for value in row["box"]), strict=True))
    return ScreenText(
        video=video, start=row["start"], end=row["end"], text=row["text"], box=box, confidence=row["confidence"]
    )
