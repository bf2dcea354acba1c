"""Compare the speeds of runs, cut runs by spans of A and B, and join what touches."""

from collections.abc import Iterable

import numpy as np

from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.outline import subtract_spans
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.sampling.descriptor import SampledVideo
from videos.diff.script.edit_script import Span

SLOPE_TOLERANCE = 0.004  # share by which slopes may differ that count as equal
MIN_RUN_FRAMES = 3  # frames of a new run, at least


def find_typical_slope(runs: list[Run]) -> float:
    """Return the slope of the longest run."""
    return max(runs, key=lambda run: run.seconds).time_map.slope


def is_odd(time_map: TimeMap, slope: float) -> bool:
    """Return whether a time map runs at another speed than the typical slope."""
    return abs(time_map.slope - slope) > SLOPE_TOLERANCE * slope


def cut_free(match: MismatchCost, run: Run, taken: Iterable[Span]) -> list[Run]:
    """Return the parts of a run that show no moment of B which is taken. What is cut must not become too short."""
    left = subtract_spans(run.b, taken)
    if left == [run.b]:
        return [run]
    pieces = [Run(run.time_map.to_a(start), run.time_map.to_a(end), run.time_map) for start, end in left]
    return [piece for piece in pieces if piece.seconds >= (MIN_RUN_FRAMES - 0.5) * match.a.fingerprint.step]


def cut_inside(run: Run, span: Span) -> list[Run]:
    """Return the part of a run within a span of A, if there is one."""
    start, end = max(run.start, span[0]), min(run.end, span[1])
    return [Run(start, end, run.time_map)] if end > start + 1e-6 else []


def cut_outside(run: Run, span: Span) -> list[Run]:
    """Return the parts of a run outside of a span of A."""
    left = subtract_spans((run.start, run.end), [span])
    return [Run(start, end, run.time_map) for start, end in left if end - start > 1e-6]


def join_pieces(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return runs in A's order, with pieces that touch on one time map joined."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last and last.time_map == run.time_map and run.start - last.end < match.a.fingerprint.step / 2:
            joined[-1] = Run(last.start, run.end, run.time_map)
        else:
            joined.append(run)
    return joined


def find_frames(video: SampledVideo, span: Span) -> tuple[int, int]:
    """Return the frame nearest to the start of a span and the one after its end."""
    first, last = video.fingerprint.nearest_borders(np.array(span)).tolist()
    return first, last
