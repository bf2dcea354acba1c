"""A small square picture of whatever PNG, JPEG or WebP a stranger has sent; nothing of their file is carried over."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace

from videos.media.errors import MediaError
from videos.media.stills import jpeg, planes_of, quarter_turns

FORMATS = "png_pipe,jpeg_pipe,webp_pipe,apng"
SIDE = 256
MOST_PIXELS = 40_000_000
MOST_ASPECT = 8
BEHIND = 128  # grey, where the picture is transparent

UNREADABLE = "This picture cannot be read. Save it as PNG or JPEG, then choose it again."
TOO_LARGE = "This picture has more than 40 million pixels. Choose a smaller one."
TOO_NARROW = "This picture is far longer than wide. Cut a part out of it, then choose that."


def draw(path: str, target: str) -> None:
    """Write the middle of the picture at `path`, upright, as a JPEG of 256 x 256. Raises MediaError."""
    with _opened(path) as container:
        try:
            stream = container.streams.video[0]
            _check_shape(stream.width, stream.height)
            frame = next(container.decode(stream))
            _check_shape(frame.width, frame.height)
        except MemoryError:
            raise
        except (av.error.FFmpegError, StopIteration, IndexError, AttributeError) as problem:
            raise MediaError(UNREADABLE) from problem
    Path(target).write_bytes(jpeg(planes_of(_square(frame))))


@contextmanager
def _opened(path: str) -> Iterator[InputContainer]:
    limits = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    try:
        container = av.open(f"file:{path}", mode="r", container_options=limits, metadata_errors="replace")
    except MemoryError:
        raise
    except (av.error.FFmpegError, ValueError, OSError) as problem:
        raise MediaError(UNREADABLE) from problem
    with container:
        yield container


def _check_shape(width: int, height: int) -> None:
    if width <= 0 or height <= 0:
        raise MediaError(UNREADABLE)
    if width * height > MOST_PIXELS:
        raise MediaError(TOO_LARGE)
    if max(width, height) > MOST_ASPECT * min(width, height):
        raise MediaError(TOO_NARROW)


def _square(frame: VideoFrame) -> VideoFrame:
    """The middle of the frame as shown, in yuvj420p."""
    scale = SIDE / min(frame.width, frame.height)
    size = max(SIDE, round(frame.width * scale)), max(SIDE, round(frame.height * scale))
    small = frame.reformat(*size, format="rgba", interpolation="AREA" if scale < 1 else "BICUBIC")
    shown = np.rot90(small.to_ndarray(), quarter_turns(frame))
    top, left = (shown.shape[0] - SIDE) // 2, (shown.shape[1] - SIDE) // 2
    cut = shown[top : top + SIDE, left : left + SIDE].astype(np.float32)
    opacity = cut[..., 3:] / 255
    flat = np.rint(cut[..., :3] * opacity + BEHIND * (1 - opacity)).astype(np.uint8)
    return VideoFrame.from_ndarray(np.ascontiguousarray(flat), format="rgb24").reformat(
        format="yuvj420p", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.JPEG
    )
