"""Frames as they are shown: turned upright, square pixels, as arrays or as JPEG files."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from videos.media import tone
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
    """Scales frames of one stream to an upright size; keeps the scaler between frames. `woven`: see `FirstField`."""

    def __init__(self, woven: bool = False) -> None:
        self._scaler = VideoReformatter()
        self._field = FirstField(woven)

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
    """Writes frames of one stream as JPEG files of at most a given width, in the colours of ordinary screens."""

    def __init__(self, aspect: float, limit: int = STILL_WIDTH) -> None:
        self._aspect = aspect
        self._limit = limit
        self._scaler = VideoReformatter()
        self._painter = VideoReformatter()

    def write(self, frame: VideoFrame, path: Path) -> None:
        path.write_bytes(jpeg(planes_of(self.developed(frame))))

    def developed(self, frame: VideoFrame) -> VideoFrame:
        """A small upright picture in yuvj420p, which carries nothing over from the codec that it came from."""
        turns = quarter_turns(frame)
        width, height = fitted(*displayed_size(frame.width, frame.height, self._aspect, turns), self._limit)
        stored = (height, width) if turns % 2 else (width, height)
        small = self._toned(frame, *stored) if tone.is_hdr(frame) else self._scaled(frame, *stored)
        planes = [np.rot90(plane, turns) for plane in planes_of(small)]
        together = np.concatenate([plane.ravel() for plane in planes])
        return VideoFrame.from_ndarray(together.reshape(-1, planes[0].shape[1]), format="yuvj420p")

    def _scaled(self, frame: VideoFrame, width: int, height: int) -> VideoFrame:
        return self._scaler.reformat(
            frame,
            width,
            height,
            format="yuvj420p",
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.JPEG,
            interpolation="AREA",
            threads=1,
        )

    def _toned(self, frame: VideoFrame, width: int, height: int) -> VideoFrame:
        """The same of high dynamic range, by the rule that copies for browsers follow."""
        deep = self._scaler.reformat(
            frame,
            width,
            height,
            format="rgb48le",
            src_colorspace=Colorspace.BT2020,
            dst_color_range=ColorRange.JPEG,
            interpolation="AREA",
            threads=1,
        )
        screen = tone.to_sdr(deep.to_ndarray().astype(np.float64) / 65535, int(frame.color_trc))
        shown = VideoFrame.from_ndarray(np.rint(screen * 255).astype(np.uint8), format="rgb24")
        return self._painter.reformat(
            shown, format="yuvj420p", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.JPEG, threads=1
        )


def planes_of(picture: VideoFrame) -> list[NDArray[np.uint8]]:
    """Luma, and both halves of chroma, of a picture in yuvj420p."""
    packed = picture.to_ndarray().astype(np.uint8, copy=False)
    high = packed.shape[0] * 2 // 3
    return [packed[:high], *packed[high:].reshape(2, high // 2, -1)]


def jpeg(planes: list[NDArray[np.uint8]]) -> bytes:
    """A JPEG file of planes as in yuvj420p, of an even size."""
    height, width = planes[0].shape
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)  # noqa: S101  for the type checker
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {"qmin": str(JPEG_QUALITY_SCALE), "qmax": str(JPEG_QUALITY_SCALE)}
    together = np.concatenate([plane.ravel() for plane in planes]).reshape(-1, width)
    picture = VideoFrame.from_ndarray(together, format="yuvj420p")
    return b"".join(bytes(packet) for packet in encoder.encode(picture))
