"""Frames as they are shown: turned upright, square pixels, as arrays or as JPEG files."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from videos.media.fields import FirstField

STILL_WIDTH = 480
JPEG_QUALITY_SCALE = 4  # 2 is the best that MJPEG offers, 31 the worst


def quarter_turns(frame: VideoFrame) -> int:
    """How often the picture is to be turned left by 90 degrees before it is shown."""
    return round(frame.rotation / 90) % 4


def displayed_size(width: int, height: int, aspect: float, turns: int) -> tuple[int, int]:
    """Size in square pixels after turning."""
    wide = max(1, round(width * aspect))
    return (height, wide) if turns % 2 else (wide, height)


def fitted(width: int, height: int, limit: int) -> tuple[int, int]:
    """The even size of the same shape that is at most `limit` wide; never larger than it was, at least 2 x 2."""
    scale = min(1.0, limit / width)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


class Turner:
    """Scales frames of one stream to an upright size; keeps the scaler between frames."""

    def __init__(self) -> None:
        self._scaler = VideoReformatter()
        self._field = FirstField()

    def rgb(self, frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width, 3) as shown, whatever the frame's own shape."""
        turns = quarter_turns(frame)
        stored = (height, width) if turns % 2 else (width, height)
        small = self._scaler.reformat(frame, *stored, format="rgb24", interpolation="AREA")
        return np.ascontiguousarray(np.rot90(small.to_ndarray(), turns))

    def planes(self, frame: VideoFrame, width: int, height: int) -> list[NDArray[np.uint8]]:
        """Luma and the two chroma planes, each (height, width), as shown."""
        turns = quarter_turns(frame)
        stored = (height, width) if turns % 2 else (width, height)
        moment = self._field.of(frame)
        small = self._scaler.reformat(moment, *stored, format="yuv444p", interpolation="AREA")
        return [np.rot90(plane, turns) for plane in small.to_ndarray()]


class JpegWriter:
    """Writes frames of one stream as JPEG files of at most a given width."""

    def __init__(self, aspect: float, limit: int = STILL_WIDTH) -> None:
        self._aspect = aspect
        self._limit = limit
        self._scaler = VideoReformatter()
        self._encoder: VideoCodecContext | None = None

    def write(self, frame: VideoFrame, path: Path) -> None:
        turns = quarter_turns(frame)
        width, height = fitted(*displayed_size(frame.width, frame.height, self._aspect, turns), self._limit)
        stored = (height, width) if turns % 2 else (width, height)
        small = self._scaler.reformat(
            frame,
            *stored,
            format="yuvj420p",
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.JPEG,
            interpolation="AREA",
            threads=1,
        )
        picture = _turned(small.to_ndarray().astype(np.uint8, copy=False), turns)
        if self._encoder is None or (self._encoder.width, self._encoder.height) != (width, height):
            self._encoder = _encoder(width, height)
        picture.pts = None
        path.write_bytes(b"".join(bytes(packet) for packet in self._encoder.encode(picture)))


def _turned(packed: NDArray[np.uint8], turns: int) -> VideoFrame:
    """A new frame, which carries nothing over from the codec it came from, of planes packed as in yuvj420p."""
    high = packed.shape[0] * 2 // 3
    planes = [np.rot90(plane, turns) for plane in (packed[:high], *packed[high:].reshape(2, high // 2, -1))]
    together = np.concatenate([plane.ravel() for plane in planes])
    return VideoFrame.from_ndarray(together.reshape(-1, planes[0].shape[1]), format="yuvj420p")


def _encoder(width: int, height: int) -> VideoCodecContext:
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)  # noqa: S101  for the type checker
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {"qmin": str(JPEG_QUALITY_SCALE), "qmax": str(JPEG_QUALITY_SCALE)}
    return encoder
