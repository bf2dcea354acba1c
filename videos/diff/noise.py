"""What is left of a pair of frames after everything that encoding explains has been taken away.

For each pair a small gain and offset of brightness are fitted robustly. The rest is divided by the deviation that
is usual for cells with so much edge and so much motion, learnt over the bulk of the aligned frames of these very
two videos: a rough re-encode raises its own tolerance, and a clean one keeps the eye sharp.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.descriptor import Floats, Indexes, Sampled
from videos.diff.fingerprint import CHROMA_SHAPE, DETAIL_SHAPE

EDGES = np.array([0.5, 1, 2, 4, 8, 16, 32, 64], np.float32)  # levels between neighbouring classes of activity
CLASSES = len(EDGES) + 1
FIRST_EXPONENT = 125  # of the largest activity below the first edge, as float32 stores it
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
MOTION_SECONDS = 0.1  # within which a rough encoder may let a moving edge lag behind
OUTLIER = 8.0  # deviations from which a cell teaches nothing on the second reading
TAIL = 0.95  # usual deviations have heavy tails; this share of them is to lie within two
MOVED_EDGE = 0.5  # of what differs between neighbours is activity, where cells of the two lie between each other's
CLIPPED_AT = 4.0  # deviations; beyond it a cell is simply different


@dataclass(frozen=True, slots=True)
class Residual:
    """Deviations from the expected, in usual deviations: signed, (pairs, rows, columns); chroma (pairs, 2, 9, 16)."""

    luma: Floats
    chroma: Floats
    detail: Floats

    def mismatch(self) -> Floats:
        """(pairs,) from 0, alike, to 1: how far the luma of the whole frame is off; a local overlay counts little."""
        clipped = np.minimum(np.abs(self.luma), np.float32(CLIPPED_AT))
        mean: Floats = clipped.mean(axis=(1, 2)) / np.float32(CLIPPED_AT)
        return mean


@dataclass(frozen=True, slots=True)
class _Raw:
    luma: Floats
    chroma: Floats
    detail: Floats
    edge: NDArray[np.uint8]
    motion: NDArray[np.uint8]
    coarse_motion: NDArray[np.uint8]
    detail_motion: NDArray[np.uint8]


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

    def normalised(self, raw: _Raw) -> Residual:
        chroma = raw.chroma - self.chroma_offset[None, :, None, None]
        chroma /= self.chroma[raw.coarse_motion][:, None]
        detail = (raw.detail - np.float32(self.detail_shift)) / self.detail[raw.detail_motion]
        luma = raw.luma / self.luma[raw.edge, raw.motion]
        roughness = self._roughness(luma)
        return Residual(luma / roughness, chroma, detail / roughness)

    def _roughness(self, luma: Floats) -> Floats:
        """(pairs, 1, 1) from 1: how much rougher each pair is than usual over most of its cells.

        Encoders starve single shots. What is local does not move a median; what fills the frame moves it further
        than is made up for here.
        """
        if self.usual < LEAST_USUAL:
            return np.ones((len(luma), 1, 1), np.float32)
        middle = np.median(np.abs(luma).reshape(len(luma), -1), axis=1)
        rough: Floats = (middle / np.float32(self.usual)).clip(1, MOST_ROUGH).astype(np.float32)[:, None, None]
        return rough


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


def _raw(a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes, gain: float, offset: float) -> _Raw:
    luma_a, luma_b = a.luma(in_a), b.luma(in_b)
    gains, offsets = _play(_fit(luma_a, luma_b), luma_a.mean(axis=(1, 2)), gain, offset)
    luma = luma_b - (gains[:, None, None] * luma_a + offsets[:, None, None])
    edge = np.minimum(_edge(luma_a), _edge(luma_b))
    motion = np.minimum(_motion(a, in_a, luma_a), _motion(b, in_b, luma_b))
    activity = np.maximum(motion, edge / 4)
    coarse = activity.reshape(-1, CHROMA_SHAPE[1], 4, CHROMA_SHAPE[2], 4).mean(axis=(2, 4))
    chroma_a, detail_a = a.chroma(in_a), a.detail(in_a)
    chroma, detail = b.chroma(in_b) - chroma_a, b.detail(in_b) - detail_a
    finer = activity.reshape(-1, DETAIL_SHAPE[0], 2, DETAIL_SHAPE[1], 2).mean(axis=(2, 4))
    if a.view.moves or b.view.moves:
        coarse = np.maximum(coarse, MOVED_EDGE * np.maximum(_edge(chroma_a[:, 0]), _edge(chroma_a[:, 1])))
        finer = np.maximum(finer, MOVED_EDGE * _edge(detail_a))
        for planes in (luma, chroma, detail):
            size = planes.shape[-2:]
            planes *= a.view.support(size, size) & b.view.support(size, size)
    return _Raw(luma, chroma, detail, _class(edge), _class(motion), _class(coarse), _class(finer))


def _class(activity: Floats) -> NDArray[np.uint8]:
    """As np.digitize gives it, but read from the exponent, since the edges are powers of two."""
    exponents = np.ascontiguousarray(activity, np.float32).view(np.int32) >> 23
    return (exponents - FIRST_EXPONENT).clip(0, len(EDGES)).astype(np.uint8)


def _edge(luma: Floats) -> Floats:
    """Largest difference to the four neighbours of each cell."""
    padded = np.pad(luma, ((0, 0), (1, 1), (1, 1)), mode="edge")
    down, across = np.abs(np.diff(padded[:, :, 1:-1], axis=1)), np.abs(np.diff(padded[:, 1:-1], axis=2))
    up_down, left_right = np.maximum(down[:, 1:], down[:, :-1]), np.maximum(across[..., 1:], across[..., :-1])
    edge: Floats = np.maximum(up_down, left_right)
    return edge


def _motion(video: Sampled, frames: Indexes, luma: Floats) -> Floats:
    """Largest difference of each cell to a moment before and a moment after."""
    last = len(video.print) - 1
    away = max(1, round(MOTION_SECONDS / video.print.step))
    before = np.abs(luma - video.luma((frames - away).clip(0, last)))
    after = np.abs(luma - video.luma((frames + away).clip(0, last)))
    motion: Floats = np.maximum(before, after)
    return motion


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
