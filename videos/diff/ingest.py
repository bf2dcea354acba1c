"""One decode pass over a video that leaves its fingerprint, its frame times and pictures of it behind."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path

import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from videos.diff.fingerprint import FingerprintWriter
from videos.diff.looks import AT_ONCE, Records, summed_up
from videos.diff.version import FINGERPRINT_VERSION
from videos.media.album import Album
from videos.media.errors import MediaError
from videos.media.fields import is_woven
from videos.media.frames import READ_AHEAD_FRAMES, decode, read_ahead
from videos.media.opening import CUT_SHORT, frame_rate, open_container, pixel_aspect, video_stream
from videos.media.probe import duration_seconds
from videos.media.sound import heard_stream
from videos.media.stills import displayed_size, quarter_turns
from videos.media.waveform import WAVEFORM, Waveform

PROGRESS_EVERY_FRAMES = 4 * AT_ONCE
AHEAD_PIXELS = 40_000_000
LEAST_AHEAD = 2
UNEVEN_STEP = 0.3  # a step this far from the typical one, as its share, is uneven
UNEVEN_SHARE = 0.02  # with more of these than this share, the frame rate varies

See = Callable[[list[float], Records], None]


def ingest(
    path: str, folder: str, progress: Callable[[float], None], see: See = lambda seconds, records: None
) -> dict[str, object]:
    """Decode the video at `path` once, writing into `folder`; returns facts that can be stored as JSON.

    `see` is shown the times and records of a few frames at a time, for whatever else is to be made of them.

    Leaves `fingerprint.bin`, `times.f64` (seconds of every frame from the first, little-endian float64), stills
    `still-00000.jpg` onwards, `poster.jpg`, sheets `sprite-000.jpg` onwards with their track `sprites.vtt`, and
    where there is sound `waveform.dat`.
    `progress` gets the share done. Raises MediaError where no frame decodes. Memory does not grow with duration, but
    for 8 bytes a frame.
    """
    woven = is_woven(path)
    with ExitStack() as kept:
        container = kept.enter_context(open_container(path))
        stream = video_stream(container)
        declared = duration_seconds(container, stream)
        heard = heard_stream(container)
        waveform = Waveform(heard) if heard else None
        frames = kept.enter_context(closing(read_ahead(decode(container, stream, waveform), _ahead(stream))))
        first = next(frames, None)
        if first is None:
            raise MediaError(CUT_SHORT)
        origin, frame = first
        aspect = pixel_aspect(stream)
        width, height = displayed_size(frame.width, frame.height, aspect, quarter_turns(frame))
        rate = float(frame_rate(stream) or 0)
        album = Album(Path(folder), aspect)
        own_length = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else 0.0
        target = Path(folder) / "fingerprint.bin"
        with FingerprintWriter(target, width, height, rate, origin) as writer:
            shown = chain([first], frames)
            for times, records in summed_up(((moment - origin, each) for moment, each in shown), album.see, woven):
                writer.add(times, records)
                see(times, records)
                if len(writer.times) % PROGRESS_EVERY_FRAMES == 0:
                    progress(min(1.0, times[-1] / declared))
            writer.duration = writer.times[-1] + _last_step(writer.times, own_length, declared)
            album.close(writer.duration)
            sounds = waveform is not None and waveform.write(Path(folder) / WAVEFORM, origin, writer.duration)
    moments = np.asarray(writer.times, "<f8")
    moments.tofile(Path(folder) / "times.f64")
    progress(1.0)
    return {
        "duration": writer.duration,
        "frame_count": len(moments),
        "frame_rate": round(len(moments) / writer.duration, 6),
        "width": width,
        "height": height,
        "fingerprint_version": FINGERPRINT_VERSION,
        "fingerprint_bytes": target.stat().st_size,
        "stills": album.moments,
        "waveform": sounds,
        "variable_frame_rate": varies(moments),
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
