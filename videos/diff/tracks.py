"""What stands out over time: scores of each part that both sides show, averaged over fifths of a second."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.cores import Tick, shared_out
from videos.diff.descriptor import Floats, Indexes, Sampled
from videos.diff.fingerprint import LUMA_SHAPE
from videos.diff.glitches import frozen, glitches
from videos.diff.noise import NoiseModel
from videos.diff.outline import Part
from videos.diff.pairing import pairs_near
from videos.diff.scores import Thresholds, in_units

BIN_SECONDS = 0.2
FRAMES_A_BIN = 3
ONE_FRAME = np.array([0.5], np.float32)  # shares of a bin
MORE_FRAMES = ((np.arange(FRAMES_A_BIN) + 0.5) / FRAMES_A_BIN).astype(np.float32)
BINS_AT_ONCE = 120
LOOKED = 0.8  # of the work, before single frames are looked for
WORTH_A_LOOK = 0.5  # score of one frame from which a bin is looked at in more
FROZEN_LEVELS = 8.0  # by which a cell differs where a frame is shown again: tolerance for motion would hide it
PLAINLY = 3.0

Scores = NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Scores of one part over time: luma-sized maps of the strongest channel, in units of the threshold.

    `times` are the bins' middles in A; `score` is (bins, 36, 64).
    """

    part: Part
    times: NDArray[np.float64]
    score: Scores


NO_TRACK = Track(Part("kept", None, None), np.zeros(0), np.zeros((0, *LUMA_SHAPE), np.float16))


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
