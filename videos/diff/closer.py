"""A second look at the files themselves: exact boxes around changes, and a picture of each difference."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videos.diff.changes import Change
from videos.diff.descriptor import Floats
from videos.diff.noise import NoiseModel
from videos.diff.script import Region
from videos.diff.view import PLAIN, Box, View
from videos.media.fields import is_woven
from videos.media.frames import Picker
from videos.media.stills import JpegWriter, Turner

LOOK = (384, 216)  # width and height at which boxes are measured
CELL = 6  # pixels of that to a cell of the fingerprint
MARGIN_CELLS = 2
MOMENTS = 6
WITHIN_SECONDS = 2.5  # all moments of one change lie so close together, as seeking is what costs
LEAST_LEVELS = 3.0
OVER_BACKGROUND = 2.0
OF_PEAK = 0.35
THIN = 0.06  # a row or column with fewer marked pixels than this share of the fullest does not widen a box
WHOLE = 0.8
CHROMA_WEIGHT = 1.5

Mask = NDArray[np.bool_]
FULL_FRAME = Region(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Moment:
    """Seconds on either side that show the same."""

    a: float
    b: float


class Closer:
    """Looks at pairs of frames in full; cheapest when asked in order of time."""

    def __init__(
        self, a: Picker, b: Picker, noise: NoiseModel, views: tuple[View, View] = (PLAIN, PLAIN), of_a: bool = False
    ) -> None:
        self._a, self._b = a, b
        self._noise = noise
        self._views = views
        self._framed = views[0 if of_a else 1]
        self._turners = (Turner(is_woven(a.path)), Turner(is_woven(b.path)))

    def boxes(self, moments: Sequence[Moment], changes: Sequence[Change]) -> list[Region]:
        """One box of B's frame, or of A's, for each change, from what differs on average over the moments."""
        view = self._framed
        if any(change.cells.mean() >= WHOLE for change in changes):
            return [_within(view, view.shown, FULL_FRAME)]
        apart: Floats = np.stack([self._apart(moment) for moment in moments]).mean(axis=0)
        smooth = _smooth(apart)
        marked = np.zeros(smooth.shape, bool)
        for change in changes:
            marked |= _enlarged(change.cells)
        background = smooth[~marked]
        usual = float(np.quantile(background, 0.95)) if len(background) else 0.0
        return [_within(view, view.box, _box(smooth, change.cells, max(LEAST_LEVELS, usual))) for change in changes]

    def _apart(self, moment: Moment) -> Floats:
        """(216, 384) levels by which the two frames differ, in luma or in colour."""
        frames = (self._a.at(moment.a), self._b.at(moment.b))
        looks = [
            view.planes([plane.astype(np.float32) for plane in turner.planes(frame, *LOOK)])
            for turner, frame, view in zip(self._turners, frames, self._views, strict=True)
        ]
        luma = np.abs(looks[1][0] - self._noise.gain * looks[0][0] - self._noise.offset)
        for index, shift in enumerate(self._noise.chroma_offset, start=1):
            np.maximum(luma, CHROMA_WEIGHT * np.abs(looks[1][index] - looks[0][index] - shift), out=luma)
        return luma


def rough_box(cells: Mask, view: View) -> Region:
    """The box of a frame around cells of the picture that is seen in it through a view."""
    (top, bottom), (left, right) = (_extent(cells.sum(axis=axis)) for axis in (1, 0))
    high, wide = cells.shape
    return _within(view, view.box, Region(left / wide, top / high, (right - left) / wide, (bottom - top) / high))


def _within(view: View, seen: Box, part: Region) -> Region:
    """A part of what a view shows of a frame, before it is flipped, as a part of the frame."""
    x, y = seen.x + part.x * seen.width, seen.y + part.y * seen.height
    box = Box(x, y, part.width * seen.width, part.height * seen.height).flipped(view.across, view.down)
    return Region(box.x, box.y, box.width, box.height)


def _smooth(picture: Floats) -> Floats:
    padded = np.pad(picture, 1, mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    mean: Floats = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / np.float32(9)
    return mean


def _enlarged(cells: Mask) -> Mask:
    """Cells with a margin around them, at the size of the look."""
    grown = cells.copy()
    for _ in range(MARGIN_CELLS):
        padded = np.pad(grown, 1)
        rows = padded[:-2] | padded[1:-1] | padded[2:]
        grown = rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
    enlarged: Mask = np.kron(grown, np.ones((CELL, CELL), bool))
    return enlarged


def _box(apart: Floats, cells: Mask, usual: float) -> Region:
    near = _enlarged(cells)
    peak = float(np.quantile(apart[np.kron(cells, np.ones((CELL, CELL), bool))], 0.9))
    marked = near & (apart > max(usual * OVER_BACKGROUND, OF_PEAK * peak))
    if marked.sum() < 4:
        marked = np.kron(cells, np.ones((CELL, CELL), bool))
    top, bottom = _extent(marked.sum(axis=1))
    left, right = _extent(marked.sum(axis=0))
    width, height = LOOK
    return Region(left / width, top / height, (right - left) / width, (bottom - top) / height)


def _extent(counts: NDArray[np.intp]) -> tuple[int, int]:
    places = np.flatnonzero(counts > THIN * counts.max())
    return int(places[0]), int(places[-1]) + 1


def moments_of(change: Change, span: tuple[float, float]) -> Iterator[Moment]:
    """A few moments around the strongest one of a change, well inside the span (seconds of A)."""
    telling = telling_moment(change, span)
    inset = min(0.2, (span[1] - span[0]) / 4)
    low = max(span[0] + inset, telling - WITHIN_SECONDS / 2)
    high = min(span[1] - inset, max(low, telling + WITHIN_SECONDS / 2))
    for moment in np.linspace(low, max(low, high), MOMENTS):
        yield Moment(float(moment), change.track.part.line.to_b(float(moment)))


def telling_moment(change: Change, span: tuple[float, float]) -> float:
    """The time in A, within a span, at which a change stands out most."""
    times = change.track.times
    inside = np.flatnonzero((times >= span[0]) & (times <= span[1]))
    if not len(inside):
        return (span[0] + span[1]) / 2
    levels = change.track.score[inside][:, change.cells].astype(np.float32).mean(axis=1)
    return float(times[inside[int(levels.argmax())]])


class Photographer:
    """Writes the picture of a moment on either side."""

    def __init__(self, a: Picker, b: Picker, folder: Path) -> None:
        self._sides = {"a": (a, JpegWriter(a.pixel_aspect)), "b": (b, JpegWriter(b.pixel_aspect))}
        self._folder = folder

    def take(self, index: int, side: str, seconds: float) -> None:
        picker, writer = self._sides[side]
        writer.write(picker.at(seconds), self._folder / f"{index:05d}-{side}.jpg")
