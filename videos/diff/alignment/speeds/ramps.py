"""Find parts that were played faster or slower between parts at the original speed.

To the coarse alignment such a part looks like one or several small cuts, or its speed seems to last longer than it
does. Where another speed or a small step of the offset was found, the simplest path through the surroundings is
searched (see `path`). If that path bends, it replaces the runs there, and its bends are refined to the frame.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from videos.diff.alignment.refine import refine_runs
from videos.diff.alignment.speeds.path import OffsetCosts, is_searched
from videos.diff.alignment.speeds.ramp_fit import RampFit
from videos.diff.alignment.viterbi import Run
from videos.diff.parallel import Tick, map_parallel
from videos.diff.sampling.descriptor import SampledVideo
from videos.diff.script.edit_script import Span

MIN_SHIFT_FRAMES = 0.75  # frames; smaller steps of the offset are ignored
MAX_SHIFT_SECONDS = 2.0  # seconds; larger steps of the offset are cuts
AROUND_SECONDS = 8.0  # seconds around a suspected change of speed that are searched
MAX_SPAN_SECONDS = 60.0  # seconds that are searched as one span, at most
OFFSET_MARGIN_SECONDS = 0.6  # seconds beyond the offsets of the runs that are searched
SLOPE_TOLERANCE = 0.004  # relative difference of two slopes that count as equal
MIN_DRIFT_FRAMES = 3.5  # frames that a change of speed drops or repeats; fewer are reported as single frames
MAX_STRAY_SECONDS = 3.0  # seconds; longer runs are kept even if they are beside the simplest path
STRAY_FRAMES = 2.0  # frames of B by which a run may deviate from the simplest path


def fit_speed_ramps(a: SampledVideo, b: SampledVideo, runs: list[Run], tick: Tick = lambda share: None) -> list[Run]:
    """Return runs in A's order, with ramps wherever a change of speed explains the surroundings better."""
    spans = list(_find_suspect_spans(a, b, runs))
    frame = max(a.fingerprint.step, b.fingerprint.step)
    paths = map_parallel(lambda span: _find_path(a, b, runs, span), spans, tick)
    result = runs
    for span, path in zip(spans, paths, strict=True):
        result = _replace_span(result, span, path, frame)
    return result


