"""Define the step that reads the metadata of a YouTube video, and update the video when it ends.

Metadata and transcript do not wait for each other. Other jobs follow the transcript, as for uploads.
"""

from sage.jobs import queue
from sage.jobs.registry import Step
from videos import notifications
from videos.models import Job, Notice, Video
from videos.processing.pipeline import retry

FIRST_KINDS = (Job.Kind.METADATA, Job.Kind.TRANSCRIPT)


def begin(video: Video) -> None:
    """Queue the first jobs of a new YouTube video. Call it in the transaction that creates the row."""
    for kind in FIRST_KINDS:
        queue.wake_workers(Job.objects.create(video=video, kind=kind))


def settle(job: Job) -> None:
    """Update the video in the transaction that ended its metadata. A video that is ready stays ready."""
    assert job.video_id  # noqa: S101 - this kind has a video
    video = Video.all_objects.select_for_update(no_key=True).get(pk=job.video_id)
    if video.is_ready:
        return
    if job.status == Job.Status.COMPLETED:
        video.status, video.error = Video.Status.READY, ""
    else:
        video.status, video.error = Video.Status.FAILED, job.error
    video.save(update_fields=["status", "error", "updated_at"])
    notifications.notify(video, Notice.Ended.WELL if video.is_ready else Notice.Ended.BADLY)


METADATA = Step(
    model=Job,
    kind=Job.Kind.METADATA,
    run="videos.youtube.steps.fetch_metadata",
    settle=settle,
    retry=retry,
    label="Read metadata",
    running_label="Reading metadata",
    failure_message="Sage could not read the title and duration of this video from YouTube. Retry.",
)
STEPS = (METADATA,)
