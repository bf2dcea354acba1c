"""Find time maps on which short pieces of footage match, by comparing every frame with every frame nearby.

A piece that both sides show lies on a diagonal of the matrix of their distances. Windows of a few frames on the
diagonals are ranked by how well they match, and each diagonal by how many windows it matches best. Where windows are
left that match nothing, they are compared once more without their contrast, as if one side were graded.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.time_map import TimeMap
from videos.diff.sampling.descriptor import POOL_FACTOR, POOLED_CELLS, Floats, SampledVideo, compute_squared_distances
from videos.diff.script.edit_script import Span

WINDOW_SECONDS = 0.3  # seconds of a diagonal that must match
MIN_WINDOW_FRAMES = 4  # frames of such a window, at least
MAX_WINDOW_COST = 0.3  # mean cost of the frames of a window; 0 is a typical match and 1 a random one
MAX_WINDOW_LEVELS = 6.0  # levels by which the frames of a window differ on average, at most
MIN_UNEXPLAINED = 0.03  # mean cost of a window on the known maps, from which others are searched
MIN_GAIN = 0.02  # cost by which a diagonal must explain a frame better than the known maps, on average
MAX_DIAGONALS = 8  # diagonals that are found for one stretch of footage
MIN_GRADED_UNEXPLAINED = 0.3  # mean cost of a window from which graded footage is searched,
MAX_GRADED_DIAGONALS = 4  # on so many diagonals at most,
MAX_GRADED_COST = 0.7  # whose frames cost up to this on average, where a grade is no difference
GRADED_CONTRAST = 40.0  # levels of the standard deviation that each frame is given then,
MIN_CONTRAST = 1.0  # as if it had this one at least
SAME_OFFSET_SECONDS = 0.04  # seconds of offset in which one diagonal is tried
SAME_MAP_FRAMES = 0.75  # frames by which two diagonals differ, at least
SHIFTS = (-3, -2, -1, 0, 1, 2, 3)  # half frames by which a diagonal is shifted to fit
PART_WEIGHT = 8.0  # weight of a cell in a part that tells the offset, relative to the others
BLOCK_ROWS, BLOCK_COLUMNS = 256, 1024  # frames of either side that are compared at once
FAR_LEVELS = 2.0  # distance at which frames count as different, relative to MAX_WINDOW_LEVELS

_Window = tuple[float, int, int]  # mean squared distance, first row and first column
_PlacedWindow = tuple[float, int, TimeMap]  # mean squared distance, first row and its time map
_Describe = Callable[[SampledVideo, NDArray[np.intp]], Floats]  # levels (frames, 144) of frames of a video


def count_window_frames(video: SampledVideo) -> int:
    """Return the number of frames of a window."""
    return max(MIN_WINDOW_FRAMES, round(WINDOW_SECONDS / video.fingerprint.step))


def find_diagonals(
    match: MismatchCost,
    frames: tuple[int, int],
    free_b: Iterable[Span],
    known: list[TimeMap],
    unexplained: Floats,
    slope: float,
) -> list[TimeMap]:
    """Return time maps on which windows of A's `frames` match spans of B, those that match most windows first.

    `unexplained` is the least cost (frames,) of each frame on the `known` maps. Windows that these explain are left
    out. `slope` is that of the maps.
    """
    window = count_window_frames(match.a)
    if frames[1] - frames[0] < window:
        return []
    left = np.convolve(unexplained, np.full(window, 1 / window), "valid")
    spans_b = list(free_b)
    diagonals = _find_exact(match, frames, spans_b, known, left, slope)
    if match.tolerates_grades:
        diagonals += _find_graded(match, frames, spans_b, [*known, *diagonals], left, slope)
    return diagonals


def _find_exact(
    match: MismatchCost, frames: tuple[int, int], spans_b: list[Span], known: list[TimeMap], left: Floats, slope: float
) -> list[TimeMap]:
    """Return the time maps on which windows match. `left` is the mean cost of each window on the `known` maps."""
    window = count_window_frames(match.a)
    groups = _group_windows(match, frames, spans_b, left > MIN_UNEXPLAINED, slope, _describe)
    diagonals: list[TimeMap] = []
    for _, row, time_map in map(_find_best, groups[: 2 * MAX_DIAGONALS]):
        at = frames[0] + row, frames[0] + row + window
        if _is_known(match, frames, time_map, [*known, *diagonals]):
            continue
        if float(match.compute_costs(*at, time_map).mean()) > MAX_WINDOW_COST:
            continue
        fitted, evidence = _fit_offset(match, *at, time_map)
        if evidence > float(left[row]) - MIN_GAIN:
            continue
        if not _is_known(match, frames, fitted, [*known, *diagonals]):
            diagonals.append(fitted)
        if len(diagonals) == MAX_DIAGONALS:
            break
    return diagonals


def _find_graded(
    match: MismatchCost, frames: tuple[int, int], spans_b: list[Span], known: list[TimeMap], left: Floats, slope: float
) -> list[TimeMap]:
    """Return the time maps on which windows that match nothing match with another tone curve."""
    window = count_window_frames(match.a)
    needed = left > MIN_GRADED_UNEXPLAINED
    groups = _group_windows(match, frames, spans_b, needed, slope, _describe_graded) if needed.any() else []
    diagonals: list[TimeMap] = []
    for _, row, time_map in map(_find_best, groups[:MAX_GRADED_DIAGONALS]):
        if _is_known(match, frames, time_map, [*known, *diagonals]):
            continue
        at = frames[0] + row, frames[0] + row + window
        fitted, cost = _fit_graded(match, *at, time_map)
        if cost > MAX_GRADED_COST or float(match.compute_costs(*at, fitted).mean()) <= MAX_WINDOW_COST:
            continue
        if not _is_known(match, frames, fitted, [*known, *diagonals]):
            diagonals.append(fitted)
    return diagonals


def _group_windows(
    match: MismatchCost,
    frames: tuple[int, int],
    spans_b: list[Span],
    needed: NDArray[np.bool_],
    slope: float,
    describe: _Describe,
) -> list[list[_PlacedWindow]]:
    """Return the best windows of the frames that are `needed`, by diagonals, those with most windows first."""
    times = match.a.fingerprint.times[frames[0] : frames[1]]
    window = count_window_frames(match.a)
    found: dict[int, list[_PlacedWindow]] = {}
    for span in spans_b:
        times_b = np.arange(*span, match.a.fingerprint.step * slope)
        for level, row, column in _find_best_windows(match, frames, times_b, window, describe):
            if needed[row]:
                time_map = TimeMap(float(times_b[column]) - slope * float(times[row]), slope)
                found.setdefault(round(time_map.offset / SAME_OFFSET_SECONDS), []).append((level, row, time_map))
    return sorted(found.values(), key=lambda each: (-len(each), _find_best(each)[0]))


def _is_known(match: MismatchCost, frames: tuple[int, int], time_map: TimeMap, known: list[TimeMap]) -> bool:
    """Return whether a time map is near one of those that are known."""
    near = SAME_MAP_FRAMES * max(match.a.fingerprint.step, match.b.fingerprint.step)
    ends = (float(match.a.fingerprint.times[frames[0]]), float(match.a.fingerprint.times[frames[1] - 1]))
    return any(time_map.is_near(other, ends, near) for other in known)


def _find_best(windows: list[_PlacedWindow]) -> _PlacedWindow:
    return min(windows, key=lambda each: each[:2])


def _find_best_windows(
    match: MismatchCost, frames: tuple[int, int], times_b: NDArray[np.float64], window: int, describe: _Describe
) -> Iterator[_Window]:
    """Yield the best window of B for each window of A's frames that has one, by blocks of frames.

    Rows count from the first frame, and columns from the first of `times_b`.
    """
    first, last = frames
    weights = _weight_cells(match.cells)
    described = describe(match.a, np.arange(first, last)) * weights
    for column in range(0, len(times_b) - window + 1, BLOCK_COLUMNS - window):
        others = describe(match.b, match.b.fingerprint.nearest(times_b[column : column + BLOCK_COLUMNS])) * weights
        if len(others) < window:
            continue
        for row in range(0, last - first - window + 1, BLOCK_ROWS - window):
            block = described[row : row + BLOCK_ROWS]
            if len(block) >= window:
                for level, down, across in _rank_windows(compute_squared_distances(block, others), window):
                    yield level, row + down, column + across


def _rank_windows(distances: Floats, window: int) -> Iterator[_Window]:
    """Yield the best window along a diagonal that begins in each row, if it is good enough."""
    rows, columns = distances.shape
    limit = POOLED_CELLS * MAX_WINDOW_LEVELS**2
    far = FAR_LEVELS**2 * limit
    sheared = np.full((rows + 1, rows + columns - 1), far)
    sheared[0] = 0.0
    for row in range(rows):
        start = rows - 1 - row
        sheared[row + 1, start : start + columns] = np.minimum(distances[row], far)
    sums = np.cumsum(sheared, axis=0)
    means = (sums[window:] - sums[:-window]) / window
    for row, place in enumerate(means.argmin(axis=1)):
        if means[row, place] <= limit:
            yield float(means[row, place]), row, int(place) - (rows - 1 - row)


def _fit_offset(match: MismatchCost, first: int, last: int, time_map: TimeMap) -> tuple[TimeMap, float]:
    """Return the time map shifted by up to a frame and a half, so that the frames match best, and their mean cost."""
    shifted = _shift(match, time_map)
    costs = match.compare_on_maps(np.arange(first, last), shifted).mean(axis=1).tolist()
    return _choose_map(match, first, last, shifted, costs), min(costs)


def _fit_graded(match: MismatchCost, first: int, last: int, time_map: TimeMap) -> tuple[TimeMap, float]:
    """Return the time map shifted so that graded frames match best, and their mean cost."""
    shifted = _shift(match, time_map)
    costs = [float(match.compare_graded(np.arange(first, last), each).mean()) for each in shifted]
    return _choose_map(match, first, last, shifted, costs), min(costs)


def _choose_map(match: MismatchCost, first: int, last: int, maps: list[TimeMap], costs: list[float]) -> TimeMap:
    """Return the map that costs least. Of several it is the one in the middle of those that lead nearest to frames."""
    equal = [each for each, cost in zip(maps, costs, strict=True) if cost <= min(costs) + 1e-4]
    times, video = match.a.fingerprint.times[first:last], match.b.fingerprint

    def measure_distance(each: TimeMap) -> float:
        times_b = each.times_to_b(times)
        return float(np.abs(video.times[video.nearest(times_b)] - times_b).mean())

    distances = [measure_distance(each) for each in equal]
    nearest = [each for each, one in zip(equal, distances, strict=True) if one <= min(distances) + 1e-4]
    return nearest[len(nearest) // 2]


def _shift(match: MismatchCost, time_map: TimeMap) -> list[TimeMap]:
    half = match.b.fingerprint.step / 2
    return [TimeMap(time_map.offset + places * half, time_map.slope) for places in SHIFTS]


def _describe(video: SampledVideo, frames: NDArray[np.intp]) -> Floats:
    """Return the pooled luma (frames, 144) without its mean, in levels."""
    levels: Floats = video.pooled_luma[frames]
    return levels - levels.mean(axis=1, keepdims=True)


def _describe_graded(video: SampledVideo, frames: NDArray[np.intp]) -> Floats:
    """Return the pooled luma (frames, 144) without its mean, and with the same contrast in each frame."""
    levels = _describe(video, frames)
    return levels * (GRADED_CONTRAST / np.maximum(levels.std(axis=1, keepdims=True), MIN_CONTRAST))


def _weight_cells(parts: NDArray[np.bool_] | None) -> Floats:
    """Return factors (144,) of pooled luma, greater in the parts (n, 36, 64) that tell an offset, if there are any."""
    if parts is None:
        return np.ones(POOLED_CELLS, np.float32)
    rows, columns = parts.shape[1:]
    touched = parts.any(axis=0).reshape(rows // POOL_FACTOR, POOL_FACTOR, columns // POOL_FACTOR, POOL_FACTOR)
    weights = 1 + (PART_WEIGHT - 1) * touched.mean(axis=(1, 3)).ravel()
    return np.sqrt(weights / weights.mean()).astype(np.float32)
