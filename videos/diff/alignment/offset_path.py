"""Correct the offsets of runs whose frames match clearly better at another offset nearby.

Slow footage hardly changes within a second, so a run of the coarse grid may go on over small cuts, or lie beside its
place. Here some frames of a second are compared in all cells of luma, first at a few offsets around the run and, where
one of these matches better, at all of them. The cheapest sequence of offsets is found by dynamic programming, in which
B shows nothing twice: an offset can only decrease where frames of A are left out.
"""

from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.pairing import read_shared_luma
from videos.diff.alignment.refine import choose_offset
from videos.diff.alignment.time_map import IDENTITY_TIME_MAP, TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.covered import MAX_CELL_LEVELS, ShiftedPairs
from videos.diff.parallel import map_parallel
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo

SAMPLE_SECONDS = 0.2  # seconds between the frames of a run that are compared
REACH_SECONDS = 1.2  # seconds around a run's offset among which the better ones are searched,
MAX_ROUNDS = 3  # as often as this, each time around the offsets found
CHECKED_SECONDS = (0.0, 0.12, 0.32, 0.64, 1.0)  # shifts to either side of the offset that are compared first
MIN_DOUBT = 0.3  # cost by which one of them must match better
DOUBT_SECONDS = 2.0  # seconds around such a frame that are compared at all offsets
MIN_BEST = 0.3  # squared levels; frames that match better than this match equally well
FULL_COST_RATIO = 3.0  # squared levels at which a frame costs 1, relative to the best offset around it
SMOOTHED_SAMPLES = 5  # samples to either side over which the best offset's squared levels are smoothed,
MAX_SMOOTHED_RATIO = 2.0  # by this factor at most
MISFIT_RATIO = 4.0  # squared levels above which a frame matches at no offset, relative to the run's median,
MISFIT_LEVELS = 1.0  # and squared levels added to that
USUAL_FRAMES = 100  # frames of all runs that tell the usual squared levels, relative to which a run matches nowhere
JUMP_SAMPLES = 2.5  # cost of another offset, in samples that match nothing
START_COST = 0.5  # cost of another offset from the start of a run
GAP_COST = 0.5  # cost of a sample that one side alone shows
FITTED_FRAMES = 48  # frames of a corrected run on which its exact offset is chosen,
FITTED_QUARTERS = 6  # among so many quarters of a frame to either side
FRAMES_PER_BLOCK = 64  # frames that are compared at once, with all of B between them


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
    pairs = ShiftedPairs(a, b, in_a, run.time_map, few)
    squares = measure_squares_beside(a, b, in_a, run.time_map, few)
    covered = pairs.find_covered(squares)
    checked, _ = scale_costs(pairs.leave_out_covered(squares, covered), most)
    doubts = np.flatnonzero(checked[:, few == 0].ravel() - checked.min(axis=1) > MIN_DOUBT)
    if not len(doubts):
        return [run]
    reach = round(REACH_SECONDS / frame)
    shifts = np.arange(-reach, reach + 1) * frame
    path = np.full(len(in_a), reach)
    for start, stop in _list_stretches(doubts, len(in_a)):
        pairs = ShiftedPairs(a, b, in_a[start:stop], run.time_map, shifts)
        squares = measure_squares_beside(a, b, pairs.in_a, run.time_map, shifts)
        costs, is_matching = scale_costs(pairs.leave_out_covered(squares, covered[start:stop]), most)
        start_cost = JUMP_SAMPLES if start else START_COST
        path[start:stop] = find_offset_path(costs, is_matching, shifts, every * a.fingerprint.step, start_cost)
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


def _find_frames(a: SampledVideo, run: Run) -> tuple[int, int]:
    """Return the first frame of a run and the one after its last."""
    borders, half = a.fingerprint.borders, a.fingerprint.step / 2
    first, last = (int(np.searchsorted(borders, moment - half)) for moment in (run.start, run.end))
    return first, min(last, len(a.fingerprint))


def _list_stretches(doubts: NDArray[np.intp], count: int) -> Iterator[tuple[int, int]]:
    """Yield the first of `count` samples around doubtful ones, and the one after the last, for each group of these."""
    around = round(DOUBT_SECONDS / SAMPLE_SECONDS)
    for group in np.split(doubts, np.flatnonzero(np.diff(doubts) > 2 * around) + 1):
        yield max(0, int(group[0]) - around), min(count, int(group[-1]) + around + 1)


