"""Measure a change at single frames: when it begins and ends, how much differs, and whether it is one edit."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.pairing import correlate_frames, find_partners
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.transitions.detection import Transition
from videos.diff.alignment.window_search import MIN_CONTRAST_LEVELS
from videos.diff.changes.change import MIN_SHOT_STRENGTH, WHOLE_FRAME_SHARE, Change
from videos.diff.changes.frozen import recognise_frozen
from videos.diff.changes.motion import average_strongest
from videos.diff.changes.score_maps import ScoreMap
from videos.diff.changes.splitting import FOREIGN_CORRELATION, split_by_likeness
from videos.diff.changes.steps.whole_measures import OVERALL
from videos.diff.noise.model import NoiseModel
from videos.diff.noise.scores import Thresholds, score_over_thresholds
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo
from videos.diff.script.edit_script import Span
from videos.diff.script.kinds import ChangeKind
from videos.fingerprint.format import LUMA_SHAPE

CONTEXT_SECONDS = 0.7  # seconds around a change in which its boundaries are searched
UNCHANGED_SCORE = 0.25  # typical score of unchanged cells, assumed where no frame shows it
SAME_BOUNDARY_SECONDS = 0.25  # boundaries this close to each other become one
MIN_MEDIAN_FRAMES = 5  # frames from which their median tells the level of a change; with fewer, their maximum
BRIEF_BINS = 2  # bins; changes up to this length are searched frame by frame
MIN_SPLIT_SECONDS, MIN_SPLIT_FRAMES = 0.4, 3  # of an edit of the whole picture that touches another one, at least
SHOT_LEVELS = 6.0  # levels from one frame to the next, from which a shot begins in a part of the picture
WHOLE_SHOT_LEVELS = 2.5  # the same in the whole picture, most of which may stay the same from one slide to the next
SHOT_RATIO = 3.0  # the same against the median of the frames around,
BESIDE_STEP = 2  # and against the frames this far from it, because a blended cut takes two frames
MIN_SHOT_CELLS_STRENGTH = 1.5  # score from which cells that differ over a whole shot are an edit
SHOT_SLACK = 1e-3  # share of a frame that is the error of rounding
SHOT_SECONDS, SHOT_FRAMES = 0.1, 1.5  # up to the longer of these from a cut, a change goes on beyond it
MIN_FROZEN_SHARE = 0.2  # share of cells from which a change may be a frozen picture
TRANSITION_SCORE = 4.0  # the score of a transition, because it is certain
LEVEL_SAMPLES = 5  # frames at which the levels of a change are measured
MAX_SCORE = np.float32(2)  # score; higher ones count as this where boundaries are searched
MIN_STEP = 0.05  # score by which the inside of a change exceeds the outside


@dataclass(frozen=True, slots=True)
class ChangeMeter:
    """Measures changes at single frames of both videos."""

    a: SampledVideo
    b: SampledVideo
    noise: NoiseModel
    limits: Thresholds
    search: bool

    def score_frames(self, change: Change, first: int, last: int, search: bool | None = None) -> Floats:
        """Return (last - first,) the mean score of the change's cells at A's frames from `first` up to `last`.

        Where a measure of the whole picture or of a place tells it, return how much of its difference each frame has.
        """
        in_a = np.arange(first, last)
        if not len(in_a):
            return np.zeros(0, np.float32)
        search = self.search if search is None else search
        in_b = find_partners(self.a, self.b, in_a, change.score_map.part.time_map, search)
        residual = self.noise.compute_residual(self.a, self.b, in_a, in_b)
        if change.step:
            return change.step.compute_share(residual)
        scores = score_over_thresholds(residual, self.limits)
        return average_strongest(np.minimum(scores[:, change.cells], MAX_SCORE), change.moving_cells)

    def measure_levels(self, change: Change) -> Change:
        """Return the change with the mean levels by which its cells differ, and whether it is other footage."""
        score_map = change.score_map
        times = np.linspace(score_map.times[change.first], score_map.times[change.last - 1], LEVEL_SAMPLES)
        in_a = np.unique(self.a.fingerprint.nearest(times))
        in_b = find_partners(self.a, self.b, in_a, score_map.part.time_map, self.search)
        levels = average_strongest(
            self.noise.measure_levels(self.a, self.b, in_a, in_b)[:, change.cells], change.moving_cells
        )
        is_large = change.area >= WHOLE_FRAME_SHARE
        foreign = is_large and float(correlate_frames(self.a, self.b, in_a, in_b).mean()) < FOREIGN_CORRELATION
        return replace(change, levels=float(levels.mean()), foreign=foreign)

    def split_change(self, span: Span, change: Change) -> list[tuple[Span, Change]]:
        """Return the edits of the whole picture that a change consists of, with their spans."""
        borders, score_map = self.a.fingerprint.borders, change.score_map
        first, last = (int(np.searchsorted(borders, moment - 1e-6)) for moment in span)
        least = max(MIN_SPLIT_FRAMES, int(np.ceil(MIN_SPLIT_SECONDS / self.a.fingerprint.step)))
        if change.area < WHOLE_FRAME_SHARE or change.step or change.kind or last - first < 2 * least:
            return [(span, change)]
        pieces = split_by_likeness(self._measure_likeness(np.arange(first, last), score_map.part.time_map), least)
        if len(pieces) == 1:
            return [(span, change)]
        edits = []
        for low, high in pieces:
            start, end = float(borders[first + low]), float(borders[first + high])
            begin, stop = (int(np.searchsorted(score_map.times, moment)) for moment in (start, end))
            begin = min(max(begin, change.first), change.last - 1)
            stop = min(max(stop, begin + 1), change.last)
            strength = float(score_map.score[begin:stop, change.cells].max())
            edit = replace(change, first=begin, last=stop, strength=strength)
            edits.append(((start, end), self.measure_levels(edit)))
        return edits

    def _measure_likeness(self, in_a: Indexes, time_map: TimeMap) -> Floats:
        """Return the correlation (frames,) of A's frames with those of B; flat ones have that of the frames around."""
        in_b = find_partners(self.a, self.b, in_a, time_map, self.search)
        contrast = np.minimum(*(side.pooled_luma[at].std(axis=1) for side, at in ((self.a, in_a), (self.b, in_b))))
        textured = np.flatnonzero(contrast >= MIN_CONTRAST_LEVELS)
        if not len(textured):
            return np.ones(len(in_a), np.float32)
        likeness = correlate_frames(self.a, self.b, in_a[textured], in_b[textured])
        return np.interp(np.arange(len(in_a)), textured, likeness).astype(np.float32)

    def name_frozen(self, span: Span, change: Change) -> Change:
        """Return the change, with its kind if one side holds its picture."""
        if change.area < MIN_FROZEN_SHARE:
            return change
        borders, part = self.a.fingerprint.borders, change.score_map.part
        low, first, last = (int(np.searchsorted(borders, at - 1e-6)) for at in (part.a[0], *span))
        begin = max(low, first - 1)
        in_a = np.arange(begin, last)
        in_b = find_partners(self.a, self.b, in_a, part.time_map, False)
        frozen = recognise_frozen(self.a.pooled_luma[in_a], self.b.pooled_luma[in_b], first - begin, last - begin)
        return replace(change, kind=frozen) if frozen else change

    def list_transitions(self, score_map: ScoreMap) -> list[tuple[Span, Change]]:
        """Return the transitions of a part as changes of the whole picture, with their spans."""
        found = score_map.transitions
        changes = [self.measure_levels(_convert_transition(score_map, each)) for each in found]
        return [(each.span, replace(change, foreign=False)) for each, change in zip(found, changes, strict=True)]

    def is_by_shots(self, span: Span, change: Change) -> bool:
        """Return whether a change begins and ends with a shot, so that an encoding or a grade may have caused it.

        A strong one counts as an edit all the same, but no grade of a whole video fits all of its shots. Cells must
        differ in just one shot: a faint logo may be there from the start to the end.
        """
        least = MIN_SHOT_STRENGTH if change.step else MIN_SHOT_CELLS_STRENGTH
        is_weak = change.strength < least or (change.step is not None and change.step.measure in OVERALL)
        is_one = change.step is not None or self._is_one_shot(span)
        return is_weak and is_one and all(self.begins_shot(change, moment) for moment in span)

    def _is_one_shot(self, span: Span) -> bool:
        """Return whether a span has a cut at one of its ends at least, and none between them."""
        first, last = (int(np.abs(self.a.fingerprint.borders - moment).argmin()) for moment in span)
        beside = max(1, round(self._near_shot / self.a.fingerprint.step))
        has_cut = any(self.find_cut(moment) is not None for moment in span)
        return has_cut and not self._list_cuts(first + beside, max(first + beside + 1, last - beside)).any()

    def begins_shot(self, change: Change, moment: float, near: float = SAME_BOUNDARY_SECONDS) -> bool:
        """Return whether A has a cut near a moment, or ends there, or both sides cut in the cells of a change.

        From one slide to the next, only the text changes. `near` is in seconds.
        """
        if self.is_cut(moment, near):
            return True
        low, high = self._find_frames_near(moment, near)
        in_a = np.arange(max(0, low - 1 - BESIDE_STEP), min(high + 1 + BESIDE_STEP, len(self.a.fingerprint)))
        in_b = find_partners(self.a, self.b, in_a, change.score_map.part.time_map, False)
        least = WHOLE_SHOT_LEVELS if change.area >= WHOLE_FRAME_SHARE else SHOT_LEVELS
        return all(
            _has_step(side.read_luma(frames)[:, change.cells], least)
            for side, frames in ((self.a, in_a), (self.b, in_b))
        )

    def _find_frames_near(self, moment: float, near: float = SAME_BOUNDARY_SECONDS) -> tuple[int, int]:
        """Return the frames of A between which a border at a moment may lie, up to so many seconds off."""
        borders = self.a.fingerprint.borders
        low, high = np.searchsorted(borders, (moment - near, moment + near))
        return int(low), int(high)

    @property
    def _near_shot(self) -> float:
        """The seconds up to which a border is that of a shot."""
        return max(SHOT_SECONDS, SHOT_FRAMES * self.a.fingerprint.step)

    def is_cut(self, moment: float, near: float = SAME_BOUNDARY_SECONDS) -> bool:
        """Return whether A has a cut near a moment, or ends there. `near` is in seconds."""
        low, high = self._find_frames_near(moment, near)
        if low < 1 or high >= len(self.a.fingerprint):
            return True
        return bool(self._list_cuts(low - 1, high + 1).any())

    def find_cut(self, moment: float) -> int | None:
        """Return the frame of A with which a shot begins at a moment; None if none does."""
        low, high = self._find_frames_near(moment)
        low, high = max(0, low - 1), min(high + 1, len(self.a.fingerprint))
        cuts = low + 1 + np.flatnonzero(self._list_cuts(low, high))
        apart = np.abs(self.a.fingerprint.borders[cuts] - moment)
        slack = SHOT_SLACK * self.a.fingerprint.step
        return int(cuts[apart.argmin()]) if len(cuts) and apart.min() <= self._near_shot + slack else None

    def find_shot(self, first: int, last: int, at_end: bool) -> tuple[int, int]:
        """Return those of A's frames from `first` up to `last` in the shot of the first one, or of the last one."""
        cuts = first + 1 + np.flatnonzero(self._list_cuts(first, last))
        if not len(cuts):
            return first, last
        return (int(cuts[-1]), last) if at_end else (first, int(cuts[0]))

    def _list_cuts(self, first: int, last: int) -> NDArray[np.bool_]:
        """Return (last - first - 1,) whether A has a cut after each frame from `first` on, but the last."""
        pictures = self.a.pooled_luma[np.arange(first, last)]
        pictures = pictures - pictures.mean(axis=1, keepdims=True)
        before, after = pictures[:-1], pictures[1:]
        energy = np.square(before).sum(axis=1) * np.square(after).sum(axis=1)
        is_cut: NDArray[np.bool_] = (before * after).sum(axis=1) < FOREIGN_CORRELATION * np.sqrt(energy)
        return is_cut

    def find_span(self, change: Change) -> Span:
        """Return the span of a change in seconds of A, at its frames."""
        score_map = change.score_map
        borders = self.a.fingerprint.borders
        low, high = (int(np.searchsorted(borders, moment - 1e-6)) for moment in score_map.part.a)
        times = score_map.times
        half = (times[1] - times[0]) / 2 if len(times) > 1 else score_map.part.a[1] / 2
        start, end = times[change.first] - half, times[change.last - 1] + half
        first, last = (int(np.searchsorted(borders, moment - 1e-6)) for moment in (start, end))
        first, last = max(low, min(first, high - 1)), max(low + 1, min(last, high))
        pad = max(2, round(CONTEXT_SECONDS / self.a.fingerprint.step))
        inner = min(pad, last - first)
        begin, finish = max(low, first - pad), min(high, last + pad)
        if change.last - change.first <= BRIEF_BINS:
            return self._find_brief_span(change, begin, finish)
        rising = self._score_border(change, change.cells_before, begin, min(high, first + inner))
        start_at = begin + _find_step(rising, max(0, first - begin - 1))
        falling = self._score_border(change, change.cells_after, max(low, last - inner), finish)[::-1]
        end_at = finish - _find_step(falling, max(0, finish - last - 1))
        if end_at <= start_at:
            start_at, end_at = first, max(last, first + 1)
        return float(borders[start_at]), float(borders[end_at])

    def _score_border(self, change: Change, beside: NDArray[np.bool_] | None, first: int, last: int) -> Floats:
        """Return (last - first,) a score that is higher within a change than outside of it.

        Where another change, of the cells `beside`, is outside, the cells that one of the two lacks tell them apart.
        """
        beside = change.cells if beside is None else beside
        own, foreign = change.cells & ~beside, beside & ~change.cells
        if not (own | foreign).any():
            return self.score_frames(change, first, last)
        if own.sum() >= foreign.sum():
            return self.score_frames(replace(change, cells=own), first, last)
        inverse: Floats = MAX_SCORE - self.score_frames(replace(change, cells=foreign), first, last)
        return inverse

    def _find_brief_span(self, change: Change, begin: int, end: int) -> Span:
        """Return the frames that stand out between others that do not, for a change of one or a few frames."""
        levels = self.score_frames(change, begin, end, search=False)  # a search would pair a frame beside the glitch
        peak = int(levels.argmax())
        below = np.flatnonzero(levels < (levels[peak] + np.median(levels)) / 2)
        before, after = below[below < peak], below[below > peak]
        start = begin + (int(before[-1]) + 1 if len(before) else 0)
        stop = begin + int(after[0]) if len(after) else end
        return float(self.a.fingerprint.borders[start]), float(self.a.fingerprint.borders[stop])


