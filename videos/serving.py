"""Media over HTTP with `Range`, so that a player can seek: RFC 9110, section 14."""

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

from sage.errors import NotFound, error_body
from sage.storage import storage
from sage.storage.base import Readable
from sage.streaming import let_database_go
from videos.models import Comparison, Video

CHUNK = 256 * 1024
UNSATISFIABLE = (-1, -1)
DERIVED_TYPES = {".jpg": "image/jpeg", ".vtt": "text/vtt; charset=utf-8"}


def serve(
    request: HttpRequest, key: str, content_type: str, filename: str, cache: str = "private, max-age=3600"
) -> HttpResponseBase:
    """The file under `key`: 200 whole, 206 one range, 304 not modified, 416 out of range. Raises FileNotFoundError.

    Behind a proxy that hands files out itself (`X_ACCEL_PREFIX`), the answer only says which file that is.
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
        told = {name: headers[name] for name in ("Cache-Control", "Content-Disposition", "X-Content-Type-Options")}
        inside = f"{settings.X_ACCEL_PREFIX}{quote(key)}"
        return HttpResponse(headers={**told, "X-Accel-Redirect": inside}, content_type=content_type)
    if _not_modified(request, etag):
        return HttpResponse(status=304, headers=headers)
    wanted = _range(request, size) if _range_still_holds(request, etag, modified) else None
    if wanted == UNSATISFIABLE:
        refused = error_body("RANGE_NOT_SATISFIABLE", f"This file has {size} bytes; the range lies outside them.")
        return JsonResponse(refused, status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    start, end = wanted or (0, size)
    headers["Content-Length"] = str(end - start)
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if wanted else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers, content_type=content_type)
    return StreamingHttpResponse(
        _pieces(storage.open(key, start), end - start), status=status, headers=headers, content_type=content_type
    )


def video_file(request: HttpRequest, video: Video) -> HttpResponseBase:
    """The film: the copy that browsers play where there is one, unless `?original` asks for the file as it came.

    It comes from here, or by way of a signed address where it lies elsewhere.
    """
    return _film(request, video, PurePath(video.filename).stem, "original" in request.GET)


def shared_file(request: HttpRequest, video: Video) -> HttpResponseBase:
    """The film for whoever has a link: what plays, under the title that they see, whatever the file was called."""
    return _film(request, video, video.plain_title, original=False)


def _film(request: HttpRequest, video: Video, name: str, original: bool) -> HttpResponseBase:
    key, filename = video.storage_key, f"{name}{PurePath(video.filename).suffix}"
    content_type = video.content_type if video.content_type.startswith("video/") else "video/mp4"
    if video.has_rendition and not original:
        key, filename, content_type = video.rendition_key, f"{name}.mp4", "video/mp4"
    if address := storage.address(key, content_type, filename):
        return HttpResponseRedirect(address, headers={"Cache-Control": "private, no-store"})
    # A browser asks each time whether it is still that file: a copy may take its place while somebody waits for it.
    return _serve_or_say(request, key, content_type, filename, cache="private, no-cache")


def derived_file(request: HttpRequest, video: Video, name: str) -> HttpResponseBase:
    """What ingest made of a video: `poster.jpg`, `still-00000.jpg`, `sprites.vtt`, `times.f64` and the like."""
    content_type = DERIVED_TYPES.get(PurePath(name).suffix, "application/octet-stream")
    return _serve_or_say(request, video.derived_key(name), content_type, name)


def picture(request: HttpRequest, comparison: Comparison, index: int, side: Literal["a", "b"]) -> HttpResponseBase:
    """What stored segment `index` looks like on one side.

    Differences have a picture of their own. What is one only at another threshold, and those past the most that the
    engine takes pictures of, have the nearest still of the video instead.
    """
    try:
        return serve(request, comparison.picture_key(index, side), "image/jpeg", f"{index}-{side}.jpg")
    except FileNotFoundError:
        video = comparison.video_a if side == "a" else comparison.video_b
        return derived_file(request, video, _nearest_still(comparison, video, index, side))


def _nearest_still(comparison: Comparison, video: Video, index: int, side: str) -> str:
    """The name of the still of a segment. Raises `NotFound` where that has no such side."""
    segments = (comparison.script or {}).get("segments", [])
    span = segments[index][side] if index < len(segments) else None
    if span is None or not video.stills:
        raise NotFound("There is no picture of this.")
    return video.still_within(*span)


def _serve_or_say(request: HttpRequest, key: str, content_type: str, filename: str, **how: str) -> HttpResponseBase:
    try:
        return serve(request, key, content_type, filename, **how)
    except FileNotFoundError as error:
        raise NotFound("This file is not there. It may not have been made yet.") from error


def _range(request: HttpRequest, size: int) -> tuple[int, int] | None:
    """The half-open byte range asked for; None for the whole: no header, one we do not know, or several ranges."""
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


def _range_still_holds(request: HttpRequest, etag: str, modified: float) -> bool:
    condition = request.headers.get("If-Range")
    if condition is None or condition.strip() == etag:
        return True
    return parse_http_date_safe(condition) == int(modified)


def _not_modified(request: HttpRequest, etag: str) -> bool:
    named = request.headers.get("If-None-Match", "")
    return "Range" not in request.headers and etag in (one.strip().removeprefix("W/") for one in named.split(","))


async def _pieces(file: Readable, left: int) -> AsyncIterator[bytes]:
    """Read without holding up the event loop; closed also when the player goes away half-way."""
    try:
        await let_database_go()
        while left:
            piece = await asyncio.to_thread(file.read, min(CHUNK, left))
            if not piece:
                break
            left -= len(piece)
            yield piece
    finally:
        file.close()