def measure_squares_beside(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, time_map: TimeMap, shifts: NDArray[np.floating]
) -> Floats:
    """Return mean squared differences (len(in_a), len(shifts)) of luma in levels from B beside a time map.

    Brightness is ignored, and differences of a cell are clipped.
    """
    squares = np.empty((len(in_a), len(shifts)), np.float32)
    for start in range(0, len(in_a), FRAMES_PER_BLOCK):
        block = in_a[start : start + FRAMES_PER_BLOCK]
        times = time_map.times_to_b(a.fingerprint.times[block])
        first, last = b.fingerprint.nearest(np.array([times[0] + shifts[0], times[-1] + shifts[-1]]))
        frames_a, frames_b = _read_centred(a, block), _read_centred(b, np.arange(first, last + 1))
        differences = np.empty_like(frames_a)
        for place, shift in enumerate(shifts):
            frames_b.take(b.fingerprint.nearest(times + shift) - first, axis=0, out=differences, mode="clip")
            differences -= frames_a
            np.clip(differences, -MAX_CELL_LEVELS, MAX_CELL_LEVELS, out=differences)
            squares[start : start + len(block), place] = np.einsum("ij,ij->i", differences, differences)
            is_outside = (times + shift <= -b.fingerprint.step) | (times + shift >= b.fingerprint.duration)
            squares[start : start + len(block), place][is_outside] = frames_a.shape[1] * MAX_CELL_LEVELS**2
        squares[start : start + len(block)] /= frames_a.shape[1]
    return squares


def _read_centred(video: SampledVideo, frames: Indexes) -> Floats:
    """Return the luma (frames, cells) that both sides show, without its mean."""
    luma = read_shared_luma(video, frames)
    luma -= luma.mean(axis=1, keepdims=True)
    return luma


def scale_costs(squares: Floats, most: float = np.inf) -> tuple[Floats, NDArray[np.bool_]]:
    """Return costs (samples, shifts) from 0 for the best offset to 1, and a mask of the samples that match at one.

    The others cost nothing. `most` are the squared levels above which a sample matches at none.
    """
    if not len(squares):
        return squares, np.zeros(0, bool)
    best = squares.min(axis=1)
    padded = np.pad(best, SMOOTHED_SAMPLES, mode="edge")
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * SMOOTHED_SAMPLES + 1), axis=1)
    usual = np.maximum(best, np.minimum(smooth, MAX_SMOOTHED_RATIO * best)).clip(MIN_BEST, None)
    costs = ((squares / usual[:, None] - 1) / (FULL_COST_RATIO - 1)).clip(0, 1).astype(np.float32)
    is_matching = find_matching(best) & (best <= most)
    costs[~is_matching] = 0
    return costs, is_matching


def find_matching(best: Floats) -> NDArray[np.bool_]:
    """Return a mask of the samples that match at some offset, given the squared levels at their best one."""
    is_matching: NDArray[np.bool_] = best <= MISFIT_RATIO * np.median(best) + MISFIT_LEVELS
    return is_matching


def find_offset_path(
    costs: Floats, is_matching: NDArray[np.bool_], shifts: NDArray[np.floating], step: float, start_cost: float
) -> Indexes:
    """Return the place of the shift of each sample on the cheapest path, -1 for samples of which B shows nothing.

    The samples (samples, shifts) are `step` seconds apart. The path begins at no shift, or at `start_cost`. An offset
    that decreases leaves out the samples whose footage B has already shown, and one that increases leaves out footage
    of B. Both cost alike, but to leave out samples that match nothing is free.
    """
    rise = shifts[None, :] - shifts[:, None]  # from row to column
    left_out = np.where(rise < 0, np.ceil(-rise / step - 1e-6), 0).astype(int)
    price = np.where(rise == 0, 0, JUMP_SAMPLES + GAP_COST * rise.clip(0, None) / step)
    prices = [np.where(left_out == count, price, np.inf) for count in range(left_out.max() + 1)]
    gaps = np.append(0, np.cumsum(GAP_COST * is_matching))
    totals = [costs[0] + np.where(np.abs(shifts) < step / 1000, 0, start_cost)]
    came_from = [np.zeros(len(shifts), np.intp)]
    for row in range(1, len(costs)):
        options = np.concatenate(
            [
                totals[row - 1 - count][:, None] + prices[count] + (gaps[row] - gaps[row - count])
                for count in range(min(row, len(prices)))
            ]
        )
        came_from.append(options.argmin(axis=0))
        totals.append(options.min(axis=0) + costs[row])
    path = np.full(len(costs), -1)
    row, place = len(costs) - 1, int(totals[-1].argmin())
    path[row] = place
    while row > 0:
        count, place = divmod(int(came_from[row][place]), len(shifts))
        row -= 1 + count
        path[row] = place
    return path


def _fit_offset(a: SampledVideo, b: SampledVideo, run: Run, before: TimeMap | None) -> Run:
    """Return a run with its exact offset: that of the run before it, or none, if it matches as well."""
    quarters = np.arange(-FITTED_QUARTERS, FITTED_QUARTERS + 1) * b.fingerprint.step / 4
    first, last = _find_frames(a, run)
    in_a = np.unique(np.linspace(first, max(first, last - 1), FITTED_FRAMES).astype(int))
    squares = measure_squares_beside(a, b, in_a, run.time_map, quarters)
    is_matching = find_matching(squares.min(axis=1))
    wanted = [each.to_b(run.start) - run.time_map.to_b(run.start) for each in (before, IDENTITY_TIME_MAP) if each]
    shift = choose_offset(quarters, squares[is_matching].mean(axis=0), wanted)
    return Run(run.start, run.end, TimeMap(run.time_map.offset + shift, run.time_map.slope))
