"""Correct the offsets of runs whose frames match clearly better at another offset nearby.

Slow footage hardly changes within a second, so a run of the coarse grid may go on over small cuts, or lie beside its
place. Here some frames of a second are compared in all cells of luma, first at a few offsets around the run and, where
one of these matches better, at all of them. The cheapest sequence of offsets is found by dynamic programming. Where
only a small part of the picture moves, its cells alone tell the offset, and those of all frames in a short run.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.pairing import compare_cells
from videos.diff.alignment.evidence.squares import MAX_CELL_LEVELS, measure_squares_beside
from videos.diff.alignment.offset_path import (
    JUMP_SAMPLES,
    MISFIT_LEVELS,
    MISFIT_RATIO,
    START_COST,
    find_matching,
    find_offset_path,
    scale_costs,
)
from videos.diff.alignment.refine import choose_offset
from videos.diff.alignment.time_map import IDENTITY_TIME_MAP, TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.motion import find_moving_part
from videos.diff.noise.medians import find_medians
from videos.diff.parallel import map_parallel
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo

SAMPLE_SECONDS = 0.2  # seconds between the frames of a run that are compared
REACH_SECONDS = 1.2  # seconds around a run's offset among which the better ones are searched,
MAX_ROUNDS = 3  # as often as this, each time around the offsets found
CHECKED_SECONDS = (0.0, 0.12, 0.32, 0.64, 1.0)  # shifts to either side of the offset that are compared first
SHORT_SAMPLES = 10  # of a run in which only a part moves, up to which all frames are compared at all offsets
MAX_PART_RATIO = 0.75  # squared levels of a moving part at its best offset, relative to most offsets
MIN_MATCHING_SHARE = 0.5  # of the samples of a run, below which such a part tells nothing
MIN_DOUBT = 0.3  # cost by which one of them must match better
DOUBT_SECONDS = 2.0  # seconds around such a frame that are compared at all offsets
USUAL_FRAMES = 100  # frames of all runs that tell the usual squared levels, relative to which a run matches nowhere
FITTED_FRAMES = 48  # frames of a corrected run on which its exact offset is chosen,
FITTED_QUARTERS = 6  # among so many quarters of a frame to either side


def correct_offsets(
    a: SampledVideo, b: SampledVideo, runs: list[Run], confirmed: set[Run] | None = None, most: float = np.inf
) -> list[Run]:
    """Return the runs in A's order, split and shifted where their frames match clearly better.

    Runs that are `confirmed` are not compared, and others that match best at their own offset are added to these.
    `most` are the squared levels above which a frame matches at no offset.
    """
    confirmed = set() if confirmed is None else confirmed
    for _ in range(MAX_ROUNDS):
        found = _correct_runs(a, b, runs, confirmed, most)
        corrected = [piece for run in runs for piece in found.get(run, [run])]
        confirmed.update(run for run, pieces in found.items() if pieces == [run])
        if corrected == runs:
            break
        known = set(runs)
        runs = []
        for run in corrected:
            runs.append(run if run in known else _fit_offset(a, b, run, runs[-1].time_map if runs else None))
    return runs


def shift_runs(a: SampledVideo, b: SampledVideo, runs: list[Run], confirmed: Collection[Run] = ()) -> list[Run]:
    """Return the runs in A's order, each shifted as a whole where all its frames match clearly better at one offset.

    Runs that are `confirmed` stay.
    """
    found = _correct_runs(a, b, runs, confirmed, find_misfit(a, b, runs))
    shifted: list[Run] = []
    for run in runs:
        pieces = found.get(run, [run])
        is_whole = len(pieces) == 1 and (pieces[0].start, pieces[0].end) == (run.start, run.end)
        is_shifted = is_whole and pieces[0] != run
        shifted.append(_fit_offset(a, b, pieces[0], shifted[-1].time_map if shifted else None) if is_shifted else run)
    return shifted


def _correct_runs(
    a: SampledVideo, b: SampledVideo, runs: list[Run], confirmed: Collection[Run], most: float
) -> dict[Run, list[Run]]:
    """Return the pieces of each run that is not confirmed."""
    doubtful = [run for run in runs if run not in confirmed]
    return dict(zip(doubtful, map_parallel(lambda run: _correct_run(a, b, run, most), doubtful), strict=True))


def find_misfit(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> float:
    """Return the squared levels above which a frame matches at no offset, as under a grade, if most runs are right."""
    borders = np.cumsum([0, *(run.seconds for run in runs)])
    squares = []
    for run, first, last in zip(runs, borders, borders[1:], strict=False):
        moments = np.arange(0.5, USUAL_FRAMES) / USUAL_FRAMES * borders[-1]
        times = run.start + moments[(moments >= first) & (moments < last)] - first
        if len(times):
            squares.append(measure_squares_beside(a, b, a.fingerprint.nearest(times), run.time_map, np.zeros(1)))
        a.fingerprint.release()
        b.fingerprint.release()
    return MISFIT_RATIO * float(np.median(np.concatenate(squares))) + MISFIT_LEVELS


def _correct_run(a: SampledVideo, b: SampledVideo, run: Run, most: float) -> list[Run]:
    """Return the pieces of a run, or the run alone if no other offset matches better.

    `most` are the squared levels above which a frame matches at no offset.
    """
    first, last = _find_frames(a, run)
    every = max(1, round(SAMPLE_SECONDS / a.fingerprint.step))
    in_a = np.arange(first + every // 2, last, every)
    if len(in_a) < 2 or run.time_map.slope != 1:
        return [run]
    frame = b.fingerprint.step
    few = np.unique(np.rint([sign * each / frame for each in CHECKED_SECONDS for sign in (-1, 1)])) * frame
    part = find_moving_part(a, first, last)
    samples = _Samples(a, b, run.time_map, in_a, part, most)
    if part is not None and np.isfinite(most) and np.median(samples.measure_still()) > most:
        a.fingerprint.release()
        b.fingerprint.release()
        return [run]
    reach = round(REACH_SECONDS / frame)
    shifts = np.arange(-reach, reach + 1) * frame
    if part is not None and len(in_a) <= SHORT_SAMPLES:
        path = samples.find_path_by_means(np.arange(first, last), shifts)
    else:
        checked, _ = scale_costs(samples.measure(in_a, few), most if part is None else np.inf)
        doubts = np.flatnonzero(checked[:, few == 0].ravel() - checked.min(axis=1) > MIN_DOUBT)
        path = samples.find_path_around(doubts, shifts)
    a.fingerprint.release()
    b.fingerprint.release()
    breaks = [0, *(np.flatnonzero(np.diff(path)) + 1), len(path)]
    borders = [*a.fingerprint.borders[first + every * np.array(breaks[:-1])].tolist(), run.end]
    borders[0] = run.start
    return [
        Run(borders[place], borders[place + 1], TimeMap(run.time_map.offset + float(shifts[path[at]])))
        for place, at in enumerate(breaks[:-1])
        if path[at] >= 0
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """Frames `in_a` of A, which are compared with those of B beside a time map.

    If only a `part` (36, 64) of the picture moves, its cells alone are compared. `most` are the squared levels above
    which a frame matches at no offset.
    """

    a: SampledVideo
    b: SampledVideo
    time_map: TimeMap
    in_a: Indexes
    part: NDArray[np.bool_] | None
    most: float

    def measure(self, frames: Indexes, shifts: NDArray[np.floating]) -> Floats:
        """Return the squared levels (frames, shifts) by which some of the frames differ."""
        return measure_squares_beside(self.a, self.b, frames, self.time_map, shifts, self.part)

    def measure_still(self) -> Floats:
        """Return the squared levels (some samples,) by which most of a still picture differs, without brightness."""
        in_a = self.in_a[:: max(1, len(self.in_a) // USUAL_FRAMES)]
        in_b = self.b.fingerprint.nearest(self.time_map.times_to_b(self.a.fingerprint.times[in_a]))
        levels = compare_cells(self.a, self.b, in_a, in_b[None], MAX_CELL_LEVELS)
        squares: Floats = np.square(find_medians(levels[:, 0]))
        return squares

    def _scale_costs(self, squares: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Return what `scale_costs` does. A moving part must match at one shift clearly better than at most of them."""
        if self.part is None:
            return scale_costs(squares, self.most)
        costs, is_matching = scale_costs(squares)
        is_matching &= squares.min(axis=1) <= MAX_PART_RATIO * find_medians(squares)
        costs[~is_matching | (is_matching.mean() < MIN_MATCHING_SHARE)] = 0
        return costs, is_matching

    def find_path_by_means(self, frames: Indexes, shifts: NDArray[np.floating]) -> Indexes:
        """Return the place of each sample's shift, -1 for none. A sample has the mean of the frames around it.

        Of a short run there are few samples, which may match best at a wrong shift.
        """
        every = int(self.in_a[1] - self.in_a[0])
        squares = self.measure(frames, shifts)
        means = np.stack([squares[np.abs(frames - middle) <= every].mean(axis=0) for middle in self.in_a])
        return find_offset_path(*self._scale_costs(means), shifts, every * self.a.fingerprint.step, START_COST)

    def find_path_around(self, doubts: Indexes, shifts: NDArray[np.floating]) -> Indexes:
        """Return the same. Only samples near doubtful ones are compared at all shifts."""
        path = np.full(len(self.in_a), len(shifts) // 2)
        step = int(self.in_a[1] - self.in_a[0]) * self.a.fingerprint.step
        for start, stop in _list_stretches(doubts, len(self.in_a)):
            costs, is_matching = self._scale_costs(self.measure(self.in_a[start:stop], shifts))
            start_cost = JUMP_SAMPLES if start else START_COST
            path[start:stop] = find_offset_path(costs, is_matching, shifts, step, start_cost)
        return path


def _find_frames(a: SampledVideo, run: Run) -> tuple[int, int]:
    """Return the first frame of a run and the one after its last."""
    borders, half = a.fingerprint.borders, a.fingerprint.step / 2
    first, last = (int(np.searchsorted(borders, moment - half)) for moment in (run.start, run.end))
    return first, min(last, len(a.fingerprint))


def _list_stretches(doubts: NDArray[np.intp], count: int) -> Iterator[tuple[int, int]]:
    """Yield the first of `count` samples around doubtful ones, and the one after the last, for each group of these."""
    around = round(DOUBT_SECONDS / SAMPLE_SECONDS)
    for group in filter(len, np.split(doubts, np.flatnonzero(np.diff(doubts) > 2 * around) + 1)):
        yield max(0, int(group[0]) - around), min(count, int(group[-1]) + around + 1)


def _fit_offset(a: SampledVideo, b: SampledVideo, run: Run, before: TimeMap | None) -> Run:
    """Return a run with its exact offset: that of the run before it, or none, if it matches as well."""
    quarters = np.arange(-FITTED_QUARTERS, FITTED_QUARTERS + 1) * b.fingerprint.step / 4
    first, last = _find_frames(a, run)
    in_a = np.unique(np.linspace(first, max(first, last - 1), FITTED_FRAMES).astype(int))
    squares = measure_squares_beside(a, b, in_a, run.time_map, quarters, find_moving_part(a, first, last))
    is_matching = find_matching(squares.min(axis=1))
    wanted = [each.to_b(run.start) - run.time_map.to_b(run.start) for each in (before, IDENTITY_TIME_MAP) if each]
    shift = choose_offset(quarters, squares[is_matching].mean(axis=0), wanted)
    return Run(run.start, run.end, TimeMap(run.time_map.offset + shift, run.time_map.slope))
