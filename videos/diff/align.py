"""Which stretch of A is shown where in B: a Viterbi pass over "this moment of A shows that moment of B, or nothing".

Staying on a diagonal is free and a jump costs the same however far it goes (an affine gap whose extension is
free), so that insertions, deletions and moves all come out of one pass. How unlike two moments must be to count
as different comes from the pair itself, between the typical best distance and the typical distance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videos.diff.descriptor import Floats, Sampled, squared_distances
from videos.diff.line import Line

GRID_SECONDS = 0.2
GRID_FEWEST = 60  # samples that even a short video is given, where it has as many frames
GRID_MOST = 4500  # samples; a longer video is sampled more sparsely
PHASES = 3  # moments of B to a grid step, for videos whose frames fall between each other's
JUMP_SAMPLES = 3.0  # a jump costs as much as so many samples that match nothing
BETWEEN = 0.45  # where the threshold lies between best and random distance
LEAST_THRESHOLD = 0.04
MOST_THRESHOLD = 0.45
FEWEST_MATCHES = 2
SURE = 0.6  # a run's typical distance over the threshold, at most
MOST_SHARED = 0.5  # of a run's footage of B with longer ones
ROWS_AT_ONCE = 256
NEAREST_FIRST = 1e-5  # breaks ties between equal matches in favour of equal times

_DIAGONAL, _JUMP, _FROM_NOTHING = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of A, `start` to `end` in seconds, that is shown in B where `line` says."""

    start: float
    end: float
    line: Line

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def b(self) -> tuple[float, float]:
        return self.line.to_b(self.start), self.line.to_b(self.end)


def grid_step(a: Sampled, b: Sampled) -> float:
    shorter = min(a.print.duration, b.print.duration)
    longer = max(a.print.duration, b.print.duration)
    step = max(min(GRID_SECONDS, shorter / GRID_FEWEST), a.print.step, b.print.step)
    return max(step, longer / GRID_MOST)


def align(a: Sampled, b: Sampled) -> list[Run]:
    """Runs in A's order, on the coarse grid; neither their borders nor their offsets are exact yet."""
    step = grid_step(a, b)
    times_a = np.arange(0, a.print.duration, step)
    times_b = np.arange(0, b.print.duration, step)
    rows = a.describe(times_a)
    columns = [b.describe(times_b + phase * step / PHASES) for phase in range(PHASES)]
    threshold = _threshold(rows, columns)
    path, costs = _best_path(rows, columns, threshold)
    return _runs(path, costs, step, a.print.duration)


def _nearest(rows: Floats, columns: list[Floats]) -> Floats:
    """(rows, grid of B): distance to the nearest of B's phases."""
    nearest = squared_distances(rows, columns[0])
    for others in columns[1:]:
        np.minimum(nearest, squared_distances(rows, others), out=nearest)
    return nearest


def _threshold(rows: Floats, columns: list[Floats]) -> float:
    chosen = rows[:: max(1, len(rows) // 400)]
    distances = _nearest(chosen, columns)
    best, typical = float(np.median(distances.min(axis=1))), float(np.median(distances))
    return min(MOST_THRESHOLD, max(LEAST_THRESHOLD, best + BETWEEN * (typical - best)))


def _best_path(rows: Floats, columns: list[Floats], threshold: float) -> tuple[NDArray[np.intp], Floats]:
    """For each sample of A the sample of B that it shows, or -1; and its cost there, 0 to 1."""
    count, width = len(rows), len(columns[0])
    came = np.zeros((count, width), np.uint8)
    best_before = np.zeros(count, np.intp)
    null_came = np.zeros(count, np.intp)  # -1: from nothing, else from that sample of B
    costs = np.empty((count, width), np.float16)
    score = np.zeros(width, np.float32)
    nothing = np.float32(JUMP_SAMPLES / 2)
    places = np.arange(width, dtype=np.float32)
    for index in range(count):
        if index % ROWS_AT_ONCE == 0:
            block = np.minimum(_nearest(rows[index : index + ROWS_AT_ONCE], columns) / np.float32(threshold), 1)
            costs[index : index + len(block)] = block
        cost = block[index % ROWS_AT_ONCE] + np.float32(NEAREST_FIRST) * np.abs(places - index) / count
        if index:
            best = int(score.argmin())
            best_before[index] = best
            jump, appear = score[best] + JUMP_SAMPLES, nothing + JUMP_SAMPLES / 2
            enter, step = (jump, _JUMP) if jump <= appear else (appear, _FROM_NOTHING)
            diagonal = np.empty_like(score)
            diagonal[0] = np.inf
            diagonal[1:] = score[:-1]
            jumps = diagonal > enter
            came[index][jumps] = step
            vanish = score[best] + JUMP_SAMPLES / 2
            null_came[index] = best if vanish < nothing else -1
            nothing = np.float32(min(vanish, nothing) + 1)
            score = np.where(jumps, np.float32(enter), diagonal) + cost
        else:
            score, nothing = cost, nothing + np.float32(1)
        if not index % 1000:  # only differences matter; keep float32 precise
            least = min(float(score.min()), float(nothing))
            score, nothing = score - np.float32(least), np.float32(nothing - least)
    return _walk_back(came, best_before, null_came, score, float(nothing), costs)


def _walk_back(
    came: NDArray[np.uint8],
    best_before: NDArray[np.intp],
    null_came: NDArray[np.intp],
    score: Floats,
    nothing: float,
    costs: NDArray[np.float16],
) -> tuple[NDArray[np.intp], Floats]:
    count = len(came)
    path = np.full(count, -1, np.intp)
    place = int(score.argmin()) if float(score.min()) <= nothing else -1
    for index in range(count - 1, -1, -1):
        path[index] = place
        if index == 0:
            break
        if place < 0:
            place = int(null_came[index])
        elif came[index, place] == _DIAGONAL:
            place -= 1
        else:
            place = int(best_before[index]) if came[index, place] == _JUMP else -1
    cost = np.where(path >= 0, costs[np.arange(count), path.clip(0)], np.float16(1)).astype(np.float32)
    return path, cost


def _runs(path: NDArray[np.intp], costs: Floats, step: float, duration: float) -> list[Run]:
    """Stretches of the path on one diagonal, from their first to their last sample that really matches."""
    diagonals = path - np.arange(len(path))
    breaks = np.flatnonzero((np.diff(diagonals) != 0) | ((path[1:] < 0) != (path[:-1] < 0))) + 1
    runs = []
    for part in np.split(np.arange(len(path)), breaks):
        if path[part[0]] < 0:
            continue
        good = part[costs[part] < 1]
        if len(good) < min(FEWEST_MATCHES, len(path)) or float(np.median(costs[good])) > SURE:
            continue
        offset = float(diagonals[part[0]]) * step
        runs.append(Run(float(good[0]) * step, min(duration, float(good[-1] + 1) * step), Line(offset)))
    return runs


def one_to_one(runs: list[Run]) -> list[Run]:
    """Runs without those that mostly show what a longer one shows already, as still pictures and loops do."""
    kept: list[Run] = []
    for run in sorted(runs, key=lambda each: -each.seconds):
        start, end = run.b
        shared = sum(max(0.0, min(end, other.b[1]) - max(start, other.b[0])) for other in kept)
        if shared <= MOST_SHARED * run.seconds:
            kept.append(run)
    return sorted(kept, key=lambda each: each.start)
