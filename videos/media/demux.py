"""Open an uploaded file safely and find its video stream.

FFmpeg's demuxers include playlists, concatenation scripts and image sequences, which open other files and addresses. A
list of allowed formats and protocols excludes them under any file name.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from videos.media.errors import MediaError
from videos.media.formats import FORMATS

MAX_SIDE = 16384  # pixels
MAX_PIXELS = 100_000_000  # pixels per frame
MAX_FRAME_RATE = 1000  # frames per second; higher declared rates are clock rates
MAX_DURATION_SECONDS = 24 * 3600.0  # seconds: 24 hours

NOT_A_VIDEO = "Sage cannot read this file as a video. Export it again as MP4."
CUT_SHORT = "This file is incomplete or damaged. Upload it again, or export it again."
NO_PICTURE = "This file has no picture, only audio or data. Choose a file that contains video."


@contextmanager
def open_container(path: str) -> Iterator[InputContainer]:
    """Open the demuxer of a local file. Raises MediaError if there is nothing to demux."""
    file = Path(path)
    if not file.is_file():
        raise MediaError(f"There is no file at {path}. Check the path.")
    if file.stat().st_size == 0:
        raise MediaError("This file is empty. Upload it again.")
    if not os.access(file, os.R_OK):
        raise MediaError(f"Sage has no permission to read {path}. Change its permissions.")
    limits = {"protocol_whitelist": "file", "format_whitelist": ",".join(FORMATS)}
    try:
        container = av.open(f"file:{file.absolute()}", mode="r", container_options=limits, metadata_errors="replace")
    except MemoryError:
        raise
    except (av.error.FFmpegError, ValueError, OSError) as problem:
        raise MediaError(CUT_SHORT if _has_container_signature(file) else NOT_A_VIDEO) from problem
    with container:
        yield container


def _has_container_signature(file: Path) -> bool:
    """Return whether the first bytes are those of a video container, so that the damage is further in."""
    with file.open("rb") as handle:
        head = handle.read(12)
    return head[4:8] in {b"ftyp", b"moov", b"mdat", b"free"} or head[:4] in {
        b"\x1aE\xdf\xa3",
        b"RIFF",
        b"OggS",
        b"FLV\x01",
    }


def find_video_stream(container: InputContainer) -> VideoStream:
    """Return the first video stream that is not a cover picture. Raises MediaError if there is none."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            _check_size(stream)
            return stream
    raise MediaError(NO_PICTURE)


def frame_rate(stream: VideoStream) -> Fraction | None:
    """Return the declared frames per second, or None if unknown. The average that DV declares is a clock rate."""
    return next((rate for rate in (stream.average_rate, stream.guessed_rate) if rate and rate <= MAX_FRAME_RATE), None)


def pixel_aspect(stream: VideoStream) -> float:
    """Return the width of one stored pixel over its height."""
    ratio = stream.sample_aspect_ratio
    return float(ratio) if ratio else 1.0


def _check_size(stream: VideoStream) -> None:
    try:
        width, height = stream.codec_context.width, stream.codec_context.height
    except AttributeError as problem:  # no decoder for this codec is built in
        raise MediaError("This video's codec is unknown to Sage. Export it as MP4 with H.264.") from problem
    if width <= 0 or height <= 0:
        raise MediaError(CUT_SHORT)
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise MediaError(f"This video is {width} x {height}, more than Sage can read. Export it at a smaller size.")
