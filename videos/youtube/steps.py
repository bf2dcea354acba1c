"""Run the jobs of YouTube videos, and fetch their thumbnails. Only workers import this module."""

import base64
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings

from sage.errors import ApplicationError
from sage.jobs.errors import JobRejected, LeftToOthers
from sage.jobs.heartbeat import Heartbeat
from sage.jobs.registry import Save
from sage.storage import storage
from videos.models import Job, Video
from videos.sandbox import runner, scratch
from videos.sandbox.errors import InputRejected, SandboxError
from videos.transcripts.languages import normalise_language
from videos.youtube import fetcher, results
from videos.youtube.errors import YouTubeRefused, YouTubeUnreachable

PICTURE_LIMITS = runner.SandboxLimits(
    wall_seconds=30, cpu_seconds=20, memory_bytes=1024**3, output_bytes=4 * 1024**2, open_files=64
)


def fetch_metadata(job: Job, heartbeat: Heartbeat) -> Save:
    """Read the metadata of a YouTube video."""
    video = _get_video(job)
    return _read(results.read_metadata, video, _fetch("metadata", video, heartbeat))


def fetch_transcript(job: Job, heartbeat: Heartbeat) -> Save:
    """Fetch the captions of a YouTube video."""
    video = _get_video(job)
    found = _fetch("captions", video, heartbeat)
    return _read(results.read_transcript, video, found["cues"], normalise_language(found["language"]))


def _get_video(job: Job) -> Video:
    assert job.video is not None  # noqa: S101 - these kinds have a video
    return job.video


def _fetch(kind: str, video: Video, tick: Callable[[], None]) -> Any:
    try:
        return fetcher.fetch(kind, video.youtube_id, settings.YOUTUBE_GATEWAY, tick)
    except YouTubeRefused as error:
        raise JobRejected(str(error)) from error
    except YouTubeUnreachable as error:
        raise LeftToOthers(str(error)) from error


def _read(read: Callable[..., Save], *values: Any) -> Save:
    """Return the function that stores a value. What YouTube sends in a wrong form cannot be stored later either."""
    try:
        return read(*values)
    except ApplicationError as error:
        raise JobRejected(f"{error.message} Upload a transcript instead.") from error


def store_thumbnail(video_id: uuid.UUID) -> None:
    """Fetch the thumbnail of a YouTube video and store it as its poster, rendered anew in the sandbox.

    Raises `YouTubeUnreachable`.
    """
    video = Video.all_objects.filter(pk=video_id, source=Video.Source.YOUTUBE).first()
    if video is None:
        return
    try:
        picture = base64.b64decode(fetcher.fetch("thumbnail", video.youtube_id, settings.YOUTUBE_GATEWAY))
        with scratch.open_folder("thumbnail") as folder:
            source, target = folder / "thumbnail.jpg", folder / "poster.jpg"
            source.write_bytes(picture)
            arguments = {"path": str(source), "target": str(target)}
            runner.run_in_sandbox(
                "videos.media.avatar:write_thumbnail", arguments, limits=PICTURE_LIMITS, room=folder, reads=[source]
            )
            storage.put_file(video.derived_key("poster.jpg"), target, "image/jpeg")
    except (YouTubeRefused, SandboxError, InputRejected):
        return  # the video is shown without a picture
    Video.all_objects.filter(pk=video.pk).update(has_thumbnail=True)
