"""Tell which changes make up one segment of the script, and when each segment begins and ends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.changes.borders import has_clear_borders, has_sharp_borders, is_usual_beside
from videos.diff.changes.change import WHOLE_FRAME_SHARE, Change
from videos.diff.changes.continuation import continue_over_cuts
from videos.diff.changes.meter import SAME_BOUNDARY_SECONDS, ChangeMeter
from videos.diff.changes.places import join_places
from videos.diff.changes.score_maps import EMPTY_SCORE_MAP, ScoreMap
from videos.diff.script.edit_script import Span

MAX_EQUAL_SCORE = 0.99  # the highest score that counts as equal; 1 is the threshold
MIN_FAINT_SECONDS = 0.8  # of a faint change; encoders change their quality for less
SETTLED_SECONDS = 0.3  # seconds by which the borders of a faint change at frames and at bins may differ
VISIBILITY_WEIGHT = 0.5  # distance between black and white, added to the distance of what certainly differs


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """A span of A in seconds and the changes in it. `is_subthreshold`: they stay below the threshold."""

    span: Span
    changes: tuple[Change, ...]
    is_subthreshold: bool = False

    @property
    def strongest(self) -> Change:
        return max(self.changes, key=lambda change: change.strength)

    @property
    def is_mild(self) -> bool:
        """Whether only a measure of the whole picture tells the changes, and not strongly."""
        return all(change.is_mild for change in self.changes)

    def compute_distance(self, threshold: float) -> float:
        """Return the distance of the two sides. `threshold` is the distance at which the score is 1.

        A score measures how certain a difference is, and it is limited. Above that limit the distance grows with how
        visible the difference is.
        """
        if any(change.foreign for change in self.changes):
            return 1.0
        strength = max(change.strength for change in self.changes)
        if self.is_subthreshold:
            return min(MAX_EQUAL_SCORE, strength) * threshold
        return min(1.0, strength * threshold + VISIBILITY_WEIGHT * max(change.levels for change in self.changes) / 255)


PackedSpans = tuple[list[Change], list[tuple[Span, list[int], bool]]]


def pack_spans(marked: list[MarkedSpan]) -> PackedSpans:
    """Return the marked spans of one score map without the map itself, to send them to another process."""
    changes = {id(change): change for each in marked for change in each.changes}
    places = {identity: place for place, identity in enumerate(changes)}
    spans = [(each.span, [places[id(change)] for change in each.changes], each.is_subthreshold) for each in marked]
    return [replace(change, score_map=EMPTY_SCORE_MAP) for change in changes.values()], spans


def unpack_spans(score_map: ScoreMap, packed: PackedSpans) -> list[MarkedSpan]:
    """Return the marked spans that `pack_spans` packed."""
    bare, spans = packed
    changes = [replace(change, score_map=score_map) for change in bare]
    return [MarkedSpan(span, tuple(changes[place] for place in places), below) for span, places, below in spans]


def mark_spans(
    meter: ChangeMeter, changes: list[Change], transitions: Sequence[tuple[Span, Change]] = ()
) -> list[MarkedSpan]:
    """Return the spans in which the same changes are present, in order and without overlaps.

    `transitions` are changes whose spans are known.
    """
    timed = [(meter.find_span(change), meter.measure_levels(change)) for change in changes if not change.spans]
    timed = [(span, change) for span, change in timed if change.is_grade or _is_edit(meter, span, change)]
    timed = continue_over_cuts(meter, join_places(timed))
    timed = [*transitions, *((span, meter.name_frozen(span, change)) for span, change in timed)]
    undivided = _absorb_into_whole_frames(timed)
    timed = _unify_boundaries([edit for each in undivided for edit in meter.split_change(*each)])
    timed += [
        (change.spans[0], change)
        for change in changes
        if change.spans and not any(_explains_glitch(other, change, change.spans[0]) for other in (*undivided, *timed))
    ]
    borders = sorted({moment for span, _ in timed for moment in span})
    marked: list[MarkedSpan] = []
    for low, high in pairwise(borders):
        present = tuple(change for span, change in timed if span[0] <= low and high <= span[1])
        if not present:
            continue
        if marked and marked[-1].changes == present and marked[-1].span[1] == low:
            marked[-1] = replace(marked[-1], span=(marked[-1].span[0], high))
        else:
            marked.append(MarkedSpan((low, high), present))
    return marked


def _is_edit(meter: ChangeMeter, span: Span, change: Change) -> bool:
    """Return whether the borders of a change are those of an edit, as far as it is too faint to tell without them."""
    if meter.is_by_shots(span, change):
        return False
    if change.is_faint and not _has_settled_borders(span, change):
        return False
    if change.is_mild and not has_sharp_borders(meter, span, change):
        return False
    if change.is_of_detail and not is_usual_beside(meter, span, change):
        return False
    return not change.is_weak or has_clear_borders(meter, span, change)


def _has_settled_borders(span: Span, change: Change) -> bool:
    """Return whether a change is long enough, and frames tell the same borders as its bins, so that they are sharp."""
    if span[1] - span[0] < MIN_FAINT_SECONDS:
        return False
    times = change.score_map.times
    half = (times[1] - times[0]) / 2
    bins = times[change.first] - half, times[change.last - 1] + half
    return all(abs(one - other) <= SETTLED_SECONDS for one, other in zip(span, bins, strict=True))


def _explains_glitch(timed: tuple[Span, Change], glitch: Change, at: Span) -> bool:
    """Return whether a glitch is a frame of a change of most of the frame, or of one that moves quickly."""
    span, change = timed
    if not (span[0] <= at[0] and at[1] <= span[1]):
        return False
    is_on_path = bool(change.moving_cells) and (change.cells & glitch.cells).sum() * 2 >= glitch.cells.sum()
    return change.area >= WHOLE_FRAME_SHARE or is_on_path


def _absorb_into_whole_frames(timed: list[tuple[Span, Change]]) -> list[tuple[Span, Change]]:
    """Drop changes that begin and end within a change of most of the frame."""
    kept = sorted(timed, key=lambda each: -each[1].area)
    index = 0
    while index < len(kept) and kept[index][1].area >= WHOLE_FRAME_SHARE:
        start, end = kept[index][0]
        rest = [
            (span, other)
            for span, other in kept[index + 1 :]
            if span[0] < start - SAME_BOUNDARY_SECONDS or span[1] > end + SAME_BOUNDARY_SECONDS
        ]
        kept = [*kept[: index + 1], *rest]
        index += 1
    return kept


def _unify_boundaries(timed: list[tuple[Span, Change]]) -> list[tuple[Span, Change]]:
    """Move boundaries that nearly coincide to that of the strongest change."""
    moments = sorted(((moment, -change.strength) for span, change in timed for moment in span))
    unified: dict[float, float] = {}
    cluster: list[tuple[float, float]] = []
    for moment in [*moments, (float("inf"), 0.0)]:
        if cluster and moment[0] - cluster[0][0] > SAME_BOUNDARY_SECONDS:
            chosen = min(cluster, key=lambda each: each[1])[0]
            unified.update({each[0]: chosen for each in cluster})
            cluster = []
        cluster.append(moment)
    common = [((unified[span[0]], unified[span[1]]), change) for span, change in timed]
    return [
        (span if common_span[1] <= common_span[0] else common_span, change)
        for (span, change), (common_span, _) in zip(timed, common, strict=True)
    ]


def find_nearest_border(borders: NDArray[np.float64], moment: float) -> float:
    """Return the frame border that is nearest to a moment."""
    return float(borders[np.abs(borders - moment).argmin()])
