"""Serve media over HTTP with range requests, so that players can seek (RFC 9110, section 14)."""

import asyncio
import email.utils
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import PurePath
from typing import Literal
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_http_date_safe

from sage.db_connections import release_connections
from sage.errors import NotFound, error_body
from sage.storage import storage
from sage.storage.base import Readable
from videos.models import Comparison, Video

CHUNK_BYTES = 256 * 1024
UNSATISFIABLE = (-1, -1)
DERIVED_TYPES = {".jpg": "image/jpeg", ".vtt": "text/vtt; charset=utf-8"}


def serve_file(
    request: HttpRequest, key: str, content_type: str, filename: str, cache: str = "private, max-age=3600"
) -> HttpResponseBase:
    """Serve the file under `key`: 200 whole, 206 one range, 304 not modified, 416 out of range.

    With `X_ACCEL_PREFIX` the response only names the file, and the proxy serves it. Raises `FileNotFoundError`.
    """
    stored = storage.stat(key)
    size, modified = stored.size, stored.modified
    etag = f'"{hashlib.sha256(f"{key} {size} {modified}".encode()).hexdigest()[:32]}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Last-Modified": email.utils.formatdate(modified, usegmt=True),
        "Cache-Control": cache,
        "Content-Disposition": content_disposition_header(False, filename) or "inline",
        "X-Content-Type-Options": "nosniff",
    }
    if settings.X_ACCEL_PREFIX:
        proxied = {name: headers[name] for name in ("Cache-Control", "Content-Disposition", "X-Content-Type-Options")}
        location = f"{settings.X_ACCEL_PREFIX}{quote(key)}"
        return HttpResponse(headers={**proxied, "X-Accel-Redirect": location}, content_type=content_type)
    if _is_not_modified(request, etag):
        return HttpResponse(status=304, headers=headers)
    wanted = _parse_range(request, size) if _is_range_valid(request, etag, modified) else None
    if wanted == UNSATISFIABLE:
        refused = error_body(
            "RANGE_NOT_SATISFIABLE", f"This file has {size} bytes. The requested range is outside the file."
        )
        return JsonResponse(refused, status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    start, end = wanted or (0, size)
    headers["Content-Length"] = str(end - start)
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if wanted else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers, content_type=content_type)
    return StreamingHttpResponse(
        _read_chunks(storage.open(key, start), end - start), status=status, headers=headers, content_type=content_type
    )


def serve_video(request: HttpRequest, video: Video) -> HttpResponseBase:
    """Serve the browser version of a video, or with `?original` the uploaded file.

    Remote storage is served by a redirect to a signed URL. Raises `NotFound` for a YouTube video.
    """
    if video.is_youtube:
        raise NotFound("Sage has no file of a YouTube video. Play it on YouTube, or upload the file.")
    return _serve_playable(request, video, PurePath(video.filename).stem, "original" in request.GET)


def serve_shared_video(request: HttpRequest, video: Video) -> HttpResponseBase:
    """Serve the playable file of a shared video, named after its title to hide the original file name."""
    return _serve_playable(request, video, video.safe_title, original=False)


def _serve_playable(request: HttpRequest, video: Video, name: str, original: bool) -> HttpResponseBase:
    key, filename = video.storage_key, f"{name}{PurePath(video.filename).suffix}"
    content_type = video.content_type if video.content_type.startswith("video/") else "video/mp4"
    if video.has_rendition and not original:
        key, filename, content_type = video.rendition_key, f"{name}.mp4", "video/mp4"
    if address := storage.address(key, content_type, filename):
        return HttpResponseRedirect(address, headers={"Cache-Control": "private, no-store"})
    # Browsers must revalidate, because the browser version may replace the original at any time.
    return _serve_or_404(request, key, content_type, filename, cache="private, no-cache")


def serve_derived(request: HttpRequest, video: Video, name: str) -> HttpResponseBase:
    """Serve a file that the analysis made, such as `poster.jpg`, `still-00000.jpg`, `sprites.vtt` or `times.f64`."""
    content_type = DERIVED_TYPES.get(PurePath(name).suffix, "application/octet-stream")
    return _serve_or_404(request, video.derived_key(name), content_type, name)


def serve_picture(
    request: HttpRequest, comparison: Comparison, index: int, side: Literal["a", "b"]
) -> HttpResponseBase:
    """Serve the picture of stored segment `index` on one side.

    Segments without a picture, such as those that differ only at another threshold, get the nearest still of the video.
    """
    try:
        return serve_file(request, comparison.picture_key(index, side), "image/jpeg", f"{index}-{side}.jpg")
    except FileNotFoundError:
        video = comparison.video_a if side == "a" else comparison.video_b
        return serve_derived(request, video, _find_nearest_still(comparison, video, index, side))


def _find_nearest_still(comparison: Comparison, video: Video, index: int, side: str) -> str:
    """Return the name of the still for a segment. Raises `NotFound` if the side has no part in it."""
    segments = (comparison.script or {}).get("segments", [])
    span = segments[index][side] if index < len(segments) else None
    if span is None or not video.stills:
        raise NotFound("This picture does not exist.")
    return video.find_still(*span)


def _serve_or_404(request: HttpRequest, key: str, content_type: str, filename: str, **how: str) -> HttpResponseBase:
    try:
        return serve_file(request, key, content_type, filename, **how)
    except FileNotFoundError as error:
        raise NotFound("This file does not exist. It may not be ready yet.") from error


def _parse_range(request: HttpRequest, size: int) -> tuple[int, int] | None:
    """Return the requested half-open byte range. None means the whole file.

    A missing header, another unit and several ranges all mean the whole file.
    """
    found = re.fullmatch(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", request.headers.get("Range", ""))
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        return (size - length, size) if length else UNSATISFIABLE
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        return UNSATISFIABLE
    return start, min(int(last) + 1, size) if last else size


def _is_range_valid(request: HttpRequest, etag: str, modified: float) -> bool:
    condition = request.headers.get("If-Range")
    if condition is None or condition.strip() == etag:
        return True
    return parse_http_date_safe(condition) == int(modified)


def _is_not_modified(request: HttpRequest, etag: str) -> bool:
    named = request.headers.get("If-None-Match", "")
    return "Range" not in request.headers and etag in (one.strip().removeprefix("W/") for one in named.split(","))


async def _read_chunks(file: Readable, left: int) -> AsyncIterator[bytes]:
    """Yield chunks without blocking the event loop. Close the file even if the client disconnects."""
    try:
        await release_connections()
        while left:
            piece = await asyncio.to_thread(file.read, min(CHUNK_BYTES, left))
            if not piece:
                break
            left -= len(piece)
            yield piece
    finally:
        file.close()
