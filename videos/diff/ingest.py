"""One decode pass over a video that leaves its fingerprint, its frame times, its stills and a poster behind."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from videos.diff.fingerprint import FINGERPRINT_VERSION, LOOK_SIZE, FingerprintWriter, summarise
from videos.media.errors import MediaError
from videos.media.frames import READ_AHEAD_FRAMES, decode, read_ahead
from videos.media.opening import CUT_SHORT, open_container, pixel_aspect, video_stream
from videos.media.probe import duration_seconds
from videos.media.stills import JpegWriter, displayed_size, quarter_turns

STILL_EVERY_SECONDS = 2.0
MAX_STILLS = 400
POSTER_WIDTH = 640
POSTER_LEAST_CONTRAST = 12.0  # standard deviation of luma below which a frame is a blank
POSTER_LEAST_LIGHT = 24.0
PROGRESS_EVERY_FRAMES = 25
AHEAD_PIXELS = 40_000_000
LEAST_AHEAD = 2
UNEVEN_STEP = 0.3  # a step this far from the typical one, as its share, is uneven
UNEVEN_SHARE = 0.02  # with more of these than this share, the frame rate varies

See = Callable[[float, NDArray[np.void]], None]


def ingest(
    path: str, folder: str, progress: Callable[[float], None], see: See = lambda seconds, record: None
) -> dict[str, object]:
    """Decode the video at `path` once, writing into `folder`; returns facts that can be stored as JSON.

    `see` is shown each frame's time and record as they come, for whatever else is to be made of them.

    Leaves `fingerprint.bin`, `times.f64` (seconds of every frame from the first, little-endian float64), stills
    `still-00000.jpg` onwards and `poster.jpg`. `progress` gets the share done. Raises MediaError where no frame
    decodes. Memory does not grow with duration, but for 8 bytes a frame.
    """
    with open_container(path) as container:
        stream = video_stream(container)
        declared = duration_seconds(container, stream)
        frames = read_ahead(decode(container, stream), _ahead(stream))
        first = next(frames, None)
        if first is None:
            raise MediaError(CUT_SHORT)
        origin, frame = first
        aspect = pixel_aspect(stream)
        width, height = displayed_size(frame.width, frame.height, aspect, quarter_turns(frame))
        rate = float(stream.average_rate or stream.guessed_rate or 0)
        album = _Album(Path(folder), aspect, max(STILL_EVERY_SECONDS, declared / MAX_STILLS))
        look = _Look()
        target = Path(folder) / "fingerprint.bin"
        with FingerprintWriter(target, width, height, rate, origin) as writer:
            pending: tuple[float, VideoFrame] | None = first
            length = 0.0
            while pending is not None:
                time, frame = pending[0] - origin, pending[1]
                record = look.record(frame)
                writer.add(time, record)
                see(time, record)
                album.see(time, frame, record)
                length = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else 0.0
                if len(writer.times) % PROGRESS_EVERY_FRAMES == 0:
                    progress(min(1.0, time / declared))
                pending = next(frames, None)
            writer.duration = writer.times[-1] + _last_step(writer.times, length, declared)
            album.close()
        times = np.asarray(writer.times, "<f8")
    times.tofile(Path(folder) / "times.f64")
    progress(1.0)
    return {
        "duration": writer.duration,
        "frame_count": len(times),
        "frame_rate": round(len(times) / writer.duration, 6),
        "width": width,
        "height": height,
        "fingerprint_version": FINGERPRINT_VERSION,
        "fingerprint_bytes": target.stat().st_size,
        "stills": album.moments,
        "variable_frame_rate": varies(times),
    }


def _ahead(stream: VideoStream) -> int:
    """How many frames may wait: fewer of large ones, so that memory stays bounded."""
    size = max(1, stream.codec_context.width * stream.codec_context.height)
    return max(LEAST_AHEAD, min(READ_AHEAD_FRAMES, AHEAD_PIXELS // size))


def _last_step(times: list[float], declared_step: float, declared: float) -> float:
    """How long the last frame is shown: as long as those before it, or as it says itself if it is the only one."""
    if len(times) > 1:
        return float(np.median(np.diff(times[-200:])))
    return declared_step or min(declared, 1.0)


def varies(times: NDArray[np.float64]) -> bool:
    """Whether frames come at uneven times."""
    steps = np.diff(times)
    if len(steps) < 2:
        return False
    typical = float(np.median(steps))
    return float(np.mean(np.abs(steps - typical) > UNEVEN_STEP * typical)) > UNEVEN_SHARE


class _Look:
    """Turns frames into records; keeps the scaler between frames."""

    def __init__(self) -> None:
        self._scaler = VideoReformatter()

    def record(self, frame: VideoFrame) -> NDArray[np.void]:
        turns = quarter_turns(frame)
        wide, high = LOOK_SIZE[::-1] if turns % 2 else LOOK_SIZE
        small = self._scaler.reformat(frame, wide, high, format="yuv420p", interpolation="AREA")
        sizes = ((high, wide), (high // 2, wide // 2), (high // 2, wide // 2))
        planes = [_plane(small, index, size, turns) for index, size in enumerate(sizes)]
        return summarise(*planes)


def _plane(frame: VideoFrame, index: int, size: tuple[int, int], turns: int) -> NDArray[np.uint8]:
    plane = frame.planes[index]
    pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: size[0], : size[1]]
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else np.ascontiguousarray(pixels)


class _Album:
    """Writes a still every few seconds, and the first frame that shows something as the poster."""

    def __init__(self, folder: Path, aspect: float, every: float) -> None:
        self._folder = folder
        self._every = every
        self._still = JpegWriter(aspect)
        self._poster = JpegWriter(aspect, POSTER_WIDTH)
        self._poster_done = False
        self._fallback: tuple[float, bytes] = (-1.0, b"")
        self.moments: list[float] = []

    def see(self, time: float, frame: VideoFrame, record: NDArray[np.void]) -> None:
        if time < len(self.moments) * self._every - 1e-6 or len(self.moments) >= MAX_STILLS:
            return
        self._still.write(frame, self._folder / f"still-{len(self.moments):05d}.jpg")
        self.moments.append(time)
        if not self._poster_done:
            self._consider(frame, record["luma"])

    def _consider(self, frame: VideoFrame, luma: NDArray[np.uint8]) -> None:
        contrast = float(luma.std())
        poster = self._folder / "poster.jpg"
        if contrast >= POSTER_LEAST_CONTRAST and float(luma.mean()) >= POSTER_LEAST_LIGHT:
            self._poster.write(frame, poster)
            self._poster_done = True
        elif contrast > self._fallback[0]:
            self._poster.write(frame, poster)
            self._fallback = (contrast, poster.read_bytes())

    def close(self) -> None:
        if not self._poster_done:
            (self._folder / "poster.jpg").write_bytes(self._fallback[1])
