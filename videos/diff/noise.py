"""What is left of a pair of frames after everything that encoding explains has been taken away.

For each pair a small gain and offset of brightness are fitted robustly. The rest is divided by the deviation that
is usual for cells with so much edge and so much motion, learnt over the bulk of the aligned frames of these very
two videos: a rough re-encode raises its own tolerance, and a clean one keeps the eye sharp.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.descriptor import Floats, Sampled
from videos.diff.fingerprint import CHROMA_SHAPE, DETAIL_STEPS

Indexes = NDArray[np.intp]

EDGES = np.array([0.5, 1, 2, 4, 8, 16, 32, 64], np.float32)  # levels between neighbouring classes of activity
CLASSES = len(EDGES) + 1
LUMA_FLOOR = 0.7  # levels of deviation that are expected of any re-encode
CHROMA_FLOOR = 0.8
DETAIL_FLOOR = 0.5  # doublings of variance
GAIN_PLAY = 0.04  # how far one frame may leave the pair's usual gain unnoticed
OFFSET_PLAY = 3.0  # the same for brightness, in levels
LEARN_FROM_PAIRS = 240
FEWEST_CELLS = 100
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
class NoiseModel:
    """What one pair of videos usually makes of a cell. `luma` is by edge and motion class, chroma by motion class."""

    gain: float
    offset: float
    chroma_offset: Floats
    luma: Floats
    chroma: Floats
    detail_shift: float
    detail: float

    def residual(self, a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes) -> Residual:
        raw = _raw(a, b, in_a, in_b, self.gain, self.offset)
        chroma = raw.chroma - self.chroma_offset[None, :, None, None]
        chroma /= self.chroma[raw.coarse_motion][:, None]
        detail = (raw.detail - np.float32(self.detail_shift)) / np.float32(self.detail)
        return Residual(raw.luma / self.luma[raw.edge, raw.motion], chroma, detail)


@dataclass(frozen=True, slots=True)
class _Raw:
    luma: Floats
    chroma: Floats
    detail: Floats
    edge: NDArray[np.uint8]
    motion: NDArray[np.uint8]
    coarse_motion: NDArray[np.uint8]


def learn(a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes) -> NoiseModel:
    """From pairs of frames that mostly show the same."""
    chosen = np.unique(np.linspace(0, len(in_a) - 1, LEARN_FROM_PAIRS).astype(int))
    in_a, in_b = in_a[chosen], in_b[chosen]
    fits = _fit(_luma(a, in_a), _luma(b, in_b))
    gain, offset = (float(value) for value in np.median(fits, axis=0))
    raw = _raw(a, b, in_a, in_b, gain, offset)
    chroma_offset = np.median(raw.chroma, axis=(0, 2, 3)).astype(np.float32)
    chroma = raw.chroma - chroma_offset[None, :, None, None]
    shift = float(np.median(raw.detail))
    return NoiseModel(
        gain=gain,
        offset=offset,
        chroma_offset=chroma_offset,
        luma=_table(np.abs(raw.luma), raw.edge, raw.motion),
        chroma=_line(np.abs(chroma).max(axis=1), raw.coarse_motion),
        detail_shift=shift,
        detail=max(DETAIL_FLOOR, 1.48 * float(np.median(np.abs(raw.detail - shift)))),
    )


def _table(deviation: Floats, edge: NDArray[np.uint8], motion: NDArray[np.uint8]) -> Floats:
    """(CLASSES, CLASSES) usual deviation by edge and motion, never falling with either."""
    steps = np.append(np.float32(0), EDGES)
    table = LUMA_FLOOR + 0.04 * steps[:, None] + 0.08 * steps[None, :]
    for row in range(CLASSES):
        for column in range(CLASSES):
            cells = deviation[(edge == row) & (motion == column)]
            if len(cells) >= FEWEST_CELLS:
                table[row, column] = max(LUMA_FLOOR, 1.48 * float(np.median(cells)))
    table = np.maximum.accumulate(np.maximum.accumulate(table, axis=0), axis=1)
    return table.astype(np.float32)


def _line(deviation: Floats, motion: NDArray[np.uint8]) -> Floats:
    line = CHROMA_FLOOR + 0.05 * np.append(np.float32(0), EDGES)
    for column in range(CLASSES):
        cells = deviation[motion == column]
        if len(cells) >= FEWEST_CELLS:
            line[column] = max(CHROMA_FLOOR, 1.48 * float(np.median(cells)))
    return np.maximum.accumulate(line).astype(np.float32)


def _luma(video: Sampled, frames: Indexes) -> Floats:
    luma: Floats = video.print.records["luma"][frames].astype(np.float32)
    return luma


def _raw(a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes, gain: float, offset: float) -> _Raw:
    luma_a, luma_b = _luma(a, in_a), _luma(b, in_b)
    gains, offsets = _play(_fit(luma_a, luma_b), luma_a.mean(axis=(1, 2)), gain, offset)
    luma = luma_b - (gains[:, None, None] * luma_a + offsets[:, None, None])
    edge = np.minimum(_edge(luma_a), _edge(luma_b))
    motion = np.minimum(_motion(a, in_a, luma_a), _motion(b, in_b, luma_b))
    activity = np.maximum(motion, edge / 4)
    coarse = activity.reshape(-1, CHROMA_SHAPE[1], 4, CHROMA_SHAPE[2], 4).mean(axis=(2, 4))
    records_a, records_b = a.print.records, b.print.records
    chroma = records_b["chroma"][in_b].astype(np.float32) - records_a["chroma"][in_a]
    detail = (records_b["detail"][in_b].astype(np.float32) - records_a["detail"][in_a]) / np.float32(DETAIL_STEPS)
    return _Raw(luma, chroma, detail, _class(edge), _class(motion), _class(coarse))


def _class(activity: Floats) -> NDArray[np.uint8]:
    return np.digitize(activity, EDGES).astype(np.uint8)


def _edge(luma: Floats) -> Floats:
    """Largest difference to the four neighbours of each cell."""
    padded = np.pad(luma, ((0, 0), (1, 1), (1, 1)), mode="edge")
    down, across = np.abs(np.diff(padded[:, :, 1:-1], axis=1)), np.abs(np.diff(padded[:, 1:-1], axis=2))
    up_down, left_right = np.maximum(down[:, 1:], down[:, :-1]), np.maximum(across[..., 1:], across[..., :-1])
    edge: Floats = np.maximum(up_down, left_right)
    return edge


def _motion(video: Sampled, frames: Indexes, luma: Floats) -> Floats:
    """Largest difference of each cell to the frame before and the frame after."""
    last = len(video.print) - 1
    before = np.abs(luma - _luma(video, (frames - 1).clip(0, last)))
    after = np.abs(luma - _luma(video, (frames + 1).clip(0, last)))
    motion: Floats = np.maximum(before, after)
    return motion


def _fit(luma_a: Floats, luma_b: Floats) -> Floats:
    """(pairs, 2) gain and offset from A to B, by least squares reweighted against outliers."""
    count = len(luma_a)
    x, y = luma_a.reshape(count, -1), luma_b.reshape(count, -1)
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
