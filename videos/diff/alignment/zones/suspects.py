"""Find the zones to align again: where the known runs may be wrong, and what of B may belong there."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.outline import subtract_spans
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.diagonals import WINDOW_SECONDS, count_window_frames
from videos.diff.alignment.zones.runs import find_frames, find_typical_slope, is_odd
from videos.diff.masks import list_ranges
from videos.diff.parallel import map_parallel
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Span

PAD_SECONDS = 0.6  # seconds around an edit that belong to its zone
JOIN_SECONDS = 1.5  # seconds between two edits up to which they share a zone
MAX_MOVED_SECONDS = 4.0  # seconds of a run that has moved, up to which the edits at both of its ends share a zone
MAX_ZONE_SECONDS = 120.0  # longer zones stay as they are
SHORT_RUN_SECONDS = 2.0  # seconds; shorter runs are always part of a zone
BAD_EVIDENCE = (0.15, 0.3)  # evidence from which a frame of a run may be another one, by the pair's noise,
USUAL_RATIO = 1.4  # which is this many times the upper quartile of all frames
BAD_SECONDS = 0.3  # seconds of such frames that make an edit
CHECKED_SECONDS = 0.2  # seconds between the frames of a run that are checked
CHECKED_PIECE_SECONDS = 60.0  # seconds of a run that are checked in one task
CONTINUED_FRAMES = 2.0  # frames between two runs, up to which one continues the other


@dataclass(frozen=True, slots=True)
class Suspects:
    """Where the known runs may be wrong.

    `bad` are spans of A within a run whose frames do not match on its time map; `doubtful` are whole runs.
    """

    bad: list[tuple[Span, TimeMap]]
    doubtful: list[Run]

    @property
    def spoilt(self) -> list[Span]:
        """What the bad spans show of B."""
        return [(time_map.to_b(start), time_map.to_b(end)) for (start, end), time_map in self.bad]


def find_bad_spans(
    match: MismatchCost, runs: list[Run], known: dict[Run, Floats] | None = None
) -> list[tuple[Span, TimeMap]]:
    """Return spans of A within runs whose frames do not match, each with the time map of its run.

    `known` is the evidence of pieces of runs that have been checked, to which that of the others is added.
    """
    known = {} if known is None else known
    step = match.a.fingerprint.step
    every = max(1, round(CHECKED_SECONDS / step))
    needed = max(2, round(BAD_SECONDS / (every * step)))
    borders = match.a.fingerprint.borders

    def check(piece: Run) -> Floats:
        first, last = find_frames(match.a, (piece.start, piece.end))
        evidence = match.compute_evidence(first, last, piece.time_map, every)[::every]
        match.a.fingerprint.release()
        match.b.fingerprint.release()
        return evidence

    pieces = [piece for run in runs for piece in _split(run, CHECKED_PIECE_SECONDS)]
    new = [piece for piece in pieces if piece not in known]
    known.update(zip(new, map_parallel(check, new), strict=True))
    checked = [known[piece] for piece in pieces]
    limit = float(np.clip(USUAL_RATIO * np.quantile(np.concatenate(checked), 0.75), *BAD_EVIDENCE))
    bad: list[tuple[Span, TimeMap]] = []
    for piece, evidence in zip(pieces, checked, strict=True):
        first, last = find_frames(match.a, (piece.start, piece.end))
        for low, high in list_ranges(evidence > limit):
            if high - low >= needed:
                span = float(borders[first + low * every]), float(borders[min(last, first + high * every)])
                bad.append((span, piece.time_map))
    return bad


def _split(run: Run, seconds: float) -> Iterable[Run]:
    """Return the pieces of a run, each of up to `seconds`."""
    edges = np.linspace(run.start, run.end, max(1, int(np.ceil(run.seconds / seconds))) + 1)
    return [Run(float(start), float(end), run.time_map) for start, end in pairwise(edges)]


def find_doubtful_runs(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return the runs that are short, and those at another speed that do not continue both of their neighbours."""
    slope = find_typical_slope(runs)
    near = CONTINUED_FRAMES * max(match.a.fingerprint.step, match.b.fingerprint.step)
    ends, starts = _list_ends(match, runs)
    doubtful = []
    for run, (end_a, end_b), (start_a, start_b) in zip(runs, ends[:-1], starts[1:], strict=True):
        if not is_odd(run.time_map, slope):
            is_doubtful = run.seconds < SHORT_RUN_SECONDS
        else:
            begins = abs(run.start - end_a) < near and abs(run.b[0] - end_b) < near
            ends_there = abs(run.end - start_a) < near and abs(run.b[1] - start_b) < near
            is_doubtful = run.seconds < MAX_ZONE_SECONDS / 4 and not (begins and ends_there)
        if is_doubtful:
            doubtful.append(run)
    return doubtful


