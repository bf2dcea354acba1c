"""What is left of a pair of frames after everything that encoding explains has been taken away.

For each pair a small gain and offset of brightness are fitted robustly. The rest is divided by the deviation that
is usual for cells with so much edge and so much motion, learnt over the bulk of the aligned frames of these very
two videos: a rough re-encode raises its own tolerance, and a clean one keeps the eye sharp.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.activity import CLASSES, EDGES, Classes, averaged, classed, edge, motion
from videos.diff.descriptor import Floats, Indexes, Levels, Sampled
from videos.diff.fingerprint import CHROMA_SHAPE, DETAIL_SHAPE, LUMA_SHAPE
from videos.diff.misplaced import misplaced

LUMA_FLOOR = 0.7  # levels of deviation that are expected of any re-encode
CHROMA_FLOOR = 0.8
DETAIL_FLOOR = 0.4  # doublings of variance
GAIN_PLAY = 0.04  # how far one frame may leave the pair's usual gain unnoticed
OFFSET_PLAY = 3.0  # the same for brightness, in levels
LEARN_FROM_PAIRS = 240
FEWEST_CELLS = 100
MOST_OFF = 0.5  # a pair with a greater mismatch shows two things and teaches nothing
MOST_OVER_MEDIAN = 1.6  # nor does one that is so much further off than most
PLAY_IN_OFF = 0.06
LEAST_USUAL = 0.2  # below it most of the picture is flat, and its median says nothing
MOST_ROUGH = 2.0
OUTLIER = 8.0  # deviations from which a cell teaches nothing on the second reading
TAIL = 0.95  # usual deviations have heavy tails; this share of them is to lie within two
CLIPPED_AT = 4.0  # deviations; beyond it a cell is simply different


@dataclass(frozen=True, slots=True)
class Residual:
    """Deviations from the expected, in usual deviations: signed, (pairs, rows, columns); chroma (pairs, 2, 9, 16)."""

    luma: Floats
    chroma: Floats
    detail: Floats

    def mismatch(self) -> Floats:
        """(pairs,) from 0, alike, to 1: how far the luma of the whole frame is off; a local overlay counts little."""
        return _mismatch(self.luma)


def _mismatch(luma: Floats) -> Floats:
    clipped = np.abs(luma)
    np.minimum(clipped, np.float32(CLIPPED_AT), out=clipped)
    mean: Floats = clipped.mean(axis=(1, 2)) / np.float32(CLIPPED_AT)
    return mean


@dataclass(frozen=True, slots=True)
class _Raw:
    """Differences of luma, chroma and detail, and how lively the cells of each are."""

    luma: Floats
    chroma: Floats
    detail: Floats
    edge: Classes
    motion: Classes
    coarse_motion: Classes
    detail_motion: Classes
    misplaced: tuple[Floats, Floats, Floats] | None  # what these may differ by, where cells lie between each other's


@dataclass(frozen=True, slots=True)
class NoiseModel:
    """What one pair of videos usually makes of a cell. `luma` is by edge and motion class, chroma by motion class."""

    gain: float
    offset: float
    chroma_offset: Floats
    luma: Floats
    chroma: Floats
    detail_shift: float
    detail: Floats
    usual: float = 0.0  # median deviation in luma over the cells of a usual pair

    def residual(self, a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes) -> Residual:
        return self.normalised(_raw(a, b, in_a, in_b, self.gain, self.offset))

    def levels(self, a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes) -> Floats:
        """(pairs, 36, 64): by how many levels of luma or chroma, whichever is more, the pairs differ."""
        raw = _raw(a, b, in_a, in_b, self.gain, self.offset)
        chroma = np.abs(raw.chroma - self.chroma_offset[None, :, None, None]).max(axis=1)
        levels: Floats = np.maximum(np.abs(raw.luma), np.kron(chroma, np.ones((1, 4, 4), np.float32)))
        return levels

    def mismatch(self, a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes) -> Floats:
        """What the residual's would be, without working out what it does not look at."""
        bright = _bright(a, b, in_a, in_b, self.gain, self.offset)
        luma = self._deviations(bright.luma, classed(bright.edge), classed(bright.motion), bright.misplaced)
        return _mismatch(luma / self._roughness(luma))

    def normalised(self, raw: _Raw) -> Residual:
        by_luma, by_chroma, by_detail = raw.misplaced or (None, None, None)
        chroma = raw.chroma - self.chroma_offset[None, :, None, None]
        chroma /= _at_least(self.chroma[raw.coarse_motion][:, None], by_chroma)
        detail = raw.detail - np.float32(self.detail_shift)
        detail /= _at_least(self.detail[raw.detail_motion], by_detail)
        luma = self._deviations(raw.luma, raw.edge, raw.motion, by_luma)
        roughness = self._roughness(luma)
        return Residual(luma / roughness, chroma, detail / roughness)

    def _deviations(self, luma: Floats, edges: Classes, moving: Classes, off: Floats | None) -> Floats:
        of = edges * np.uint8(CLASSES)
        of += moving
        deviations: Floats = luma / _at_least(self.luma.ravel()[of], off)
        return deviations

    def _roughness(self, luma: Floats) -> Floats:
        """(pairs, 1, 1) from 1: how much rougher each pair is than usual over most of its cells.

        Encoders starve single shots. What is local does not move a median; what fills the frame moves it further
        than is made up for here.
        """
        if self.usual < LEAST_USUAL:
            return np.ones((len(luma), 1, 1), np.float32)
        rough = np.ones(len(luma), np.float32)
        off = np.abs(luma).reshape(len(luma), -1)
        above = np.count_nonzero(off <= np.float32(self.usual), axis=1) <= off.shape[1] // 2  # only there is a median
        middle = np.median(off[above], axis=1)
        rough[above] = (middle / np.float32(self.usual)).clip(1, MOST_ROUGH)
        return rough[:, None, None]


