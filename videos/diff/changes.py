"""What changed inside the frame while the footage stayed: when, where, and how clearly.

Deviations from the noise model are averaged over fifths of a second and over neighbouring cells, on three channels:
luma, chroma, and detail (which alone shows a blur on soft content). What stands out is grouped in space and time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from videos.diff.cores import Tick, shared_out
from videos.diff.descriptor import Floats, Indexes, Sampled
from videos.diff.fingerprint import LUMA_SHAPE
from videos.diff.glitches import frozen, glitches
from videos.diff.noise import NoiseModel, Residual
from videos.diff.outline import Part
from videos.diff.pairing import pairs_near

BIN_SECONDS = 0.2
FRAMES_A_BIN = 3
ONE_FRAME = np.array([0.5], np.float32)  # shares of a bin
MORE_FRAMES = ((np.arange(FRAMES_A_BIN) + 0.5) / FRAMES_A_BIN).astype(np.float32)
CLIP = 16.0  # deviations; a cell that is off by more is simply gone
LUMA_LEAST, CHROMA_LEAST, DETAIL_LEAST = 4.0, 5.0, 4.5  # scores below which nothing counts as a change
OVER_LIVELY = 3.0  # a change must exceed the score of the pair's liveliest hundredth of cells by so much,
OVER_USUAL = 6.0  # but not that of its liveliest tenth by more than this, lest a lasting overlay hide itself
GROW = 0.6  # share of the threshold down to which a change extends around its core
GRID = (9, 16)  # cells at which changes are grouped
PRESENT = 0.25  # share of the way from outside to inside at which a change is there
EVIDENT_SECONDS = 0.6  # a change that lasts so long need not exceed the threshold further
SMALL_CELLS = 24  # of 2304; so small a change must be clearer
SMALL_NEEDS = 1.25
CLEARLY_OVER = 1.2
BINS_AT_ONCE = 120
LOOKED = 0.8  # of the work, before single frames are looked for
WORTH_A_LOOK = 0.5  # score of one frame from which a bin is looked at in more
FROZEN_LEVELS = 8.0  # by which a cell differs where a frame is shown again: tolerance for motion would hide it
PLAINLY = 3.0
BLINK_BINS = 2  # a pause this short does not end a change

Scores = NDArray[np.float16]
Cell = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Scores of one part over time: luma-sized maps of the strongest channel, in units of the threshold.

    `times` are the bins' middles in A; `score` is (bins, 36, 64).
    """

    part: Part
    times: NDArray[np.float64]
    score: Scores


