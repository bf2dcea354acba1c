"""Define the steps that make the transcript, its passages and its summary."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from sage.errors import Conflict
from sage.jobs import queue
from sage.jobs.outside import Offer
from sage.jobs.registry import Step
from videos import notifications
from videos.models import Job, Notice, Video
from videos.processing.pipeline import retry
from videos.transcripts.storage import restart_job

OFF = "off"
ON_YOUTUBE = Q(video__source=Video.Source.YOUTUBE)  # outside workers have no file of an upload


def is_on_youtube(job: Job) -> bool:
    return job.video is not None and job.video.is_youtube


def is_speech_enabled() -> bool:
    return bool(settings.SPEECH_MODEL != OFF)


def begin(video: Video) -> None:
    """Queue the transcript of a video that has just become ready, if the file has sound or subtitles."""
    has_sound = bool(video.metadata.get("audio_tracks")) and is_speech_enabled()
    if has_sound or video.metadata.get("subtitle_tracks"):
        job, is_new = Job.objects.get_or_create(video=video, kind=Job.Kind.TRANSCRIPT)
        if is_new:
            queue.wake_workers(job)


def restart_speech(video: Video, language: str) -> None:
    """Recognise the speech of a video again, in `language` (ISO 639-1) or in the language that is detected.

    The result goes before other transcripts, which are kept. Raises `Conflict` if there is nothing to recognise.
    """
    if not (video.is_ready and video.metadata.get("audio_tracks") and is_speech_enabled()):
        raise Conflict("This video has no sound that Sage can recognise. Nothing was changed.")
    with transaction.atomic():
        restart_job(video, Job.Kind.TRANSCRIPT)
        Video.objects.filter(pk=video.pk).update(spoken_language=language, prefers_speech=True)


def request_transcript(video: Video) -> None:
    """Recognise the speech of a video whose transcript failed, was cancelled or was never created.

    Do nothing if there is nothing to recognise. Call it in a transaction.
    """
    jobs = Job.objects.of(video).filter(kind=Job.Kind.TRANSCRIPT)
    is_done = jobs.filter(status__in=[*Job.OPEN, Job.Status.COMPLETED]).exists()
    if video.is_ready and video.metadata.get("audio_tracks") and is_speech_enabled() and not is_done:
        restart_job(video, Job.Kind.TRANSCRIPT)


def settle(job: Job) -> None:
    """Notify the owner if the transcript failed."""
    if job.status == Job.Status.FAILED and job.video:
        notifications.notify(job.video, Notice.Ended.TRANSCRIPT_FAILED)


TRANSCRIPT = Step(
    model=Job,
    kind=Job.Kind.TRANSCRIPT,
    offer=Offer(name="transcript", condition=ON_YOUTUBE, applies=is_on_youtube),
    run="videos.transcripts.steps.make_transcript",
    settle=settle,
    retry=retry,
    label="Create transcript",
    running_label="Creating transcript",
    failure_message="Sage could not create a transcript. Retry, or upload a transcript.",
    limit_message="This file needs more time or memory than allowed for a transcript. Upload a transcript instead.",
)
PASSAGES = Step(
    model=Job,
    kind=Job.Kind.PASSAGES,
    run="videos.transcripts.steps.make_passages",
    retry=retry,
    label="Index transcript",
    running_label="Indexing transcript",
    failure_message="Sage could not index the transcript for search. Retry.",
)
SUMMARY = Step(
    model=Job,
    kind=Job.Kind.SUMMARY,
    offer=Offer(name="summary", condition=ON_YOUTUBE, applies=is_on_youtube),
    run="videos.transcripts.steps.make_summary",
    queue="low",
    retry=retry,
    label="Summarise",
    running_label="Summarising",
    failure_message="Sage could not summarise this video. Retry.",
)
STEPS = (TRANSCRIPT, PASSAGES, SUMMARY)