def learn(a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes) -> NoiseModel:
    """From pairs of frames that mostly show the same; read twice, the second time without what is plainly changed."""
    chosen = np.unique(np.linspace(0, len(in_a) - 1, LEARN_FROM_PAIRS).astype(int))
    in_a, in_b = in_a[chosen], in_b[chosen]
    fits = _fit(a.luma(in_a), b.luma(in_b))
    gain, offset = (float(value) for value in np.median(fits, axis=0))
    raw = _raw(a, b, in_a, in_b, gain, offset)
    chroma_offset = np.median(raw.chroma, axis=(0, 2, 3)).astype(np.float32)
    first = _model(raw, gain, offset, chroma_offset, None)
    reading = first.normalised(raw)
    alike = _ordinary(reading.mismatch()) & _ordinary(np.minimum(np.abs(reading.chroma), 4).mean(axis=(1, 2, 3)) / 4)
    if not alike.any():
        return first
    second = _model(raw, gain, offset, chroma_offset, reading, alike)
    middle = np.median(np.abs(second.normalised(raw).luma).reshape(len(in_a), -1), axis=1)
    return replace(second, usual=float(np.median(middle[alike])))


def _ordinary(off: Floats) -> NDArray[np.bool_]:
    """Pairs that are not much further off than most."""
    ordinary: NDArray[np.bool_] = off < min(MOST_OFF, PLAY_IN_OFF + MOST_OVER_MEDIAN * float(np.median(off)))
    return ordinary


def _model(
    raw: _Raw,
    gain: float,
    offset: float,
    chroma_offset: Floats,
    reading: Residual | None,
    alike: NDArray[np.bool_] | None = None,
) -> NoiseModel:
    """Deviations by class; outliers are cells that an earlier reading found far off, or pairs that are not alike."""
    luma = np.abs(raw.luma)
    chroma = np.abs(raw.chroma - chroma_offset[None, :, None, None]).max(axis=1)
    shift = float(np.median(raw.detail))
    detail = np.abs(raw.detail - shift)
    if reading is not None and alike is not None:
        luma = np.where(alike[:, None, None] & (np.abs(reading.luma) < OUTLIER), luma, np.float32(np.nan))
        usual = alike[:, None, None] & (np.abs(reading.chroma).max(axis=1) < OUTLIER)
        chroma = np.where(usual, chroma, np.float32(np.nan))
        detail = np.where(alike[:, None, None] & (np.abs(reading.detail) < OUTLIER), detail, np.float32(np.nan))
    tails = reading is not None
    return NoiseModel(
        gain=gain,
        offset=offset,
        chroma_offset=chroma_offset,
        luma=_table(luma, raw.edge, raw.motion, tails),
        chroma=_line(chroma, raw.coarse_motion, CHROMA_FLOOR, tails),
        detail_shift=shift,
        detail=_line(detail, raw.detail_motion, DETAIL_FLOOR, tails),
    )


def _usual(cells: Floats, tails: bool) -> float:
    """The deviation that is usual among some cells: by their median, and by their tail where it may be trusted."""
    cells = cells[~np.isnan(cells)]
    if len(cells) < FEWEST_CELLS:
        return 0.0
    middle = 1.48 * float(np.median(cells))
    return max(middle, float(np.quantile(cells, TAIL)) / 2) if tails else middle


def _table(deviation: Floats, edge: NDArray[np.uint8], motion: NDArray[np.uint8], tails: bool) -> Floats:
    """(CLASSES, CLASSES) usual deviation by edge and motion, never falling with either."""
    steps = np.append(np.float32(0), EDGES)
    table = LUMA_FLOOR + 0.04 * steps[:, None] + 0.08 * steps[None, :]
    for row in range(CLASSES):
        for column in range(CLASSES):
            found = _usual(deviation[(edge == row) & (motion == column)], tails)
            if found:
                table[row, column] = max(LUMA_FLOOR, found)
    table = np.maximum.accumulate(np.maximum.accumulate(table, axis=0), axis=1)
    return table.astype(np.float32)


