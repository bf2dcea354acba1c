"""Build what the page of a video shows of its text on screen."""

from typing import Any

from videos.models import Job, Video
from videos.screen_text import pipeline

MAX_SHOWN_LINES = 5_000  # on a page


def build_context(video: Video) -> dict[str, Any]:
    """Return the context of `videos/_screen_text.html`."""
    lines = list(video.screen_texts.defer("search", "box")[: MAX_SHOWN_LINES + 1])
    job = video.jobs.filter(kind=Job.Kind.SCREEN_TEXT).first()
    return {
        "screen_texts": lines[:MAX_SHOWN_LINES],
        "has_more_screen_texts": len(lines) > MAX_SHOWN_LINES,
        "screen_text_job": job,
        "screen_text_has_stopped": job is not None and job.status in (Job.Status.FAILED, Job.Status.CANCELLED),
        "screen_text_seconds_done": (job.progress if job else 0) * (video.duration or 0),
        "screen_text_absence": pipeline.describe_absence(video, job),
    }