def _has_step(luma: Floats, least: float) -> bool:
    """Return whether cells (frames, cells) change at once from one frame to the next, by at least so many levels.

    What moves through them changes them for several frames.
    """
    steps = np.abs(np.diff(luma, axis=0)).mean(axis=1)
    near = steps[BESIDE_STEP:-BESIDE_STEP]
    if not len(near):
        return False
    around = np.maximum(np.median(near), np.maximum(steps[: -2 * BESIDE_STEP], steps[2 * BESIDE_STEP :]))
    return bool((near >= least + SHOT_RATIO * around).any())


def _find_step(levels: Floats, outside_count: int) -> int:
    """Return the index at which levels step up: the change point with the least absolute error on both sides."""
    rest = levels[outside_count + 2 :]
    inside = float(np.median(rest)) if len(rest) >= MIN_MEDIAN_FRAMES else float(levels.max())
    outside = float(np.median(levels[:outside_count])) if outside_count >= 2 else UNCHANGED_SCORE
    if inside < outside + MIN_STEP:  # the change may be shorter than was assumed
        is_high = levels > (outside + float(levels.max())) / 2
        count = int(is_high.sum())
        if count >= MIN_MEDIAN_FRAMES and is_high[-count:].all():
            return len(levels) - count
    outside = min(outside, inside - MIN_STEP)
    cost_before = np.append(0, np.cumsum(np.abs(levels - outside)))
    cost_after = np.append(np.cumsum(np.abs(levels - inside)[::-1])[::-1], 0)
    return int((cost_before + cost_after).argmin())


def _convert_transition(score_map: ScoreMap, transition: Transition) -> Change:
    first, last = (int(np.searchsorted(score_map.times, moment)) for moment in transition.span)
    first = min(first, len(score_map.times) - 1)
    last = max(first + 1, last)
    kind = ChangeKind("transition", transition.confidence)
    return Change(score_map, first, last, np.ones(LUMA_SHAPE, bool), TRANSITION_SCORE, kind=kind)
