"""Place pieces of a still picture in which only a small part moves, as of a talk beside slides, by that part.

A still picture matches at every offset. So a run may go on over footage that belongs elsewhere, and a piece of a few
frames between two edits has no clear place. Its moving part matches at one offset alone: it differs there by less than
0.05 of what it differs by at others. After a coarse encoding it may differ by half of it, and then it decides nothing.
Contrast and brightness do not count, so that this is also true under a grade.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.evidence.pairing import read_shared_luma
from videos.diff.alignment.outline import subtract_spans
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.motion import find_moving_part
from videos.diff.alignment.zones.runs import find_frames, join_pieces
from videos.diff.noise.medians import find_medians
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo
from videos.diff.script.edit_script import Span

END_SECONDS = 2.0  # seconds of the end of a run that are compared
REACH_SECONDS = 1.2  # seconds around its offset within which the part is compared,
REACH_PLACES = 10  # at so many offsets to either side
MIN_LOST_FRAMES = 3  # that an end loses, at least
MIN_PIECE_FRAMES = 5  # of a piece that is found, at least
MAX_GAP_SECONDS = 15.0  # seconds of a gap, from each of its ends, that are searched
NEAR_SECONDS = 90.0  # between a gap of A and one of B, at most
MAX_USUAL_RATIO = 0.1  # usual difference of a part, relative to that at other offsets, up to which it tells an offset
WRONG_FACTOR = 4.0  # by which the part of a frame that does not match differs more than usual,
MIN_RATIO = 0.1  # or by this share of what it differs by at other offsets, if that is more
MIN_GAIN = 0.5  # of the frames of a piece, on average, from 0 at that difference to 1 where nothing differs
MAX_MATCHES = 20  # frames that match each frame of two gaps on average; if there are more, the part stands still
MAX_STILL_LEVELS = 4.0  # levels by which most of the picture differs, at most
OWN_FRAMES = 1.5  # frames beside the map of what is lost, on which it is not searched
SAME_MAP_FRAMES = 0.5  # frames by which the map of a piece may differ from that of a run that it continues
MAX_STEP_FRAMES = 1.5  # frames between two frames of a piece; the video has a hole where there are more
MIN_CONTRAST = 2.0  # levels of the standard deviation that a part is given at least
PAIRS_PER_BLOCK = 4096  # pairs of whole pictures that are compared at once


@dataclass(frozen=True, slots=True, eq=False)
class _End:
    """An end of a run at which only the `cells` (2304,) of a small part move.

    `frames` of A are in order towards the end, so those of the start of a run are reversed. The part differs by
    `unlike` (frames,), 0 to 2, and usually by `elsewhere` at other offsets.
    """

    run: Run
    is_tail: bool
    frames: Indexes
    cells: NDArray[np.bool_]
    unlike: Floats
    elsewhere: float

    def find_border(self, a: SampledVideo, count: int) -> float:
        """Return the moment of A between the last `count` frames and those before them."""
        return float(a.fingerprint.borders[self.frames[-1] + (1 - count if self.is_tail else count)])

    def cut_off(self, a: SampledVideo, count: int) -> Run:
        """Return the last `count` frames of the run."""
        border = self.find_border(a, count)
        return Run(*((border, self.run.end) if self.is_tail else (self.run.start, border)), self.run.time_map)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The `cells` (2304,) of a part that moves beside a `moment` of A. In a match, they differ by at most `most`."""

    moment: float
    cells: NDArray[np.bool_]
    most: float


def place_still_pieces(match: MismatchCost, runs: list[Run]) -> list[Run]:
    """Return the runs in A's order, with pieces of still footage at the offset at which their moving part matches.

    A run keeps what does not match if this, and what it shows of B, match nothing else.
    """
    ends = [] if match.search else [end for run in runs for end in _find_ends(match, run)]
    if not ends:
        return runs
    usual = float(np.median([np.median(end.unlike) for end in ends]))
    parts, lost = [], []
    for end in ends:
        if usual > MAX_USUAL_RATIO * end.elsewhere:
            continue
        most = max(MIN_RATIO * end.elsewhere, WRONG_FACTOR * usual)
        count = _count_lost(end.unlike <= most)
        matches_nowhere = count == len(end.frames)
        if not matches_nowhere:
            parts.append(_Part(end.find_border(match.a, count), end.cells, most))
        if count and (not matches_nowhere or end.run.seconds <= END_SECONDS):  # a longer run has an edit there
            lost.append(end.cut_off(match.a, count))
    certain = [piece for run in runs for piece in _cut(run, (each for each in lost if each.time_map == run.time_map))]
    found = [_continue_run(match, piece, runs) for piece in _find_pieces(match, certain, parts, lost)]
    shortest = (MIN_LOST_FRAMES - 0.5) * match.a.fingerprint.step
    left = [piece for run in runs for piece in _leave_to(run, found) if piece in runs or piece.seconds >= shortest]
    return join_pieces(match, sorted([*left, *found], key=lambda run: run.start)) if found else runs


