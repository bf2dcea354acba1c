"""Stream the status of a video as server-sent events."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings
from django.http import StreamingHttpResponse
from rest_framework.utils.encoders import JSONEncoder

from accounts.sessions.connections import CLOSE_TYPE
from accounts.viewer import Viewer
from sage.events import CHANNEL_ERRORS
from videos.api.serializers.videos import VideoReadSerializer
from videos.models import Video
from videos.topics import WORK

log = logging.getLogger(__name__)
MAX_SECONDS = float(settings.STREAM_SECONDS)
POLL_SECONDS = 3.0  # read the database this often in case a message was lost


def stream_status(
    viewer: Viewer, video: Video, ended_by: Iterable[str] = (), seconds: float = MAX_SECONDS
) -> StreamingHttpResponse:
    """Send `snapshot`, an `update` for each change, and `done` once no job is open.

    Each job is queued in the transaction that ends the one before, so a YouTube video without an open job has its
    metadata, transcript and summary, or they failed for good.

    The stream ends without `done` after `seconds`, or when a message to a channel group of `ended_by` closes it.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    events = _generate_events(viewer, video, tuple(ended_by), min(seconds, MAX_SECONDS))
    return StreamingHttpResponse(events, content_type="text/event-stream", headers=headers)


async def _generate_events(
    viewer: Viewer, video: Video, ended_by: tuple[str, ...], seconds: float
) -> AsyncIterator[str]:
    layer = get_channel_layer()
    assert layer is not None  # noqa: S101 - configured in the settings
    deadline = time.monotonic() + seconds
    channel, groups = await layer.new_channel(), (WORK.group_name(video.owner_id or video.pk), *ended_by)
    await _apply_to_groups(layer.group_add, groups, channel)
    try:
        data, is_open = await _read_video(viewer, video)
        yield _format_event("snapshot", data)
        while is_open and time.monotonic() < deadline:
            timeout = min(POLL_SECONDS, deadline - time.monotonic())
            if not await _wait_for_message(layer, channel, video.video_id, timeout):
                return
            previous, (data, is_open) = data, await _read_video(viewer, video)
            if data != previous:
                yield _format_event("update", data)
        if not is_open:
            yield _format_event("done", data)
    finally:
        await _apply_to_groups(layer.group_discard, groups, channel)


async def _apply_to_groups(action: Callable[[str, str], Awaitable[None]], groups: Iterable[str], channel: str) -> None:
    """Join or leave groups. If the channel layer is unavailable, the stream only polls the database."""
    try:
        for group in groups:
            await action(group, channel)
    except CHANNEL_ERRORS as error:
        log.warning("stream: the channel layer is unavailable: %s", error)


async def _wait_for_message(layer: Any, channel: str, video_id: str, seconds: float) -> bool:
    """Wait for a message about this video, at most `seconds`. Return False if the stream must end."""
    start = time.monotonic()
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            while True:
                event = await layer.receive(channel)
                if event["type"] == CLOSE_TYPE:
                    return False
                if event["message"].get("video_id") == video_id:
                    return True
    except CHANNEL_ERRORS:
        # This includes the timeout, an OSError. If the channel layer is unavailable, wait for the rest of the time.
        await asyncio.sleep(max(0.0, start + seconds - time.monotonic()))
        return True


@database_sync_to_async
def _read_video(viewer: Viewer, video: Video) -> tuple[dict[str, Any] | None, bool]:
    """Return the video as the API shows it, and whether a job is open. None and False if it was deleted."""
    current = Video.objects.with_entries_of(viewer).filter(pk=video.pk).prefetch_related("jobs").first()
    if current is None:
        return None, False
    return dict(VideoReadSerializer(current).data), any(job.is_open for job in current.jobs.all())


def _format_event(name: str, data: dict[str, Any] | None) -> str:
    return f"event: {name}\ndata: {json.dumps({'event': name, 'video': data}, cls=JSONEncoder)}\n\n"
