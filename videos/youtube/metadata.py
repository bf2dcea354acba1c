"""Read the metadata of a YouTube video with yt-dlp. This module imports no Django code.

yt-dlp downloads no media here, reads no configuration file, loads no plugin and writes no cache.
"""

import os
from typing import Any

os.environ["YTDLP_NO_PLUGINS"] = "1"  # read when yt-dlp is imported

from yt_dlp import YoutubeDL
from yt_dlp.networking import Request, Response
from yt_dlp.networking.exceptions import RequestError, TransportError
from yt_dlp.utils import DownloadError, ExtractorError, UnsupportedError, YoutubeDLError

from videos.youtube import sentences
from videos.youtube.errors import YouTubeRefused, YouTubeUnreachable
from videos.youtube.gateway import rewrite_url

FIELDS = (
    "title",
    "uploader",
    "duration",
    "upload_date",
    "view_count",
    "like_count",
    "channel_url",
    "description",
    "thumbnail",
)
OPTIONS: dict[str, Any] = {
    "quiet": True,
    "no_warnings": True,
    "noprogress": True,
    "skip_download": True,
    "cachedir": False,
    "noplaylist": True,
    "allowed_extractors": ["youtube$"],
    "socket_timeout": 20,
    "extractor_retries": 1,
    "enable_file_urls": False,
    "js_runtimes": {},  # formats are not read
    # The response in the web page has the most metadata. The default clients help where it is refused.
    "extractor_args": {"youtube": {"player_client": ["default", "web"], "player_skip": ["js", "configs"]}},
}


class SilentLogger:
    """Drop the messages of yt-dlp. Its errors are raised."""

    def debug(self, message: str) -> None:
        """Drop a message."""

    info = warning = error = debug


class MetadataReader(YoutubeDL):
    """yt-dlp with the address of each request rewritten for the gateway."""

    def __init__(self, gateway: str) -> None:
        super().__init__({**OPTIONS, "logger": SilentLogger()}, auto_init="no_verbose_header")
        self._gateway = gateway

    def urlopen(self, req: Request | str) -> Response:
        """Send a request."""
        request = Request(req) if isinstance(req, str) else req
        request.url = rewrite_url(request.url, self._gateway)
        return super().urlopen(request)


def read_metadata(youtube_id: str, gateway: str = "") -> dict[str, Any]:
    """Return the fields of `FIELDS` that YouTube gives. Raises `YouTubeRefused` or `YouTubeUnreachable`."""
    with MetadataReader(gateway) as reader:
        try:
            found = reader.extract_info(
                f"https://www.youtube.com/watch?v={youtube_id}", download=False, ie_key="Youtube", process=False
            )
        except YoutubeDLError as error:
            raise explain_error(error) from error
    if not found or found.get("id") != youtube_id or not found.get("title"):
        raise YouTubeUnreachable(sentences.UNEXPECTED)
    metadata = {name: found[name] for name in FIELDS if found.get(name) is not None}
    if "uploader" not in metadata and found.get("channel"):
        metadata["uploader"] = found["channel"]
    metadata.setdefault("thumbnail", f"https://i.ytimg.com/vi/{youtube_id}/hqdefault.jpg")
    return metadata


def explain_error(error: YoutubeDLError) -> YouTubeRefused | YouTubeUnreachable:
    """Return the error for an error of yt-dlp. It names the cause by its message only, apart from network errors."""
    causes = list_causes(error)
    if any(isinstance(cause, UnsupportedError) for cause in causes):
        return YouTubeRefused(sentences.REMOVED)
    is_expected = any(isinstance(cause, ExtractorError) and cause.expected for cause in causes)
    network = next((cause for cause in causes if isinstance(cause, RequestError)), None)
    if network is not None:
        blocked = not isinstance(network, TransportError)  # YouTube answered with an error status
        return YouTubeUnreachable(sentences.BLOCKED if blocked else sentences.UNREACHABLE)
    if not is_expected:
        return YouTubeUnreachable(sentences.UNEXPECTED)
    extraction = next(cause for cause in causes if isinstance(cause, ExtractorError))
    return sentences.explain_reason(str(extraction.orig_msg))


def list_causes(error: BaseException) -> list[BaseException]:
    """Return an error and all errors that it wraps."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or one in found:
            continue
        found.append(one)
        wrapped = one.exc_info[1] if isinstance(one, DownloadError) and one.exc_info else None
        waiting += [wrapped, getattr(one, "cause", None), one.__cause__, one.__context__]
    return found
