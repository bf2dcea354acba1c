"""Define the step that reads the text on screen of a video."""

from django.conf import settings
from django.db import transaction

from sage.errors import Conflict
from sage.jobs import queue
from sage.jobs.registry import Step
from videos.models import Job, Video
from videos.processing.pipeline import retry
from videos.transcripts.storage import restart_job


def is_enabled() -> bool:
    return bool(settings.SCREEN_TEXT)


def begin(video: Video) -> None:
    """Queue the reading of a video that has just become ready, if it has a file."""
    if is_enabled() and not video.is_youtube:
        job, is_new = Job.objects.get_or_create(video=video, kind=Job.Kind.SCREEN_TEXT)
        if is_new:
            queue.wake_workers(job)


def can_read(video: Video) -> bool:
    """Return whether the owner can start the reading: it is on, and was never queued for this video."""
    is_possible = is_enabled() and video.is_ready and not video.is_youtube
    return is_possible and not video.jobs.filter(kind=Job.Kind.SCREEN_TEXT).exists()


def restart(video: Video) -> None:
    """Read the text on screen of a ready video, also again. Raises `Conflict` if that is turned off."""
    if not (is_enabled() and video.is_ready and not video.is_youtube):
        raise Conflict("Text on screen cannot be read in this video now. Nothing was changed.")
    with transaction.atomic():
        restart_job(video, Job.Kind.SCREEN_TEXT)


def describe_absence(video: Video, job: Job | None) -> str:
    """Return why a video has no lines of text. `job` is the one that reads them, if there is one."""
    if video.is_youtube:
        return "Text on screen is not read in YouTube videos, because only YouTube has the file."
    if not video.is_ready:
        return "Text on screen is read when the video is processed."
    if video.is_screen_text_read:
        return "No text was found in the picture of this video."
    if job is None:
        return "Text on screen was not read in this video."
    if job.is_open:
        return "Text on screen is being read."
    if job.status == Job.Status.CANCELLED:
        return "The reading of text on screen was cancelled."
    return "Text on screen was not read."


SCREEN_TEXT = Step(
    model=Job,
    kind=Job.Kind.SCREEN_TEXT,
    run="videos.screen_text.steps.read_text",
    queue="low",
    retry=retry,
    label="Read text on screen",
    running_label="Reading text on screen",
    failure_message="Sage could not read the text on screen. Retry.",
    limit_message="This file needs more time or memory than allowed to read its text on screen.",
)
