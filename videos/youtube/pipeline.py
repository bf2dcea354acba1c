"""Define the step that reads the metadata of a YouTube video, and the tasks of outside workers.

Metadata and transcript do not wait for each other. Other jobs follow the transcript, as for uploads.
"""

from typing import Any

from sage.jobs import queue
from sage.jobs.outside import Offer, TaskType
from sage.jobs.registry import Step
from videos import notifications
from videos.models import Job, Notice, Video
from videos.processing.pipeline import retry
from videos.transcripts.pipeline import ON_YOUTUBE, SUMMARY, TRANSCRIPT, is_on_youtube
from videos.youtube import results

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
    offer=Offer(name="metadata", condition=ON_YOUTUBE, applies=is_on_youtube),
    run="videos.youtube.steps.fetch_metadata",
    settle=settle,
    retry=retry,
    label="Read metadata",
    running_label="Reading metadata",
    failure_message="Sage could not read the title and duration of this video from YouTube. Retry.",
)
STEPS = (METADATA,)


def _identify(job: Job) -> str:
    return _get_video(job).video_id


def _describe(job: Job) -> dict[str, Any]:
    return {"video_id": _get_video(job).video_id}


def _get_video(job: Job) -> Video:
    assert job.video is not None  # noqa: S101 - the conditions of the offers require it
    return job.video


TASK_TYPES = (
    TaskType(
        step=TRANSCRIPT,
        payload="transcript",
        message="Fetch the captions of this video.",
        describe=_describe,
        identify=_identify,
        read_result=lambda job, value: results.read_transcript(_get_video(job), value),
    ),
    TaskType(
        step=METADATA,
        payload="metadata",
        message="Fetch the metadata of this video.",
        describe=_describe,
        identify=_identify,
        read_result=lambda job, value: results.read_metadata(_get_video(job), value),
    ),
    TaskType(
        step=SUMMARY,
        payload="summary",
        message="Summarise the transcript of this video.",
        describe=_describe,
        identify=_identify,
        read_result=lambda job, value: results.read_summary(_get_video(job), value),
    ),
)
