"""Convert PNG, JPEG and WebP pictures to small JPEGs without their metadata: avatars and thumbnails."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace

from videos.media import scaling
from videos.media.errors import MediaError
from videos.media.stills import JpegWriter, encode_jpeg, quarter_turns, split_planes

FORMATS = "png_pipe,jpeg_pipe,webp_pipe,apng"  # FFmpeg demuxers that are allowed
SIDE = 256  # width and height of the result in pixels
MAX_PIXELS = 40_000_000  # pixels of the uploaded picture
MAX_ASPECT = 8  # longer side over shorter side of the uploaded picture
BACKGROUND_LEVEL = 128  # grey level behind transparent parts

UNREADABLE = "This picture cannot be read. Save it as PNG or JPEG, then choose it again."
TOO_LARGE = "This picture has more than 40 million pixels. Choose a smaller one."
TOO_NARROW = "This picture is too long and narrow. Crop it, then choose it again."


def write_avatar(path: str, target: str) -> None:
    """Write the centre of the picture at `path`, upright, to `target` as a JPEG of 256 x 256 pixels.

    Raises MediaError if the picture cannot be used.
    """
    with _open_picture(path) as container:
        try:
            stream = container.streams.video[0]
            _check_shape(stream.width, stream.height)
            frame = next(container.decode(stream))
            _check_shape(frame.width, frame.height)
        except MemoryError:
            raise
        except (av.error.FFmpegError, StopIteration, IndexError, AttributeError) as problem:
            raise MediaError(UNREADABLE) from problem
    Path(target).write_bytes(encode_jpeg(split_planes(_crop_square(frame))))


def write_thumbnail(path: str, target: str) -> None:
    """Write the picture at `path` to `target` as a JPEG of the width of a still. Raises MediaError."""
    with _open_picture(path) as container:
        try:
            stream = container.streams.video[0]
            _check_shape(stream.width, stream.height)
            frame = next(container.decode(stream))
            _check_shape(frame.width, frame.height)
            JpegWriter(1.0).write(frame, Path(target))
        except MemoryError:
            raise
        except (av.error.FFmpegError, StopIteration, IndexError, AttributeError) as problem:
            raise MediaError(UNREADABLE) from problem


@contextmanager
def _open_picture(path: str) -> Iterator[InputContainer]:
    """Open the picture's demuxer. Raises MediaError if it cannot be read."""
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
    if width * height > MAX_PIXELS:
        raise MediaError(TOO_LARGE)
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise MediaError(TOO_NARROW)


def _crop_square(frame: VideoFrame) -> VideoFrame:
    """Return the central square of the frame as shown, in yuvj420p."""
    scale = SIDE / min(frame.width, frame.height)
    size = max(SIDE, round(frame.width * scale)), max(SIDE, round(frame.height * scale))
    small = frame.reformat(*size, format="rgba", interpolation=scaling.AREA if scale < 1 else scaling.BICUBIC)
    shown = np.rot90(small.to_ndarray(), quarter_turns(frame))
    top, left = (shown.shape[0] - SIDE) // 2, (shown.shape[1] - SIDE) // 2
    crop = shown[top : top + SIDE, left : left + SIDE].astype(np.float32)
    opacity = crop[..., 3:] / 255
    flat = np.rint(crop[..., :3] * opacity + BACKGROUND_LEVEL * (1 - opacity)).astype(np.uint8)
    return VideoFrame.from_ndarray(np.ascontiguousarray(flat), format="rgb24").reformat(
        format="yuvj420p",
        dst_colorspace=Colorspace.ITU601,
        dst_color_range=ColorRange.JPEG,
        interpolation=scaling.BICUBIC,
    )