def _continue_run(match: MismatchCost, piece: Run, runs: list[Run]) -> Run:
    """Return a piece on the map of a run that is within half a frame of its own, if there is one."""
    near = SAME_MAP_FRAMES * match.b.fingerprint.step
    maps = [run.time_map for run in runs if run.time_map.is_near(piece.time_map, (piece.start, piece.end), near)]
    return Run(piece.start, piece.end, maps[0]) if maps else piece


def _leave_to(run: Run, others: list[Run]) -> list[Run]:
    """Return what is left of a run without the footage of A and of B that others show."""
    shown = [Run(run.time_map.to_a(other.b[0]), run.time_map.to_a(other.b[1]), run.time_map) for other in others]
    return _cut(run, [*others, *shown])


def _cut(run: Run, others: Iterable[Run]) -> list[Run]:
    """Return what is left of a run without the footage of A that others show."""
    left = subtract_spans((run.start, run.end), [(other.start, other.end) for other in others])
    return [Run(start, end, run.time_map) for start, end in left]


def _find_ends(match: MismatchCost, run: Run) -> Iterator[_End]:
    """Yield the ends of a run at which only a part moves."""
    first, last = find_frames(match.a, (run.start, run.end))
    most = round(END_SECONDS / match.a.fingerprint.step)
    count = min(most, last - first)
    if run.time_map.slope != 1 or count < MIN_PIECE_FRAMES:
        return
    shifts = np.arange(-REACH_PLACES, REACH_PLACES + 1) * REACH_SECONDS / REACH_PLACES
    for is_tail in (False, True):
        frames = np.arange(last - count, last) if is_tail else np.arange(first, first + count)[::-1]
        low, high = int(frames.min()), int(frames.max()) + 1
        part = find_moving_part(match.a, low, high)
        if part is None and count < most:  # too short: what moves around it
            low, high = max(0, low - most // 2), min(high + most // 2, len(match.a.fingerprint))
            part = find_moving_part(match.a, low, high)
        if part is not None:
            cells = part.ravel()
            times = run.time_map.times_to_b(match.a.fingerprint.times[frames])[:, None] + shifts
            unlike = _compare_part(match, frames, match.b.fingerprint.nearest(times), cells)
            yield _End(run, is_tail, frames, cells, unlike[:, REACH_PLACES], float(np.median(unlike)))
        match.a.fingerprint.release()
        match.b.fingerprint.release()


def _count_lost(is_match: NDArray[np.bool_]) -> int:
    """Return how many frames follow the last two neighbours that match, all if none do, and 0 if they are too few."""
    both = np.flatnonzero(is_match[:-1] & is_match[1:])
    count = len(is_match) - 2 - int(both[-1]) if len(both) else len(is_match)
    return count if count >= MIN_LOST_FRAMES else 0


def _compare_part(match: MismatchCost, in_a: Indexes, in_b: Indexes, cells: NDArray[np.bool_]) -> Floats:
    """Return how unlike (frames, n) a part is, 0 to 2, in frames of A and n frames `in_b` (frames, n) of B."""
    frames_b, places = np.unique(in_b, return_inverse=True)
    ours, theirs = _standardise(match.a, in_a, cells), _standardise(match.b, frames_b, cells)
    alike = ours @ theirs.T / ours.shape[1]
    unlike: Floats = 1 - np.take_along_axis(alike, places.reshape(in_b.shape), axis=1)
    return unlike


def _standardise(video: SampledVideo, frames: Indexes, cells: NDArray[np.bool_]) -> Floats:
    """Return the luma (frames, cells) of a part, with the same mean and contrast in each frame."""
    luma = read_shared_luma(video, frames)[:, cells]
    luma -= luma.mean(axis=1, keepdims=True)
    luma /= np.maximum(luma.std(axis=1, keepdims=True), MIN_CONTRAST)
    return luma


def _find_pieces(match: MismatchCost, runs: list[Run], parts: list[_Part], lost: list[Run]) -> list[Run]:
    """Return the pieces that gaps of A and B between the runs share, none of them on the map of what is `lost`."""
    found: list[Run] = []
    compared: dict[tuple[Span, Span], list[tuple[float, Run]]] = {}
    while parts:
        known = [*runs, *found]
        gaps_a = _find_gaps(match.a, ((run.start, run.end) for run in known))
        gaps_b = list(_find_gaps(match.b, (run.b for run in known)))
        pairs = [gaps for gaps in product(gaps_a, gaps_b) if abs(gaps[1][0] - gaps[0][0]) <= NEAR_SECONDS]
        for gaps in pairs:
            if gaps not in compared:
                compared[gaps] = list(_list_pieces(match, *gaps, parts, lost))
                match.a.fingerprint.release()
                match.b.fingerprint.release()
        pieces = [piece for gaps in pairs for piece in compared[gaps]]
        if not pieces:
            break
        found.append(max(pieces, key=lambda each: each[0])[1])
    return found


def _find_gaps(video: SampledVideo, taken: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans of a video that no run shows and that are not too short; of long ones, both ends."""
    for start, end in subtract_spans((0.0, video.fingerprint.duration), taken):
        if end - start > MAX_GAP_SECONDS:
            yield start, start + MAX_GAP_SECONDS
            yield end - MAX_GAP_SECONDS, end
        elif end - start >= (MIN_PIECE_FRAMES - 0.5) * video.fingerprint.step:
            yield start, end


def _list_pieces(
    match: MismatchCost, gap_a: Span, gap_b: Span, parts: list[_Part], lost: list[Run]
) -> Iterator[tuple[float, Run]]:
    """Yield the best piece that two gaps share, by each of the parts at the ends of the gap in A, and its gain."""
    step = match.a.fingerprint.step
    in_a, in_b = (np.arange(*find_frames(video, gap)) for video, gap in ((match.a, gap_a), (match.b, gap_b)))
    if min(len(in_a), len(in_b)) < MIN_PIECE_FRAMES:
        return
    times_a, times_b = match.a.fingerprint.times[in_a], match.b.fingerprint.times[in_b]
    for part in parts:
        if not gap_a[0] - step / 2 <= part.moment <= gap_a[1] + step / 2:
            continue
        unlike = _compare_part(match, in_a, np.broadcast_to(in_b, (len(in_a), len(in_b))), part.cells)
        gains = np.where(unlike <= part.most, 1 - unlike / part.most, -np.inf)
        for run in lost:
            is_lost = (times_a > run.start - step / 2) & (times_a < run.end - step / 2)
            is_own = np.abs(times_b - run.time_map.times_to_b(times_a)[:, None]) < OWN_FRAMES * match.b.fingerprint.step
            gains[is_lost[:, None] & is_own] = -np.inf
        rows, columns = np.nonzero(gains >= 0)
        if len(rows) > MAX_MATCHES * (len(in_a) + len(in_b)):
            continue
        gains[rows, columns] = np.where(_match_still(match, in_a[rows], in_b[columns]), gains[rows, columns], -np.inf)
        gain, row, column, length = _find_diagonal(gains)
        if length < MIN_PIECE_FRAMES or gain < MIN_GAIN * length:
            continue
        shown_a, shown_b = times_a[row : row + length], times_b[column : column + length]
        if max(np.diff(shown_a).max(), np.diff(shown_b).max()) <= MAX_STEP_FRAMES * step:
            start, end = float(match.a.fingerprint.borders[in_a[row]]), float(shown_a[-1]) + step
            end = min(end, float(match.a.fingerprint.borders[in_a[row] + length]))
            yield gain, Run(start, end, TimeMap(float(shown_b[0] - shown_a[0])))


def _match_still(match: MismatchCost, in_a: Indexes, in_b: Indexes) -> NDArray[np.bool_]:
    """Return which pairs of frames match in most of the picture, without its brightness."""
    is_same = np.zeros(len(in_a), bool)
    for start in range(0, len(in_a), PAIRS_PER_BLOCK):
        block = slice(start, start + PAIRS_PER_BLOCK)
        apart = match.b.pooled_luma[in_b[block]] - match.a.pooled_luma[in_a[block]]
        apart -= find_medians(apart)[:, None]
        is_same[block] = find_medians(np.abs(apart)) <= MAX_STILL_LEVELS
    return is_same


def _find_diagonal(gains: Floats) -> tuple[float, int, int, int]:
    """Return the greatest total along a diagonal of gains (rows, columns), its first row and column, and its length."""
    totals, lengths = np.zeros(gains.shape[1] + 1), np.zeros(gains.shape[1] + 1, int)
    best = 0.0, 0, 0, 0
    for row, gain in enumerate(gains):
        sums = totals[:-1] + gain
        totals[1:], lengths[1:] = np.where(sums > 0, sums, 0), np.where(sums > 0, lengths[:-1] + 1, 0)
        column = int(totals.argmax())
        if totals[column] > best[0]:
            length = int(lengths[column])
            best = float(totals[column]), row - length + 1, column - length, length
    return best
