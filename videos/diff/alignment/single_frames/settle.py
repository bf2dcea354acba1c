"""Find single frames that one side dropped, doubled or swapped, within footage in order and at equal frame rates.

Such a frame shifts the offset between the two sides by one frame. Where frames of a kept part match better beside its
time map, or where two kept parts a few frames apart meet, the cheapest path over offsets in whole frames is found by
dynamic programming. A step becomes a deleted or an inserted part only if its place is certain, so nothing is claimed
where the picture is still. Steps at regular intervals come from a conversion of the frame rate.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.outline import MatchedPart, OneSidedPart, Part
from videos.diff.alignment.single_frames.groups import FrameGrid, FrameGroup, find_grid, find_groups
from videos.diff.alignment.single_frames.path import FrameStep
from videos.diff.alignment.single_frames.windows import DELETED, align_window, find_windows, grow_window
from videos.diff.alignment.transitions.detection import find_transitions
from videos.diff.alignment.viterbi import Run
from videos.diff.parallel import map_parallel
from videos.diff.sampling.descriptor import Indexes, SampledVideo
from videos.diff.script.edit_script import Span

MAX_WINDOW_FRAMES = 3000  # longer windows stay as they are
MAX_LAG_RATIO = 1.7  # difference of nearly all frames at the known shift against that where their encoding lags behind
LAG_QUANTILE = 0.9  # over frames of this ratio
MIN_LAG_LEVELS = 0.2  # smallest difference that it is taken against
REGULAR_STEPS = 4  # steps, from which they can be regular
REGULAR_SHARE = 0.75  # of the intervals between steps that are multiples of the typical one
REGULAR_FRAMES = 1.0  # frames by which such an interval may differ from a multiple


def settle_frame_steps(a: SampledVideo, b: SampledVideo, parts: Sequence[Part]) -> list[Part]:
    """Return the parts with single frames that one side lacks, has twice or shows in another order as parts."""
    grid = find_grid(a, b)
    if grid is None:
        return list(parts)
    groups = list(find_groups(a, parts, grid))
    found = map_parallel(lambda group: _settle_group(a, b, parts, group, grid), groups)
    settled: list[Part] = []
    at = 0
    for group, pieces in zip(groups, found, strict=True):
        settled += [*parts[at : group.low], *(pieces or parts[group.low : group.high])]
        at = group.high
    return [*settled, *parts[at:]]


def _settle_group(
    a: SampledVideo, b: SampledVideo, parts: Sequence[Part], group: FrameGroup, grid: FrameGrid
) -> list[Part] | None:
    """Return the parts in place of a group, or None if it stays as it is."""
    shifts = group.shifts.copy()
    steps: list[FrameStep] = []
    swaps: list[int] = []
    spans = _list_transitions(a, b, parts[group.low : group.high])
    borders = a.fingerprint.borders[group.first :]
    todo = [
        (low, high)
        for low, high in find_windows(a, b, group)
        if not _touches_ramp(parts, group, low, high)
        and not any(borders[low] < end and start < borders[high] for start, end in spans)
    ][::-1]
    while todo:
        low, high = todo.pop()
        while todo and todo[-1][0] <= high:
            high = max(high, todo.pop()[1])
        if high - low > MAX_WINDOW_FRAMES:
            continue
        path, more, swapped = align_window(a, b, group, low, high)
        a.fingerprint.release()
        b.fingerprint.release()
        grown = grow_window(group, low, high, path)
        if grown != (low, high):
            todo.append(grown)
        elif more or swapped:
            shifts[low:high] = path
            steps = [*(step for step in steps if step.at <= low), *(replace(step, at=step.at + low) for step in more)]
            swaps = [*(at for at in swaps if at < low), *(low + at for at in swapped)]
    if _come_from_conversion(group, steps):
        return None
    steps, shifts = _undo_lags(a, b, group, steps, shifts)
    if not (steps or swaps):
        return None
    return _build_parts(a, b, parts, group, shifts, {step.at: step for step in steps}, swaps, grid)


def _list_transitions(a: SampledVideo, b: SampledVideo, parts: Sequence[Part]) -> list[Span]:
    """Return the spans of A in which mixed shots match at any offset."""
    runs = [Run(*part.a, part.time_map) for part in parts if isinstance(part, MatchedPart)]
    return [each.span for run in runs for each in find_transitions(a, b, run)]


def _touches_ramp(parts: Sequence[Part], group: FrameGroup, low: int, high: int) -> bool:
    """Return whether a window begins or ends beside footage at another speed, whose ends are not exact."""
    beside = [parts[group.low - 1]] if low == 0 and group.low else []
    beside += [parts[group.high]] if high == len(group.shifts) and group.high < len(parts) else []
    return any(isinstance(part, MatchedPart) and part.time_map.slope != 1 for part in beside)


def _undo_lags(
    a: SampledVideo, b: SampledVideo, group: FrameGroup, steps: list[FrameStep], shifts: NDArray[np.int64]
) -> tuple[list[FrameStep], NDArray[np.int64]]:
    """Return the steps and the shifts (frames,) of a group without steps that only lead away from known ones and back.

    A coarse encoding of slow footage lags behind by a few frames, often up to the next cut, where alone the step has a
    certain place. Such frames match hardly worse at the known shift.
    """
    kept: list[FrameStep] = []
    shifts, known = shifts.copy(), group.shifts
    for step in steps:
        last = kept[-1] if kept else None
        if last and last.at and last.frames == -step.frames and not (last.is_certain and step.is_certain):
            span = slice(last.at, step.at + max(0, -step.frames))
            is_away = shifts[last.at - 1] == known[last.at - 1] and (known[span] == known[last.at - 1]).all()
            if is_away and _is_lag(
                a, b, group.first + np.arange(last.at, step.at), shifts[last.at : step.at], int(known[last.at])
            ):
                shifts[span] = known[span]
                kept.pop()
                continue
        kept.append(step)
    return kept, shifts


def _is_lag(a: SampledVideo, b: SampledVideo, in_a: Indexes, found: NDArray[np.int64], known: int) -> bool:
    """Return whether frames of A match about as well at the known shift as at those that were found."""
    in_a, found = in_a[found != DELETED], found[found != DELETED]
    if not len(in_a):
        return False
    last = len(b.fingerprint) - 1
    luma = a.read_luma(in_a)
    best, left = (
        np.abs(b.read_luma((in_a + shift).clip(0, last)) - luma).mean(axis=(1, 2)) for shift in (found, known)
    )
    return bool(np.quantile(left / np.maximum(best, MIN_LAG_LEVELS), LAG_QUANTILE) <= MAX_LAG_RATIO)


def _come_from_conversion(group: FrameGroup, steps: list[FrameStep]) -> bool:
    """Return whether steps come from another speed or frame rate: they are regular, or most have no certain place."""
    within = [step.is_certain for step in steps if group.is_doubtful[min(step.at, len(group.is_doubtful) - 1)]]
    if within and 2 * sum(within) < len(within):
        return True
    return _are_regular([step.at for step in steps], REGULAR_STEPS - bool(within))


def _are_regular(places: list[int], least: int) -> bool:
    """Return whether there are at least so many steps, and most intervals are multiples of the typical one."""
    if len(places) < least:
        return False
    for every in (1, 2):  # a conversion there and back drops and doubles in turn
        intervals = np.diff(places[::every])
        typical = float(np.median(intervals)) if len(intervals) else 0.0
        if len(intervals) >= least - 1 and typical > 0:
            times = np.maximum(1, np.rint(intervals / typical))
            if (np.abs(intervals - times * typical) <= REGULAR_FRAMES).mean() >= REGULAR_SHARE:
                return True
    return False


def _build_parts(
    a: SampledVideo,
    b: SampledVideo,
    parts: Sequence[Part],
    group: FrameGroup,
    shifts: NDArray[np.int64],
    steps: dict[int, FrameStep],
    swaps: list[int],
    grid: FrameGrid,
) -> list[Part]:
    """Return the parts of a group in B's order."""
    times_a, times_b = a.fingerprint.borders, b.fingerprint.borders

    def to_span(times: NDArray[np.float64], low: int, high: int) -> Span:
        first, last = np.clip((low, high), 0, len(times) - 1)
        return float(times[first]), float(times[last])

    def match(low: int, high: int, shift: int) -> MatchedPart:
        spans = to_span(times_a, low, high), to_span(times_b, low + shift, high + shift)
        return MatchedPart(*spans, grid.make_time_map(shift))

    made: list[Part] = []
    at = 0
    for until in sorted({*steps, *(at for swap in swaps for at in (swap, swap + 2)), len(shifts)}):
        if until > at:
            low, shift = group.first + at, int(shifts[at])
            if at in swaps:
                made += [match(low + 1, low + 2, shift - 1), replace(match(low, low + 1, shift + 1), kind="moved")]
            else:
                made.append(match(low, group.first + until, shift))
        at = until
        if step := steps.get(until):
            low = group.first + until
            at += max(0, -step.frames)
            if step.frames < 0:
                lacking = OneSidedPart("a", to_span(times_a, low, low - step.frames))
            else:
                in_b = low + int(shifts[until])
                lacking = OneSidedPart("b", to_span(times_b, in_b - step.frames, in_b))
            made = _add_one_sided(made, lacking, step.is_certain)
    return _keep_ends(made, parts[group.low], parts[group.high - 1])


def _add_one_sided(made: list[Part], part: OneSidedPart, is_certain: bool) -> list[Part]:
    """Return the parts with one more, or with the last one extended over it if its place is uncertain."""
    last = made[-1]
    if is_certain or not isinstance(last, MatchedPart):
        return [*made, part]
    start, end = getattr(last, part.side)[0], part.span[1]
    return [*made[:-1], replace(last, a=(start, end)) if part.side == "a" else replace(last, b=(start, end))]


def _keep_ends(made: list[Part], start: Part, end: Part) -> list[Part]:
    """Return the parts with the exact start and end of those in whose place they are."""
    first = made[0]
    if isinstance(first, MatchedPart) and isinstance(start, MatchedPart):
        made = [replace(first, a=(start.a[0], first.a[1]), b=(start.b[0], first.b[1])), *made[1:]]
    last = made[-1]
    if isinstance(last, MatchedPart) and isinstance(end, MatchedPart):
        made = [*made[:-1], replace(last, a=(last.a[0], end.a[1]), b=(last.b[0], end.b[1]))]
    return made
