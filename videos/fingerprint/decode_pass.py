"""Decode a video once and write its fingerprint, frame times, stills, sprites and waveform."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path

import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from videos.fingerprint.format import FingerprintWriter
from videos.fingerprint.records import FRAMES_PER_BATCH, Records, summarise_frames
from videos.fingerprint.version import FINGERPRINT_VERSION
from videos.media.artefacts import ArtefactWriter
from videos.media.audio import find_default_audio
from videos.media.demux import CUT_SHORT, find_video_stream, frame_rate, open_container, pixel_aspect
from videos.media.errors import MediaError
from videos.media.frames import READ_AHEAD_FRAMES, decode_frames, read_ahead
from videos.media.interlacing import is_interlaced
from videos.media.probe import read_duration
from videos.media.stills import displayed_size, quarter_turns
from videos.media.waveform import WAVEFORM_FILE, Waveform

PROGRESS_EVERY_FRAMES = 4 * FRAMES_PER_BATCH  # frames between two reports of progress
READ_AHEAD_PIXELS = 40_000_000  # pixels of decoded frames that may wait
MIN_READ_AHEAD = 2  # frames that may always wait
MAX_STEP_DEVIATION = 0.3  # relative deviation from the typical step from which a step is uneven
MAX_UNEVEN_SHARE = 0.02  # share of uneven steps from which the frame rate is variable

OnRecords = Callable[[list[float], Records], None]


def run_decode_pass(
    path: str, folder: str, progress: Callable[[float], None], on_records: OnRecords = lambda seconds, records: None
) -> dict[str, object]:
    """Decode the video at `path` once, write files into `folder`, and return facts that can be stored as JSON.

    `progress` is called with the completed share, and `see` with the times and records of a few frames at a time.

    Files:
    `fingerprint.bin`: see `format`.
    `times.f64`: seconds of every frame from the first, as little-endian float64.
    `poster.jpg`, and stills from `still-00000.jpg` on.
    `sprites.vtt`, and sprite sheets from `sprite-000.jpg` on.
    `waveform.dat`: only if there is sound.

    Raises MediaError if no frame can be decoded. Memory does not grow with duration, except for 8 bytes per frame.
    """
    interlaced = is_interlaced(path)
    with ExitStack() as stack:
        container = stack.enter_context(open_container(path))
        stream = find_video_stream(container)
        declared = read_duration(container, stream)
        audio = find_default_audio(container)
        waveform = Waveform(audio) if audio else None
        frames = stack.enter_context(
            closing(read_ahead(decode_frames(container, stream, waveform), _count_read_ahead(stream)))
        )
        first = next(frames, None)
        if first is None:
            raise MediaError(CUT_SHORT)
        origin, frame = first
        aspect = pixel_aspect(stream)
        width, height = displayed_size(frame.width, frame.height, aspect, quarter_turns(frame))
        rate = float(frame_rate(stream) or 0)
        artefacts = ArtefactWriter(Path(folder), aspect)
        declared_step = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else 0.0
        target = Path(folder) / "fingerprint.bin"
        colours = int(frame.colorspace), int(frame.color_range)
        with FingerprintWriter(target, width, height, rate, origin, colours) as writer:
            all_frames = chain([first], frames)
            for times, records in summarise_frames(
                ((moment - origin, each) for moment, each in all_frames), artefacts.add_frame, interlaced
            ):
                writer.add(times, records)
                on_records(times, records)
                if len(writer.times) % PROGRESS_EVERY_FRAMES == 0:
                    progress(min(1.0, times[-1] / declared))
            writer.duration = writer.times[-1] + _last_frame_seconds(writer.times, declared_step, declared)
            artefacts.close(writer.duration)
            has_waveform = waveform is not None and waveform.write(
                Path(folder) / WAVEFORM_FILE, origin, writer.duration
            )
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
        "stills": artefacts.moments,
        "waveform": has_waveform,
        "variable_frame_rate": has_variable_rate(moments),
    }


def _count_read_ahead(stream: VideoStream) -> int:
    """Return how many decoded frames may wait: fewer of large ones, so that memory stays bounded."""
    size = max(1, stream.codec_context.width * stream.codec_context.height)
    return max(MIN_READ_AHEAD, min(READ_AHEAD_FRAMES, READ_AHEAD_PIXELS // size))


def _last_frame_seconds(times: list[float], declared_step: float, declared: float) -> float:
    """Return how long the last frame is shown: the typical step, or the declared duration of a single frame."""
    if len(times) > 1:
        return float(np.median(np.diff(times[-200:])))
    return declared_step or min(declared, 1.0)


def has_variable_rate(times: NDArray[np.float64]) -> bool:
    """Return whether frames come at uneven times."""
    steps = np.diff(times)
    if len(steps) < 2:
        return False
    typical = float(np.median(steps))
    return float(np.mean(np.abs(steps - typical) > MAX_STEP_DEVIATION * typical)) > MAX_UNEVEN_SHARE