def _find_suspect_spans(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> Iterator[Span]:
    """Yield spans of A that may contain another speed; none overlap."""
    merged: list[Span] = []
    for low, high in sorted(_spans_near_changes(a, b, runs)):
        if merged and low <= merged[-1][1]:
            if high - merged[-1][0] <= MAX_SPAN_SECONDS:
                merged[-1] = merged[-1][0], max(high, merged[-1][1])
                continue
            low = merged[-1][1]
        if high > low:
            merged.append((low, high))
    yield from merged


def _spans_near_changes(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> Iterator[Span]:
    """Yield spans around runs at another speed and around small steps of the offset."""
    frame = max(a.fingerprint.step, b.fingerprint.step)
    typical = _find_typical_slope(runs)
    for index, run in enumerate(runs):
        if run.time_map.slope == 1 and typical == 1:
            continue
        low, high = _extend_span(a, runs, index, -1), _extend_span(a, runs, index, 1)
        if run.seconds <= MAX_SPAN_SECONDS - 2 * AROUND_SECONDS:
            yield low, high
        elif not _has_slope(run, typical):
            yield low, run.start + AROUND_SECONDS
            yield run.end - AROUND_SECONDS, high
    for index, (before, after) in enumerate(pairwise(runs)):
        shift = abs(after.time_map.to_b(after.start) - before.time_map.to_b(after.start))
        beside = before.time_map.slope == after.time_map.slope and after.start - before.end <= AROUND_SECONDS
        if beside and MIN_SHIFT_FRAMES * frame < shift <= MAX_SHIFT_SECONDS:
            yield _extend_span(a, runs, index, -1, before.end), _extend_span(a, runs, index + 1, 1, after.start)


def _find_typical_slope(runs: list[Run]) -> float:
    """Return the slope of most of the footage."""
    slopes = {run.time_map.slope for run in runs}
    return max(
        sorted(slopes),
        key=lambda slope: sum(run.seconds for run in runs if _has_slope(run, slope)),
        default=1.0,
    )


def _has_slope(run: Run, slope: float) -> bool:
    """Return whether a run has about this slope."""
    return abs(run.time_map.slope / slope - 1) <= SLOPE_TOLERANCE


def _extend_span(a: SampledVideo, runs: list[Run], index: int, direction: int, begin_at: float | None = None) -> float:
    """Return how far to search before (`direction` -1) or after (1) a run, or a moment of it.

    The search extends through short runs, but not into footage from elsewhere in B.
    """
    run = runs[index]
    end = _end_of(run, direction)
    begin = end if begin_at is None else begin_at
    if begin_at is not None and run.seconds > 2 * AROUND_SECONDS:
        return begin + direction * AROUND_SECONDS
    while 0 <= index + direction < len(runs):
        if direction * (end - begin) >= AROUND_SECONDS:
            return end
        index += direction
        other = runs[index]
        meeting = _end_of(other, -direction)
        if abs(other.time_map.to_b(meeting) - run.time_map.to_b(meeting)) > MAX_SHIFT_SECONDS:
            return begin + direction * min(AROUND_SECONDS, direction * (meeting - begin))
        if other.seconds > 2 * AROUND_SECONDS:
            return meeting + direction * AROUND_SECONDS
        end = _end_of(other, direction)
    return min(a.fingerprint.duration, max(0.0, begin + direction * max(AROUND_SECONDS, direction * (end - begin))))


def _end_of(run: Run, direction: int) -> float:
    """Return the start (`direction` -1) or the end (1) of a run."""
    return run.end if direction > 0 else run.start


def _find_path(a: SampledVideo, b: SampledVideo, runs: list[Run], span: Span) -> list[Run]:
    """Return the simplest path through a span, refined at its bends; empty if there is none or no run."""
    inside = _clip_runs(runs, span)
    if not inside:
        return []
    offsets = [run.time_map.to_b(moment) - moment for run in inside for moment in (run.start, run.end)]
    path = OffsetCosts(
        a, b, span, (min(offsets) - OFFSET_MARGIN_SECONDS, max(offsets) + OFFSET_MARGIN_SECONDS)
    ).find_path()
    if len(path) == len(inside) == 1 or _have_same_speed([*inside, *path]):
        return path
    frame = max(a.fingerprint.step, b.fingerprint.step)
    refined = _refine_bends(a, b, [exact for piece in path for exact in refine_runs(a, b, [piece], frame)])
    if not all(is_searched(run.time_map.slope) for run in refined):
        return []  # where the picture stands still, any speed matches
    usual = 1.0 if any(_has_slope(run, 1) for run in refined) else _find_typical_slope(runs)
    return [] if _drops_few_frames(a, refined, span, usual, frame) else refined


def _drops_few_frames(a: SampledVideo, path: list[Run], span: Span, usual: float, frame: float) -> bool:
    """Return whether all changes of speed on a path drop or repeat few frames, and none goes on beyond the span."""
    changed = [run for run in path if not _has_slope(run, usual)]
    goes_on = any(
        (span[0] > 0 and run.start <= span[0] + frame)
        or (run.end >= span[1] - frame and span[1] < a.fingerprint.duration)
        for run in changed
    )
    drift = max((abs(run.time_map.slope - usual) * run.seconds for run in changed), default=np.inf)
    return not goes_on and bool(drift < MIN_DRIFT_FRAMES * frame)


def _replace_span(runs: list[Run], span: Span, path: list[Run], frame: float) -> list[Run]:
    """Return the runs, with those in a span replaced by the path through it if that path bends."""
    inside = _clip_runs(runs, span)
    if not path or len(path) == len(inside) == 1:
        return runs
    if _have_same_speed([*inside, *path]):
        return [run for run in runs if not _is_stray(run, path, span, STRAY_FRAMES * frame)]
    before, after = _clip_runs(runs, (-np.inf, span[0])), _clip_runs(runs, (span[1], np.inf))
    return _rejoin([*before, *_clip_runs(path, span), *after], frame)


def _clip_runs(runs: list[Run], span: Span) -> list[Run]:
    """Return the parts of runs inside a span."""
    return [part for run in runs if (part := _clip_run(run, span))]


def _have_same_speed(runs: list[Run]) -> bool:
    """Return whether all runs are at equal speed."""
    return all(run.time_map.slope == 1 for run in runs)


def _is_stray(run: Run, path: list[Run], span: Span, near: float) -> bool:
    """Return whether a short run is mostly beside the simplest path: it is similar footage, not a match."""
    if run.seconds > MAX_STRAY_SECONDS or run.start < span[0] or run.end > span[1]:
        return False
    matched_seconds = sum(
        part.seconds
        for piece in path
        if piece.time_map.is_near(run.time_map, (run.start, run.end), near)
        if (part := _clip_run(run, (piece.start, piece.end)))
    )
    return matched_seconds < run.seconds / 2


def _clip_run(run: Run, span: Span) -> Run | None:
    """Return the part of a run inside a span, or None."""
    start, end = max(run.start, span[0]), min(run.end, span[1])
    return replace(run, start=start, end=end) if end > start else None


def _rejoin(runs: list[Run], frame: float) -> list[Run]:
    """Return the runs, with those joined that the edge of a span split; the longer keeps its time map."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if (
            last
            and abs(last.end - run.start) < frame
            and last.time_map.is_near(run.time_map, (last.start, run.end), frame)
        ):
            longer = max(last, run, key=lambda each: each.seconds)
            joined[-1] = Run(last.start, run.end, longer.time_map)
        else:
            joined.append(run)
    return joined


def _refine_bends(a: SampledVideo, b: SampledVideo, runs: list[Run]) -> list[Run]:
    """Return the runs, with both bends of every ramp between two parts at equal speed refined to the frame."""
    refined = list(runs)
    for index in range(1, len(runs) - 1):
        before, run, after = refined[index - 1 : index + 2]
        meets = before.end == run.start and run.end == after.start
        if meets and run.time_map.slope != 1 and before.time_map.slope == after.time_map.slope == 1:
            refined[index - 1 : index + 2] = RampFit(a, b, before, run, after).fit()
    return refined
