"""Select one field of an interlaced frame, which interleaves two moments line by line."""

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import islice, pairwise

import av
import numpy as np
from av.container import InputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream
from numpy.typing import NDArray

from videos.media import scaling
from videos.media.demux import find_video_stream, open_container
from videos.media.frames import decode_frames

Luma = NDArray[np.int16]  # (rows, columns)
Mask = NDArray[np.bool_]

# Positions in the video, as fractions of its duration, at which frames are examined.
SAMPLE_POSITIONS = (0.0, 0.35, 0.7)
FRAMES_PER_POSITION = 7  # frames examined per position
COLUMN_STEP = 4  # only every fourth column is examined
STEP_LEVELS = 8  # levels by which a line is above or below both its neighbours
MIN_COMBED_SHARE = 0.002  # share of the picture that is combed; interlaced motion shows about three times as much
MIN_COMBED_RATIO = 4  # combing of moving parts relative to static ones, where noise, dither and drawn lines also comb
MOVED_LEVELS = 10  # levels by which a moving pixel differs from the frame before
MIN_SHARE = 0.02  # share of the picture that must move, and share that must not; otherwise nothing can be decided
MIN_INTERLACED_FRAMES = 5  # combed frames from which a video is interlaced; fewer may be chance
MIN_INTERLACED_SHARE = 0.6  # share of combed frames among those with motion
PLANAR_FORMATS = {"yuv420p", "yuv422p", "yuv444p"}  # formats whose luma can be read without a conversion
FULL_RANGE = ((np.arange(256) - 16) * (255 / 219)).round().clip(0, 255).astype(np.int16)  # level of a stored one


class FieldSelector:
    """Return the first field of the interlaced frames of one stream.

    Frames are interlaced if they are marked as such, or all of them if `interlaced` is true. A field has half the
    height. Progressive frames are returned unchanged.
    """

    def __init__(self, interlaced: bool = False) -> None:
        self._interlaced = interlaced
        self._graph: Graph | None = None
        self._made_for: tuple[int, int, str] | None = None

    def select_field(self, frame: VideoFrame) -> VideoFrame:
        """Return the first field of an interlaced frame, or a progressive frame unchanged."""
        if not (self._interlaced or frame.interlaced_frame):
            return frame
        kind = (frame.width, frame.height, frame.format.name)
        if self._graph is None or self._made_for != kind:
            self._graph, self._made_for = _build_graph(frame), kind
        self._graph.vpush(frame)
        return self._graph.vpull()


def _build_graph(frame: VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or Fraction(1, 25)
    )
    upper_first, upper, sink = (
        graph.add(name, how) for name, how in (("fieldorder", "tff"), ("field", "top"), ("buffersink", None))
    )
    graph.link_nodes(source, upper_first, upper, sink).configure()
    return graph


@lru_cache(maxsize=8)
def is_interlaced(path: str) -> bool:
    """Return whether unmarked frames of a video are interlaced, judged by frames at a few positions."""
    results: list[bool] = []
    for number, place in enumerate(SAMPLE_POSITIONS):
        left = (len(SAMPLE_POSITIONS) - number) * (FRAMES_PER_POSITION - 1)
        if not _are_enough([*results, *[True] * left]):
            return False
        with open_container(path) as container:
            stream = find_video_stream(container)
            if place and stream.duration and stream.time_base:
                try:
                    container.seek(int(place * stream.duration) + (stream.start_time or 0), stream=stream)
                except MemoryError:
                    raise
                except av.error.FFmpegError:
                    continue
            results += _detect_combing(container, stream)
    return _are_enough(results)


def _are_enough(results: list[bool]) -> bool:
    """Return whether so many of the frames are combed that the video is interlaced."""
    return sum(results) >= max(MIN_INTERLACED_FRAMES, MIN_INTERLACED_SHARE * len(results))


def _detect_combing(container: InputContainer, stream: VideoStream) -> Iterator[bool]:
    """Yield for each of a few unmarked frames with enough motion whether it is interlaced."""
    frames = (
        frame
        for _, frame in islice(decode_frames(container, stream), FRAMES_PER_POSITION)
        if not frame.interlaced_frame
    )
    for before, luma in pairwise(map(_read_luma, frames)):
        if luma.shape != before.shape:
            continue
        moved = np.abs(luma - before) > MOVED_LEVELS
        if MIN_SHARE < moved.mean() < 1 - MIN_SHARE:
            yield _is_combed(luma, moved)


def _is_combed(luma: Luma, moved: Mask) -> bool:
    """Return whether lines of moving parts alternate above and below their neighbours, and static parts hardly do."""
    combed, moved_here = _find_runs_of_four(_find_line_peaks(luma)), moved[2:-3]
    all_moved = _find_runs_of_four(moved[1:-1])
    share = (combed & all_moved).mean()
    return bool(share > MIN_COMBED_SHARE and combed[moved_here].mean() > MIN_COMBED_RATIO * combed[~moved_here].mean())


def _read_luma(frame: VideoFrame) -> Luma:
    """Return every fourth column of the frame's luma, in levels from black (0) to white (255)."""
    if frame.format.name not in PLANAR_FORMATS or frame.planes[0].line_size < 0:  # negative: stored upside down
        return frame.to_ndarray(format="gray", interpolation=scaling.BICUBIC)[:, ::COLUMN_STEP].astype(np.int16)
    plane = frame.planes[0]
    lines = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    luma = lines[:, : plane.width : COLUMN_STEP]
    return luma.astype(np.int16) if frame.color_range == ColorRange.JPEG else FULL_RANGE.take(luma)


def _find_line_peaks(luma: Luma) -> Mask:
    """Return a mask (rows - 2, columns) of lines above or below both their neighbours."""
    down = np.diff(luma, axis=0)
    peaks: Mask = (down[:-1] * down[1:] < 0) & (np.minimum(np.abs(down[:-1]), np.abs(down[1:])) > STEP_LEVELS)
    return peaks


def _find_runs_of_four(marked: Mask) -> Mask:
    """Return a mask (rows - 3, columns) of four marked rows in succession."""
    return marked[:-3] & marked[1:-2] & marked[2:-1] & marked[3:]
