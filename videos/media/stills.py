"""Convert frames to upright arrays with square pixels, or to JPEG files."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from videos.media import scaling, tonemap
from videos.media.frames import open_frame_seeker
from videos.media.interlacing import FieldSelector

STILL_WIDTH = 480  # pixels
FRAME_WIDTH = 1280  # pixels, at most, of a single frame
JPEG_QUALITY_SCALE = 4  # quantiser of the MJPEG encoder: 2 is the best, 31 the worst


def quarter_turns(frame: VideoFrame) -> int:
    """Return how many times the picture must be rotated left by 90 degrees to be upright."""
    return round(frame.rotation / 90) % 4


def displayed_size(width: int, height: int, aspect: float, turns: int) -> tuple[int, int]:
    """Return width and height in square pixels after rotation."""
    wide = max(1, round(width * aspect))
    return (height, wide) if turns % 2 else (wide, height)


def fit_width(width: int, height: int, limit: int) -> tuple[int, int]:
    """Return the even size of the same shape at most `limit` wide, at most the given size, at least 2 x 2."""
    scale = min(1.0, limit / width)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


class FrameScaler:
    """Scale frames of one stream to an upright size, with a scaler that is kept between frames.

    `interlaced`: see `FieldSelector`.
    """

    def __init__(self, interlaced: bool = False) -> None:
        self._scaler = VideoReformatter()
        self._field = FieldSelector(interlaced)

    def scale_to_rgb(self, frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
        """Return the frame as RGB (height, width, 3), upright, regardless of its own shape."""
        turns = quarter_turns(frame)
        stored = (height, width) if turns % 2 else (width, height)
        small = self._scaler.reformat(frame, *stored, format="rgb24", interpolation=scaling.AREA)
        return np.ascontiguousarray(np.rot90(small.to_ndarray(), turns))

    def scale_to_planes(self, frame: VideoFrame, width: int, height: int) -> list[NDArray[np.uint8]]:
        """Return luma and both chroma planes, each (height, width), upright."""
        turns = quarter_turns(frame)
        stored = (height, width) if turns % 2 else (width, height)
        field = self._field.select_field(frame)
        small = self._scaler.reformat(field, *stored, format="yuv444p", interpolation=scaling.AREA)
        return [np.rot90(plane, turns) for plane in small.to_ndarray()]


class JpegWriter:
    """Write frames of one stream as JPEG files of limited width, in standard dynamic range."""

    def __init__(self, aspect: float, limit: int = STILL_WIDTH) -> None:
        self._aspect = aspect
        self._limit = limit
        self._scaler = VideoReformatter()
        self._painter = VideoReformatter()

    def write(self, frame: VideoFrame, path: Path) -> None:
        """Write a frame as a JPEG file."""
        path.write_bytes(encode_jpeg(split_planes(self.convert(frame))))

    def convert(self, frame: VideoFrame) -> VideoFrame:
        """Return a small upright picture in yuvj420p without any metadata of the frame."""
        turns = quarter_turns(frame)
        width, height = fit_width(*displayed_size(frame.width, frame.height, self._aspect, turns), self._limit)
        stored = (height, width) if turns % 2 else (width, height)
        small = self._convert_hdr(frame, *stored) if tonemap.is_hdr(frame) else self._convert_sdr(frame, *stored)
        planes = [np.rot90(plane, turns) for plane in split_planes(small)]
        together = np.concatenate([plane.ravel() for plane in planes])
        return VideoFrame.from_ndarray(together.reshape(-1, planes[0].shape[1]), format="yuvj420p")

    def _convert_sdr(self, frame: VideoFrame, width: int, height: int) -> VideoFrame:
        """Return a frame of standard dynamic range in yuvj420p."""
        return self._scaler.reformat(
            frame,
            width,
            height,
            format="yuvj420p",
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.JPEG,
            interpolation=scaling.AREA,
            threads=1,
        )

    def _convert_hdr(self, frame: VideoFrame, width: int, height: int) -> VideoFrame:
        """Return a tone-mapped frame of high dynamic range, as in the rendition."""
        deep = self._scaler.reformat(
            frame,
            width,
            height,
            format="rgb48le",
            src_colorspace=Colorspace.BT2020,
            dst_color_range=ColorRange.JPEG,
            interpolation=scaling.AREA,
            threads=1,
        )
        screen = tonemap.convert_to_sdr(deep.to_ndarray().astype(np.float64) / 65535, int(frame.color_trc))
        shown = VideoFrame.from_ndarray(np.rint(screen * 255).astype(np.uint8), format="rgb24")
        return self._painter.reformat(
            shown,
            format="yuvj420p",
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.JPEG,
            interpolation=scaling.BICUBIC,
            threads=1,
        )


def write_frame(path: str, seconds: float, target: str) -> None:
    """Write the frame shown at `seconds` of the video at `path` to `target` as a JPEG file. Raises MediaError."""
    with open_frame_seeker(path) as seeker:
        JpegWriter(seeker.pixel_aspect, FRAME_WIDTH).write(seeker.at(seconds), Path(target))


def split_planes(picture: VideoFrame) -> list[NDArray[np.uint8]]:
    """Return luma and both chroma planes of a picture in yuvj420p."""
    packed = picture.to_ndarray().astype(np.uint8, copy=False)
    high = packed.shape[0] * 2 // 3
    return [packed[:high], *packed[high:].reshape(2, high // 2, -1)]


def encode_jpeg(planes: list[NDArray[np.uint8]]) -> bytes:
    """Return a JPEG file of planes as in yuvj420p, of an even size."""
    height, width = planes[0].shape
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)  # noqa: S101  for the type checker
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {"qmin": str(JPEG_QUALITY_SCALE), "qmax": str(JPEG_QUALITY_SCALE), "dct": "int"}
    together = np.concatenate([plane.ravel() for plane in planes]).reshape(-1, width)
    picture = VideoFrame.from_ndarray(together, format="yuvj420p")
    return b"".join(bytes(packet) for packet in encoder.encode(picture))