def _line(deviation: Floats, motion: NDArray[np.uint8], floor: float, tails: bool) -> Floats:
    """(CLASSES,) usual deviation by class, never falling."""
    line = floor + 0.05 * np.append(np.float32(0), EDGES)
    for column in range(CLASSES):
        found = _usual(deviation[motion == column], tails)
        if found:
            line[column] = max(floor, found)
    return np.maximum.accumulate(line).astype(np.float32)


def _at_least(usual: Floats, misplaced: Floats | None) -> Floats:
    return usual if misplaced is None else np.maximum(usual, misplaced)


@dataclass(frozen=True, slots=True)
class _Bright:
    """Differences of luma, and how lively its cells are."""

    luma: Floats
    edge: Levels
    motion: Levels
    misplaced: Floats | None


def _bright(a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes, gain: float, offset: float) -> _Bright:
    levels_a, levels_b = a.levels(in_a), b.levels(in_b)
    luma_a, luma_b = levels_a.astype(np.float32), levels_b.astype(np.float32)
    gains, offsets = _play(_fit(luma_a, luma_b), luma_a.mean(axis=(1, 2)), gain, offset)
    edges = np.minimum(edge(levels_a), edge(levels_b))
    moving = np.minimum(motion(a, in_a, levels_a), motion(b, in_b, levels_b))
    off = misplaced(a, b, luma_a, luma_b) if a.view.resamples or b.view.resamples else None
    luma_a *= gains[:, None, None]
    luma_a += offsets[:, None, None]
    luma_b -= luma_a
    if a.view.moves or b.view.moves:
        luma_b *= _told(a, b, luma_b)
    return _Bright(luma_b, edges, moving, off)


def _raw(a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes, gain: float, offset: float) -> _Raw:
    bright = _bright(a, b, in_a, in_b, gain, offset)
    chroma_a, detail_a, chroma_b, detail_b = a.chroma(in_a), a.detail(in_a), b.chroma(in_b), b.detail(in_b)
    chroma, detail = chroma_b - chroma_a, detail_b - detail_a
    coarse, finer = (
        averaged(bright.motion, bright.edge, LUMA_SHAPE[0] // shape[-2]) for shape in (CHROMA_SHAPE, DETAIL_SHAPE)
    )
    if a.view.moves or b.view.moves:
        chroma *= _told(a, b, chroma)
        detail *= _told(a, b, detail)
    activity = classed(bright.edge), classed(bright.motion), classed(coarse), classed(finer)
    off = None
    if bright.misplaced is not None:
        by_chroma = misplaced(a, b, chroma_a, chroma_b).max(axis=1, keepdims=True)
        off = bright.misplaced, by_chroma, misplaced(a, b, detail_a, detail_b)
    return _Raw(bright.luma, chroma, detail, *activity, off)


def _told(a: Sampled, b: Sampled, planes: Floats) -> NDArray[np.bool_]:
    """Which cells of planes both sides' views tell enough of."""
    size = planes.shape[-2], planes.shape[-1]
    return a.view.support(size, size) & b.view.support(size, size)


def _fit(luma_a: Floats, luma_b: Floats) -> Floats:
    """(pairs, 2) gain and offset from A to B, by least squares reweighted against outliers, over every fourth cell."""
    count = len(luma_a)
    x, y = (luma[:, ::2, ::2].reshape(count, -1) for luma in (luma_a, luma_b))
    gain, offset = np.ones(count, np.float32), np.median(y - x, axis=1).astype(np.float32)
    for _ in range(3):
        left = y - gain[:, None] * x - offset[:, None]
        scale = np.abs(left).mean(axis=1, keepdims=True) + np.float32(0.5)
        weight = 1 / (1 + np.square(left / scale))
        total = weight.sum(axis=1)
        mean_x, mean_y = (weight * x).sum(axis=1) / total, (weight * y).sum(axis=1) / total
        centred = x - mean_x[:, None]
        spread = (weight * centred * centred).sum(axis=1) + np.float32(4) * total  # flat pictures keep a gain of 1
        gain = ((weight * centred * (y - mean_y[:, None])).sum(axis=1) + np.float32(4) * total) / spread
        offset = mean_y - gain * mean_x
    return np.stack([gain, offset], axis=1)


def _play(fits: Floats, means: Floats, gain: float, offset: float) -> tuple[Floats, Floats]:
    """Gain and offset of each pair, held near the usual ones, so that a grade over a while stands out."""
    gains = fits[:, 0].clip(gain - GAIN_PLAY, gain + GAIN_PLAY)
    expected = gain * means + offset
    shift = (fits[:, 0] * means + fits[:, 1] - expected).clip(-OFFSET_PLAY, OFFSET_PLAY)
    return gains, expected + shift - gains * means
