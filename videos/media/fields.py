"""One moment of an interlaced frame, which weaves two of them together line by line."""

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import islice, pairwise

import av
import numpy as np
from av.container import InputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from videos.media.frames import decode
from videos.media.opening import open_container, video_stream

Luma = NDArray[np.int16]  # (rows, columns)
Marked = NDArray[np.bool_]

PLACES = (0.0, 0.35, 0.7)  # of the length, at which frames are looked at
FRAMES_A_PLACE = 7
EVERY_COLUMNS = 4
STEP_LEVELS = 8  # by which a line lies over or under both its neighbours
COMBED_SHARE = 0.002  # of the picture; what moves and is interlaced shows three times as much
COMBED_TIMES = 4  # as much where it moves as where it does not, where noise, dither and drawn lines are combs too
MOVED_LEVELS = 10
LEAST_SHARE = 0.02  # of the picture, that moves and that does not: without either there is nothing to tell by
LEAST_WOVEN = 5  # frames; fewer may be chance
WOVEN_SHARE = 0.6  # of those that move


class FirstField:
    """Takes the field that was shot first out of the frames of one stream that are interlaced.

    Those are the ones that say so, and all where the file `is_woven`. The field is half as high. Frames that show one
    moment alone pass as they are.
    """

    def __init__(self, woven: bool = False) -> None:
        self._woven = woven
        self._graph: Graph | None = None
        self._made_for: tuple[int, int, str] | None = None

    def of(self, frame: VideoFrame) -> VideoFrame:
        if not (self._woven or frame.interlaced_frame):
            return frame
        kind = (frame.width, frame.height, frame.format.name)
        if self._graph is None or self._made_for != kind:
            self._graph, self._made_for = _graph(frame), kind
        self._graph.vpush(frame)
        return self._graph.vpull()


def _graph(frame: VideoFrame) -> Graph:
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
def is_woven(path: str) -> bool:
    """Whether frames of a video are interlaced though they do not say so, as a few places of it show."""
    told: list[bool] = []
    for place in PLACES:
        with open_container(path) as container:
            stream = video_stream(container)
            if place and stream.duration and stream.time_base:
                try:
                    container.seek(int(place * stream.duration) + (stream.start_time or 0), stream=stream)
                except MemoryError:
                    raise
                except av.error.FFmpegError:
                    continue
            told += _told(container, stream)
    woven = sum(told)
    return woven >= LEAST_WOVEN and woven >= WOVEN_SHARE * len(told)


def _told(container: InputContainer, stream: VideoStream) -> Iterator[bool]:
    """Whether each of a few frames is interlaced, of those that do not say so and can show it."""
    frames = (frame for _, frame in islice(decode(container, stream), FRAMES_A_PLACE) if not frame.interlaced_frame)
    for before, luma in pairwise(map(_luma, frames)):
        if luma.shape != before.shape:
            continue
        moved = np.abs(luma - before) > MOVED_LEVELS
        if LEAST_SHARE < moved.mean() < 1 - LEAST_SHARE:
            yield _is_combed(luma, moved)


def _is_combed(luma: Luma, moved: Marked) -> bool:
    """Whether lines of what moved lie over and under their neighbours by turns, and hardly others do."""
    combed, here = _four_in_a_row(_turns(luma)), moved[2:-3]
    all_moved = _four_in_a_row(moved[1:-1])
    share = (combed & all_moved).mean()
    return bool(share > COMBED_SHARE and combed[here].mean() > COMBED_TIMES * combed[~here].mean())


def _luma(frame: VideoFrame) -> Luma:
    return frame.to_ndarray(format="gray")[:, ::EVERY_COLUMNS].astype(np.int16)


def _turns(luma: Luma) -> Marked:
    """(rows - 2, columns): whether a line lies over both its neighbours, or under both."""
    down = np.diff(luma, axis=0)
    turns: Marked = (down[:-1] * down[1:] < 0) & (np.minimum(np.abs(down[:-1]), np.abs(down[1:])) > STEP_LEVELS)
    return turns


def _four_in_a_row(marked: Marked) -> Marked:
    """(rows - 3, columns)"""
    return marked[:-3] & marked[1:-2] & marked[2:-1] & marked[3:]
