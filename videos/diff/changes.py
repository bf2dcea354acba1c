"""What changed inside the frame while the footage stayed: when, where, and how clearly.

Deviations from the noise model are averaged over fifths of a second and over neighbouring cells, on three channels:
luma, chroma, and detail (which alone shows a blur on soft content). What stands out is grouped in space and time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.descriptor import Floats, Sampled
from videos.diff.fingerprint import LUMA_SHAPE
from videos.diff.noise import NoiseModel, Residual
from videos.diff.outline import Part
from videos.diff.pairing import pairs_near

BIN_SECONDS = 0.2
FRAMES_A_BIN = 3
CLIP = 16.0  # deviations; a cell that is off by more is simply gone
LUMA_LEAST, CHROMA_LEAST, DETAIL_LEAST = 4.0, 4.5, 5.5  # scores below which nothing counts as a change
OVER_USUAL = 3.0  # a change must exceed the score of the pair's liveliest tenth of cells by so much
LIVELY = 0.9
GROW = 0.5  # share of the threshold down to which a change extends around its core
GRID = (9, 16)  # cells at which changes are grouped
BINS_AT_ONCE = 120
BLINK_BINS = 2  # a pause this short does not end a change

Scores = NDArray[np.float16]
Cell = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Track:
    """Scores of one part over time: luma-sized maps of the strongest channel, in units of the threshold.

    `times` are the bins' middles in A; `score` is (bins, 36, 64).
    """

    part: Part
    times: NDArray[np.float64]
    score: Scores


@dataclass(frozen=True, slots=True)
class Change:
    """A group of cells that differ from bin `first` up to `last` of a track; `cells` is (36, 64) of bool."""

    track: Track
    first: int
    last: int
    cells: NDArray[np.bool_]
    strength: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores of each channel from which a cell counts as changed."""

    luma: float
    chroma: float
    detail: float

    @property
    def strictness(self) -> float:
        """How far above the least threshold noise has pushed this pair's."""
        return self.luma / LUMA_LEAST


def score_maps(residual: Residual) -> tuple[Floats, Floats, Floats]:
    """(pairs, 36, 64) of luma, (pairs, 9, 16) of chroma, (pairs, 18, 32) of detail: how much stands out where."""
    luma = _around(np.minimum(np.abs(residual.luma), np.float32(CLIP)))
    chroma = np.minimum(np.abs(residual.chroma), np.float32(CLIP)).max(axis=1)
    detail = np.abs(_around(residual.detail.clip(-CLIP, CLIP)))
    return luma, chroma, detail


def _around(cells: Floats) -> Floats:
    """Mean over 3 x 3 cells."""
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    mean: Floats = (rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:]) / np.float32(9)
    return mean


def thresholds(residual: Residual) -> Thresholds:
    """From pairs that mostly match: what the liveliest cells of a usual frame reach, and well above it."""
    usual = [
        float(np.median(np.quantile(score.reshape(len(score), -1), LIVELY, axis=1))) for score in score_maps(residual)
    ]
    return Thresholds(
        max(LUMA_LEAST, OVER_USUAL * usual[0]),
        max(CHROMA_LEAST, OVER_USUAL * usual[1]),
        max(DETAIL_LEAST, OVER_USUAL * usual[2]),
    )


def in_units(residual: Residual, limits: Thresholds) -> Floats:
    """(pairs, 36, 64): the strongest channel of each cell over its threshold."""
    luma, chroma, detail = score_maps(residual)
    luma /= np.float32(limits.luma)
    np.maximum(luma, np.kron(chroma, np.ones((1, 4, 4), np.float32)) / np.float32(limits.chroma), out=luma)
    np.maximum(luma, np.kron(detail, np.ones((1, 2, 2), np.float32)) / np.float32(limits.detail), out=luma)
    return luma


def track(a: Sampled, b: Sampled, noise: NoiseModel, limits: Thresholds, part: Part, search: bool) -> Track:
    """Scores over the whole of a part that both sides show."""
    assert part.a is not None  # noqa: S101  for the type checker
    start, end = part.a
    bins = max(1, round((end - start) / BIN_SECONDS))
    edges = np.linspace(start, end, bins + 1)
    score = np.zeros((bins, *LUMA_SHAPE), np.float16)
    for low in range(0, bins, BINS_AT_ONCE):
        high = min(bins, low + BINS_AT_ONCE)
        shares = (np.arange(FRAMES_A_BIN) + 0.5) / FRAMES_A_BIN
        times = (edges[low:high, None] + shares * (edges[1] - edges[0])).ravel()
        in_a, in_b = pairs_near(a, b, times, part.offset, search)
        of_bin = np.searchsorted(edges, a.print.times[in_a] + 1e-6, side="right") - 1
        units = in_units(noise.residual(a, b, in_a, in_b), limits)
        for place in range(low, high):
            mine = units[of_bin == place]
            score[place] = mine.mean(axis=0) if len(mine) else 0
    return Track(part, (edges[:-1] + edges[1:]) / 2, score)


def changes(track: Track) -> list[Change]:
    """Groups that touch in space and time, each with at least one cell over the threshold."""
    weak = track.score > GROW
    rows, columns = LUMA_SHAPE[0] // GRID[0], LUMA_SHAPE[1] // GRID[1]
    blocks = track.score.reshape(-1, GRID[0], rows, GRID[1], columns).max(axis=(2, 4))
    found = []
    for group in _groups(blocks > GROW, blocks > 1):
        bins, across, down = (np.array(axis) for axis in zip(*group, strict=True))
        first, last = int(bins.min()), int(bins.max()) + 1
        allowed = np.zeros(GRID, bool)
        allowed[across, down] = True
        mean = track.score[first:last].astype(np.float32).mean(axis=0)
        cells = np.kron(allowed, np.ones((rows, columns), bool)) & (mean > GROW * max(0.6, min(1.0, float(mean.max()))))
        strength = float(blocks[bins, across, down].max())
        if not cells.any():
            cells = weak[first:last].any(axis=0) & np.kron(allowed, np.ones((rows, columns), bool))
        found.append(Change(track, first, last, cells, strength))
    return found


def _groups(weak: NDArray[np.bool_], strong: NDArray[np.bool_]) -> list[list[Cell]]:
    """Connected cells (bin, row, column) of `weak` that hold a cell of `strong`; diagonals and short pauses connect."""
    left = {(int(t), int(y), int(x)) for t, y, x in np.argwhere(weak)}
    groups = []
    for seed in map(tuple, np.argwhere(strong).tolist()):
        if seed not in left:
            continue
        left.discard(seed)
        group, todo = [], [seed]
        while todo:
            t, y, x = todo.pop()
            group.append((t, y, x))
            for dt in range(-BLINK_BINS, BLINK_BINS + 1):
                for dy in (-1, 0, 1):
                    for dx in (-1, 0, 1):
                        cell = (t + dt, y + dy, x + dx)
                        if cell in left:
                            left.discard(cell)
                            todo.append(cell)
        groups.append(group)
    return groups