def _list_ends(match: MismatchCost, runs: list[Run]) -> tuple[list[Span], list[Span]]:
    """Return the moments of A and B at which each gap between runs begins, and those at which it ends."""
    whole = (match.a.fingerprint.duration, match.b.fingerprint.duration)
    return [(0.0, 0.0), *((run.end, run.b[1]) for run in runs)], [*((run.start, run.b[0]) for run in runs), whole]


def find_zone_spans(match: MismatchCost, runs: list[Run], suspects: Suspects) -> list[Span]:
    """Return spans of A around edits, joined where they are close; those with nothing to align again are left out."""
    frame = match.a.fingerprint.step
    marks = [(span, True) for span, _ in suspects.bad] + [((run.start, run.end), True) for run in suspects.doubtful]
    for (end_a, end_b), (start_a, start_b) in zip(*_list_ends(match, runs), strict=True):
        if start_a - end_a > 1.5 * frame or abs(start_b - end_b) > 1.5 * frame:
            marks.append(((end_a, max(end_a, start_a)), start_a - end_a > WINDOW_SECONDS))
    zones: list[tuple[Span, bool]] = []
    moved = _list_moved(runs)
    for (start, end), is_open in sorted(marks):
        if zones and (start - zones[-1][0][1] < JOIN_SECONDS or _is_within((zones[-1][0][1], start), moved, frame)):
            (low, high), was_open = zones[-1]
            zones[-1] = ((low, max(high, end)), was_open or is_open)
        else:
            zones.append(((start, end), is_open))
    duration = match.a.fingerprint.duration
    padded = [
        (max(0.0, low - PAD_SECONDS), min(duration, high + PAD_SECONDS)) for (low, high), is_open in zones if is_open
    ]
    return [span for span in padded if span[1] - span[0] <= MAX_ZONE_SECONDS]


def _list_moved(runs: list[Run]) -> list[Span]:
    """Return the spans of A of short runs that B shows before the run before or after the run after."""
    moved = []
    for before, run, after in zip(runs, runs[1:], runs[2:], strict=False):
        is_moved = run.b[0] < before.b[0] < after.b[0] or before.b[0] < after.b[0] < run.b[0]
        if is_moved and run.seconds <= MAX_MOVED_SECONDS:
            moved.append((run.start, run.end))
    return moved


def _is_within(span: Span, spans: Iterable[Span], near: float) -> bool:
    """Return whether a span lies in one of others, each longer by `near` at both ends."""
    return any(start - near < span[0] and span[1] < end + near for start, end in spans)


def find_free_spans(match: MismatchCost, runs: list[Run], suspects: Suspects, around_gaps: bool = False) -> list[Span]:
    """Return the spans of B that no run shows, or shows badly, or only a doubtful run.

    With `around_gaps`, those around the ends of runs between which A alone has footage count too: they may show a
    piece of it that looks like what is beside the gap.
    """
    sure = [run.b for run in runs if run not in suspects.doubtful]
    taken = [piece for span in sure for piece in subtract_spans(span, suspects.spoilt)]
    duration = match.b.fingerprint.duration
    shortest = match.b.fingerprint.step * count_window_frames(match.b)
    spans = [span for span in subtract_spans((0.0, duration), taken) if span[1] - span[0] > shortest / 2]
    for (end_a, end_b), (start_a, start_b) in zip(*_list_ends(match, runs), strict=True):
        if around_gaps and start_a - end_a > WINDOW_SECONDS:
            spans += [(end_b, end_b), (start_b, start_b)]
    free: list[Span] = []
    for start, end in sorted(spans):
        start, end = max(0.0, start - PAD_SECONDS), min(duration, end + PAD_SECONDS)
        if free and start <= free[-1][1]:
            free[-1] = (free[-1][0], max(free[-1][1], end))
        else:
            free.append((start, end))
    return free
