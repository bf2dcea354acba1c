"""When a change begins and ends, to the frame, and which changes make up one segment of the script."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.changes import Change
from videos.diff.descriptor import Floats, Indexes, Sampled
from videos.diff.noise import NoiseModel
from videos.diff.pairing import partners
from videos.diff.scores import Thresholds, in_units
from videos.diff.script import Span
from videos.diff.tracks import NO_TRACK, Track

AROUND_SECONDS = 0.7
UNMARKED = 0.25  # usual score of cells that did not change, where no frame shows it
SAME_BORDER_SECONDS = 0.25
ENOUGH_FRAMES = 5  # to tell from their median how strong a change is
WHOLE_FRAME = 0.5  # share of cells from which a change takes in all others of its time


@dataclass(frozen=True, slots=True)
class Marked:
    """A span of A in seconds and what changed in it; `faint` where that stays below the threshold."""

    span: Span
    changes: tuple[Change, ...]
    faint: bool = False

    def distance(self, threshold: float) -> float:
        """How far apart the two are, given the distance that the score of 1 stands for.

        A score says how sure it is that something changed, and stops where it is certain; from there on the distance
        grows with how visible it is.
        """
        if any(change.foreign for change in self.changes):
            return 1.0
        strength = max(change.strength for change in self.changes)
        if self.faint:
            return min(BELOW, strength) * threshold
        return min(1.0, strength * threshold + VISIBLE * max(change.levels for change in self.changes) / 255)


Packed = tuple[list[Change], list[tuple[Span, list[int], bool]]]


def packed(marked: list[Marked]) -> Packed:
    """What is marked in one track, without the track itself, to be handed to another process."""
    changes = {id(change): change for each in marked for change in each.changes}
    places = {identity: place for place, identity in enumerate(changes)}
    spans = [(each.span, [places[id(change)] for change in each.changes], each.faint) for each in marked]
    return [replace(change, track=NO_TRACK) for change in changes.values()], spans


def unpacked(track: Track, bundle: Packed) -> list[Marked]:
    bare, spans = bundle
    changes = [replace(change, track=track) for change in bare]
    return [Marked(span, tuple(changes[place] for place in places), faint) for span, places, faint in spans]


BRIEF_BINS = 2
BELOW = 0.99  # the most that counts as equal, where 1 is the threshold
VISIBLE = 0.5  # distance of what is as far apart as black and white, beyond that of what is certain
FOREIGN = 0.6  # correlation below which a whole frame shows something else
LEVELS_FROM = 5  # frames


@dataclass(frozen=True, slots=True)
class Surveyor:
    """Measures how much some cells stand out at single frames."""

    a: Sampled
    b: Sampled
    noise: NoiseModel
    limits: Thresholds
    search: bool

    def levels(self, change: Change, first: int, last: int, search: bool | None = None) -> Floats:
        """(last - first,) mean score of the change's cells at A's frames from `first` up to `last`."""
        in_a = np.arange(first, last)
        if not len(in_a):
            return np.zeros(0, np.float32)
        in_b = partners(self.a, self.b, in_a, change.track.part.line, self.search if search is None else search)
        units = in_units(self.noise.residual(self.a, self.b, in_a, in_b), self.limits)
        mean: Floats = np.minimum(units[:, change.cells], np.float32(2)).mean(axis=1)
        return mean

    def measured(self, change: Change) -> Change:
        """The change with the levels by which its cells differ on average, and whether it is other footage."""
        times = np.linspace(change.track.times[change.first], change.track.times[change.last - 1], LEVELS_FROM)
        in_a = np.unique(self.a.print.nearest(times))
        in_b = partners(self.a, self.b, in_a, change.track.part.line, self.search)
        levels = self.noise.levels(self.a, self.b, in_a, in_b)[:, change.cells]
        foreign = change.cells.mean() >= WHOLE_FRAME and self._likeness(in_a, in_b) < FOREIGN
        return replace(change, levels=float(levels.mean()), foreign=foreign)

    def _likeness(self, in_a: Indexes, in_b: Indexes) -> float:
        """Correlation of the whole pictures, on average: a grade leaves it high."""
        a, b = (
            side.pooled[frames] - side.pooled[frames].mean(axis=1, keepdims=True)
            for side, frames in ((self.a, in_a), (self.b, in_b))
        )
        together = (a * b).sum(axis=1) / np.sqrt(np.square(a).sum(axis=1) * np.square(b).sum(axis=1) + 1)
        return float(together.mean())

    def span(self, change: Change) -> Span:
        """Seconds of A, at its frames."""
        part = change.track.part
        assert part.a is not None  # noqa: S101  for the type checker
        times = self.a.print.borders
        low, high = (int(np.searchsorted(times, moment - 1e-6)) for moment in part.a)
        half = (change.track.times[1] - change.track.times[0]) / 2 if len(change.track.times) > 1 else part.a[1] / 2
        start, end = change.track.times[change.first] - half, change.track.times[change.last - 1] + half
        first, last = (int(np.searchsorted(times, moment - 1e-6)) for moment in (start, end))
        first, last = max(low, min(first, high - 1)), max(low + 1, min(last, high))
        pad = max(2, round(AROUND_SECONDS / self.a.print.step))
        inner = min(pad, last - first)
        begin = max(low, first - pad)
        if change.last - change.first <= BRIEF_BINS:
            return self._brief(change, begin, min(high, last + pad))
        rising = self.levels(change, begin, min(high, first + inner))
        start_at = begin + _step_at(rising, max(0, first - begin - 1))
        finish = min(high, last + pad)
        falling = self.levels(change, max(low, last - inner), finish)[::-1]
        end_at = finish - _step_at(falling, max(0, finish - last - 1))
        if end_at <= start_at:
            start_at, end_at = first, max(last, first + 1)
        return float(times[start_at]), float(times[end_at])

    def _brief(self, change: Change, begin: int, end: int) -> Span:
        """What is as short as a frame or a few is where it stands out, between frames that do not."""
        levels = self.levels(change, begin, end, search=False)  # which would find a frame beside a glitch
        peak = int(levels.argmax())
        below = np.flatnonzero(levels < (levels[peak] + np.median(levels)) / 2)
        before, after = below[below < peak], below[below > peak]
        start = begin + (int(before[-1]) + 1 if len(before) else 0)
        stop = begin + int(after[0]) if len(after) else end
        return float(self.a.print.borders[start]), float(self.a.print.borders[stop])


def _step_at(levels: Floats, outside_count: int) -> int:
    """Where levels step up for good: the count of those before it."""
    rest = levels[outside_count + 2 :]
    inside = float(np.median(rest)) if len(rest) >= ENOUGH_FRAMES else float(levels.max())
    outside = float(np.median(levels[:outside_count])) if outside_count >= 2 else UNMARKED
    outside = min(outside, inside - 0.05)
    cost_before = np.append(0, np.cumsum(np.abs(levels - outside)))
    cost_after = np.append(np.cumsum(np.abs(levels - inside)[::-1])[::-1], 0)
    return int((cost_before + cost_after).argmin())


def mark(survey: Surveyor, found: list[Change]) -> list[Marked]:
    """Spans in which the same changes are to be seen, in order, none overlapping."""
    timed = [(survey.span(change), survey.measured(change)) for change in found]
    timed = _whole_frames(timed)
    timed = _common_borders(timed)
    borders = sorted({moment for span, _ in timed for moment in span})
    marked: list[Marked] = []
    for low, high in pairwise(borders):
        present = tuple(change for span, change in timed if span[0] <= low and high <= span[1])
        if not present:
            continue
        if marked and marked[-1].changes == present and marked[-1].span[1] == low:
            marked[-1] = replace(marked[-1], span=(marked[-1].span[0], high))
        else:
            marked.append(Marked((low, high), present))
    return marked


def _whole_frames(timed: list[tuple[Span, Change]]) -> list[tuple[Span, Change]]:
    """A change of most of the frame takes in every other that begins or ends within it."""
    kept = sorted(timed, key=lambda each: -float(each[1].cells.mean()))
    index = 0
    while index < len(kept) and kept[index][1].cells.mean() >= WHOLE_FRAME:
        (start, end), change = kept[index]
        rest = []
        for span, other in kept[index + 1 :]:
            if span[0] >= start - SAME_BORDER_SECONDS and span[1] <= end + SAME_BORDER_SECONDS:
                continue
            rest.append((span, other))
        kept = [*kept[:index], ((start, end), change), *rest]
        index += 1
    return kept


def _common_borders(timed: list[tuple[Span, Change]]) -> list[tuple[Span, Change]]:
    """Borders that nearly coincide made one: that of the strongest change."""
    moments = sorted(((moment, -change.strength) for span, change in timed for moment in span))
    settled: dict[float, float] = {}
    cluster: list[tuple[float, float]] = []
    for moment in [*moments, (float("inf"), 0.0)]:
        if cluster and moment[0] - cluster[0][0] > SAME_BORDER_SECONDS:
            chosen = min(cluster, key=lambda each: each[1])[0]
            settled.update({each[0]: chosen for each in cluster})
            cluster = []
        cluster.append(moment)
    common = [((settled[span[0]], settled[span[1]]), change) for span, change in timed]
    return [
        (span if common_span[1] <= common_span[0] else common_span, change)
        for (span, change), (common_span, _) in zip(timed, common, strict=True)
    ]


def frame_of(times: NDArray[np.float64], moment: float) -> float:
    """The border nearest to a moment."""
    return float(times[np.abs(times - moment).argmin()])
