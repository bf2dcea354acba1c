"""Open a file that a stranger has sent, and find the video in it.

FFmpeg's demuxers include playlists, concatenation scripts and image sequences, which open other files and
addresses. A white list of formats and of protocols keeps every one of them shut, whatever the file is called.
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

MAX_SIDE = 16384
MAX_PIXELS = 100_000_000
MOST_RATE = 1000
MAX_DURATION_SECONDS = 24 * 3600.0

NOT_A_VIDEO = "This file is no video that Sage can read. Try exporting it again as MP4."
CUT_SHORT = "This file is cut short or damaged. Upload it again, or export it anew."
NO_PICTURE = "This file has no picture, only sound or data. Choose a file with video in it."


@contextmanager
def open_container(path: str) -> Iterator[InputContainer]:
    """The demuxer of a local file; raises MediaError where there is nothing to demux."""
    file = Path(path)
    if not file.is_file():
        raise MediaError(f"There is no file at {path}. Check the path.")
    if file.stat().st_size == 0:
        raise MediaError("This file is empty. Upload it again.")
    if not os.access(file, os.R_OK):
        raise MediaError(f"Sage may not read {path}. Give it permission to.")
    limits = {"protocol_whitelist": "file", "format_whitelist": ",".join(FORMATS)}
    try:
        container = av.open(f"file:{file.absolute()}", mode="r", container_options=limits, metadata_errors="replace")
    except MemoryError:
        raise
    except (av.error.FFmpegError, ValueError, OSError) as problem:
        raise MediaError(CUT_SHORT if _begins_like_a_video(file) else NOT_A_VIDEO) from problem
    with container:
        yield container


def _begins_like_a_video(file: Path) -> bool:
    """Whether the first bytes are those of a container, so that the trouble is further in."""
    with file.open("rb") as handle:
        head = handle.read(12)
    return head[4:8] in {b"ftyp", b"moov", b"mdat", b"free"} or head[:4] in {
        b"\x1aE\xdf\xa3",
        b"RIFF",
        b"OggS",
        b"FLV\x01",
    }


def video_stream(container: InputContainer) -> VideoStream:
    """The first real video stream: cover pictures of audio files do not count."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            _check_size(stream)
            return stream
    raise MediaError(NO_PICTURE)


def frame_rate(stream: VideoStream) -> Fraction | None:
    """Frames a second as declared; None where nobody can say. What DV gives as its average is a clock's rate."""
    return next((rate for rate in (stream.average_rate, stream.guessed_rate) if rate and rate <= MOST_RATE), None)


def pixel_aspect(stream: VideoStream) -> float:
    """Width of one stored pixel over its height."""
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
        raise MediaError(f"This video is {width} x {height}, more than Sage reads. Export it with smaller frames.")