NO_TRACK = Track(Part("kept", None, None), np.zeros(0), np.zeros((0, *LUMA_SHAPE), np.float16))


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A group of cells that differ from bin `first` up to `last` of a track; `cells` is (36, 64) of bool.

    `strength` is the highest score, which ends where a cell is plainly gone; `levels` is by how many levels the cells
    differ on average, 0 where nobody measured it, and `foreign` footage is no edit of the other at all.
    """

    track: Track
    first: int
    last: int
    cells: NDArray[np.bool_]
    strength: float
    levels: float = 0.0
    foreign: bool = False


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

    def eased(self, by: float) -> Self:
        return type(self)(by * self.luma, by * self.chroma, by * self.detail)


def score_maps(residual: Residual) -> tuple[Floats, Floats, Floats]:
    """(pairs, 36, 64) of luma, (pairs, 9, 16) of chroma, (pairs, 18, 32) of detail: how much stands out where."""
    luma = _around(np.minimum(np.abs(residual.luma), np.float32(CLIP)))
    chroma = np.minimum(np.abs(residual.chroma), np.float32(CLIP)).max(axis=1)
    detail = np.abs(_around(residual.detail.clip(-CLIP, CLIP)))
    return luma, chroma, detail


def _around(cells: Floats) -> Floats:
    """Mean over 3 x 3 cells."""
    lines = np.concatenate([cells[:, :1], cells, cells[:, -1:]], axis=1)
    rows = lines[:, :-2] + lines[:, 1:-1]
    rows += lines[:, 2:]
    wide = np.concatenate([rows[..., :1], rows, rows[..., -1:]], axis=2)
    mean = wide[..., :-2] + wide[..., 1:-1]
    mean += wide[..., 2:]
    mean /= np.float32(9)
    return mean


def thresholds(residual: Residual) -> Thresholds:
    """From pairs that mostly match: what the liveliest cells of a usual frame reach, and well above it."""
    least = (LUMA_LEAST, CHROMA_LEAST, DETAIL_LEAST)
    found = []
    for score, floor in zip(score_maps(residual), least, strict=True):
        lively, usual = np.median(np.quantile(score.reshape(len(score), -1), (0.99, 0.9), axis=1), axis=1)
        found.append(max(floor, min(OVER_LIVELY * float(lively), 1 + OVER_USUAL * float(usual))))
    return Thresholds(*found)


def in_units(residual: Residual, limits: Thresholds) -> Floats:
    """(pairs, 36, 64): the strongest channel of each cell over its threshold."""
    luma, chroma, detail = score_maps(residual)
    luma /= np.float32(limits.luma)
    for coarse, limit in ((chroma, limits.chroma), (detail, limits.detail)):
        _, rows, columns = coarse.shape
        cells = luma.reshape(len(luma), rows, LUMA_SHAPE[0] // rows, columns, LUMA_SHAPE[1] // columns)
        np.maximum(cells, (coarse / np.float32(limit))[:, :, None, :, None], out=cells)
    return luma


def tracks(
    a: Sampled,
    b: Sampled,
    noise: NoiseModel,
    limits: Thresholds,
    parts: Sequence[Part],
    search: bool,
    tick: Tick = lambda share: None,
) -> list[Track]:
    """Scores over the whole of each part that both sides show; `tick` gets the share done, about every second."""
    edges = [_edges(part) for part in parts]

    def look(piece: tuple[int, int]) -> Scores:
        """At one frame of each bin, and at more of those that anything stands out in."""
        place, low = piece
        part, borders = parts[place], edges[place][low : low + BINS_AT_ONCE + 1]
        score = np.zeros((len(borders) - 1, *LUMA_SHAPE), np.float16)

        def fill(bins: Indexes, shares: Floats) -> None:
            times = (borders[bins, None] + shares * (edges[place][1] - edges[place][0])).ravel()
            in_a, in_b = pairs_near(a, b, times, part.line, search)
            of_bin = np.searchsorted(borders, a.print.times[in_a] + 1e-6, side="right") - 1
            units = in_units(noise.residual(a, b, in_a, in_b), limits)
            for each in bins:
                mine = units[of_bin == each]
                score[each] = mine.mean(axis=0) if len(mine) else 0

        fill(np.arange(len(score)), ONE_FRAME)
        telling = np.flatnonzero((score > WORTH_A_LOOK).any(axis=(1, 2)))
        if len(telling):
            fill(telling, MORE_FRAMES)
        a.print.release()
        b.print.release()
        return score

    def brief(place: int) -> list[tuple[int, Floats]]:
        return _brief(edges[place], (a, b), noise, limits, parts[place], search)

    pieces = [(place, low) for place in range(len(parts)) for low in range(0, len(edges[place]) - 1, BINS_AT_ONCE)]
    looks = shared_out(look, pieces, lambda share: tick(LOOKED * share))
    found = []
    short = shared_out(brief, range(len(parts)), lambda share: tick(LOOKED + (1 - LOOKED) * share))
    for place, part in enumerate(parts):
        score = np.concatenate([seen for seen, (of, _) in zip(looks, pieces, strict=True) if of == place])
        for bin_, unit in short[place]:
            np.maximum(score[bin_], unit, out=score[bin_], casting="unsafe")
        found.append(Track(part, (edges[place][:-1] + edges[place][1:]) / 2, score))
    return found


def _edges(part: Part) -> NDArray[np.float64]:
    """Where the bins of a part begin and end, in seconds of A."""
    assert part.a is not None  # noqa: S101  for the type checker
    start, end = part.a
    return np.linspace(start, end, max(1, round((end - start) / BIN_SECONDS)) + 1)


def _brief(
    edges: NDArray[np.float64],
    sides: tuple[Sampled, Sampled],
    noise: NoiseModel,
    limits: Thresholds,
    part: Part,
    search: bool,
) -> list[tuple[int, Floats]]:
    """Bins in which single frames break out or stand still, each with the scores that these have."""
    a, b = sides
    seen: list[tuple[int, Floats]] = []

    def add(in_a: Indexes, units: Floats) -> None:
        for frame, unit in zip(in_a, units, strict=True):
            bin_ = min(len(edges) - 2, int(np.searchsorted(edges, a.print.times[frame] + 1e-6, side="right")) - 1)
            seen.append((bin_, unit))

    found = glitches(a, b, part, search)
    for first in range(0, len(found[0]), BINS_AT_ONCE):
        in_a, in_b = (frames[first : first + BINS_AT_ONCE] for frames in found)
        add(in_a, in_units(noise.residual(a, b, in_a, in_b), limits))
    if not search:
        in_a, in_b = frozen(a, b, part)
        add(in_a, (np.abs(b.luma(in_b) - a.luma(in_a)) > FROZEN_LEVELS) * np.float32(PLAINLY))
    return seen


def changes(track: Track) -> list[Change]:
    """Groups that touch in space and time, each with at least one cell over the threshold."""
    return [change for change in gathered(track, in_blocks(track), 1.0) if _evident(change)]


def in_blocks(track: Track) -> Scores:
    """(bins, 9, 16): the highest score in each block of cells."""
    rows, columns = LUMA_SHAPE[0] // GRID[0], LUMA_SHAPE[1] // GRID[1]
    bits = track.score.view(np.uint16)  # which order halves from 0 on as they are, and are compared many at a time
    high = bits.reshape(-1, GRID[0], rows, LUMA_SHAPE[1]).max(axis=2)
    blocks = high[..., 0::columns].copy()
    for column in range(1, columns):
        np.maximum(blocks, high[..., column::columns], out=blocks)
    return blocks.view(np.float16)


def gathered(track: Track, blocks: Scores, level: float) -> list[Change]:
    """Groups of blocks that touch in space and time, each with at least one over a level."""
    rows, columns = LUMA_SHAPE[0] // GRID[0], LUMA_SHAPE[1] // GRID[1]
    found: list[Change] = []
    for group in _groups(blocks > GROW * level, blocks > level):
        bins, down, across = (np.array(axis) for axis in zip(*group, strict=True))
        first, last = int(bins.min()), int(bins.max()) + 1
        allowed = np.zeros(GRID, bool)
        allowed[down, across] = True
        mask = np.kron(allowed, np.ones((rows, columns), bool))
        mean = track.score[first:last].astype(np.float32).mean(axis=0)
        cells = mask & (mean > GROW * min(level, float(mean[mask].max())))
        first, last = _while_present(track, cells, first, last)
        found.append(Change(track, first, last, cells, float(blocks[bins, down, across].max())))
    return _joined(found)


def _evident(change: Change) -> bool:
    """Whether a change is strong enough for how short and how small it is."""
    times = change.track.times
    seconds = (change.last - change.first) * (float(times[1] - times[0]) if len(times) > 1 else EVIDENT_SECONDS)
    needed = CLEARLY_OVER * max(1.0, float(np.sqrt(EVIDENT_SECONDS / seconds)))
    return change.strength >= needed * (SMALL_NEEDS if change.cells.sum() < SMALL_CELLS else 1.0)


def _while_present(track: Track, cells: NDArray[np.bool_], first: int, last: int) -> tuple[int, int]:
    """The bins over which cells stay nearer to how they are in the group than to how they are outside it."""
    level = np.minimum(track.score[:, cells], np.float16(4)).astype(np.float32).mean(axis=1)
    outside = np.concatenate([level[: max(0, first - 2)], level[last + 2 :]])
    within = float(np.median(level[first:last]))
    without = min(float(np.median(outside)) if len(outside) else 0.0, within)
    present = np.flatnonzero(level > without + PRESENT * (within - without))
    core = present[(present >= first) & (present < last)]
    if not len(core):
        return first, last
    low, high = int(core[0]), int(core[-1])
    for place in present[present > high]:
        if place - high > BLINK_BINS:
            break
        high = int(place)
    for place in present[present < low][::-1]:
        if low - place > BLINK_BINS:
            break
        low = int(place)
    return low, high + 1


def _joined(found: list[Change]) -> list[Change]:
    """Changes whose boxes meet while both are to be seen made one, such as the parts of a tinted picture."""
    joined: list[Change] = []
    for change in sorted(found, key=lambda each: -each.strength):
        for place, other in enumerate(joined):
            shared = min(change.last, other.last) - max(change.first, other.first)
            if shared * 2 > min(change.last - change.first, other.last - other.first) and _boxes_meet(change, other):
                joined[place] = replace(
                    other,
                    first=min(other.first, change.first),
                    last=max(other.last, change.last),
                    cells=other.cells | change.cells,
                )
                break
        else:
            joined.append(change)
    return joined if len(joined) == len(found) else _joined(joined)


def _boxes_meet(one: Change, other: Change) -> bool:
    for axis in (0, 1):
        mine, theirs = (np.flatnonzero(change.cells.any(axis=axis)) for change in (one, other))
        if mine[0] > theirs[-1] + 1 or theirs[0] > mine[-1] + 1:
            return False
    return True


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
