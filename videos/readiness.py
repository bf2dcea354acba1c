"""How a video gets ready, told as server-sent events to whoever waits for it."""

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

from accounts.presence import LEAVE
from sage.events import AWAY, group_of
from videos.models import Video
from videos.serializers import VideoRead

log = logging.getLogger(__name__)
LASTS_SECONDS = float(settings.STREAM_SECONDS)
LOOK_AGAIN_SECONDS = 3.0  # where no news came: they may have been lost on the way


def stream(video: Video, ended_by: Iterable[str] = (), lasts: float = LASTS_SECONDS) -> StreamingHttpResponse:
    """`snapshot`, an `update` for each change, `done` once no job is open; at 60 s it just ends.

    It ends as well when a group of `ended_by` is told to leave, and after `lasts` seconds where that is sooner.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(
        _events(video, tuple(ended_by), lasts), content_type="text/event-stream", headers=headers
    )


async def _events(video: Video, ended_by: tuple[str, ...], lasts: float) -> AsyncIterator[str]:
    layer = get_channel_layer()
    assert layer is not None  # noqa: S101 - the settings name one
    ends = time.monotonic() + min(lasts, LASTS_SECONDS)
    channel, groups = await layer.new_channel(), (group_of(video.owner_id), *ended_by)
    await _each(layer.group_add, groups, channel)
    try:
        shown, is_open = await _read(video)
        yield _event("snapshot", shown)
        while is_open and time.monotonic() < ends:
            if not await _goes_on(layer, channel, str(video.pk), min(LOOK_AGAIN_SECONDS, ends - time.monotonic())):
                return
            before, (shown, is_open) = shown, await _read(video)
            if shown != before:
                yield _event("update", shown)
        if not is_open:
            yield _event("done", shown)
    finally:
        await _each(layer.group_discard, groups, channel)


async def _each(act: Callable[[str, str], Awaitable[None]], groups: Iterable[str], channel: str) -> None:
    """Join or leave groups. Without the news channel the stream goes by the database alone."""
    try:
        for group in groups:
            await act(group, channel)
    except AWAY as error:
        log.warning("readiness: no news: %s", error)


async def _goes_on(layer: Any, channel: str, video_id: str, seconds: float) -> bool:
    """Wait until something is told of this video, for so long at most; False when its reader has left."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            while True:
                told = await layer.receive(channel)
                if told["type"] == LEAVE:
                    return False
                if told["message"].get("video_id") == video_id:
                    return True
    except AWAY:  # nothing came in time, which is an OSError too; or no news comes at all, and the time is waited out
        await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
        return True


@database_sync_to_async
def _read(video: Video) -> tuple[dict[str, Any] | None, bool]:
    """The video as the API shows it, and whether work on it goes on. Nothing, once it is deleted."""
    now = Video.objects.filter(pk=video.pk).prefetch_related("jobs").first()
    if now is None:
        return None, False
    return dict(VideoRead(now).data), any(job.is_open for job in now.jobs.all())


def _event(name: str, shown: dict[str, Any] | None) -> str:
    return f"event: {name}\ndata: {json.dumps({'event': name, 'video': shown}, cls=JSONEncoder)}\n\n"
