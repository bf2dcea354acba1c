"""Cut the parts of an outline into segments of the script by the changes in them."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.outline import MatchedPart, OneSidedPart, Part, ReplacedPart
from videos.diff.changes.score_maps import ScoreMap
from videos.diff.changes.spans import MAX_EQUAL_SCORE, MarkedSpan, find_nearest_border
from videos.diff.script.edit_script import MatchedSegment, OneSidedSegment, Segment, Span
from videos.diff.script.kinds import ChangeKind
from videos.fingerprint.format import Fingerprint

REPLACED_DISTANCE = 1.0  # distance of footage that has nothing in common
PART_CONFIDENCE = 0.9  # confidence in the kind of a part that was replaced or runs at another speed
RETIMED_DISTANCE = 0.75  # distance of footage that runs at another speed than the rest; above every user threshold
MAX_DOUBTFUL_SECONDS = 3.0  # seconds; longer parts are never doubtful
DOUBTFUL_SHARE = 0.5  # share of a part that must have changed for it to be doubtful
MIN_GAP_SECONDS = 0.07  # seconds; a single frame that one side lacks makes no part doubtful
MIN_MOVED_CHANGE_SECONDS = 0.25  # seconds; a shorter change at the end of a moved part is a boundary error


@dataclass(frozen=True, slots=True)
class MarkedSegment:
    """A matched segment and the changes in it."""

    segment: MatchedSegment
    marked: MarkedSpan


DraftSegment = Segment | MarkedSegment  # a segment, with its changes if it has any


def segment_of(draft: DraftSegment) -> Segment:
    """Return the segment of a draft without its changes."""
    return draft.segment if isinstance(draft, MarkedSegment) else draft


def convert_part(part: Part) -> Segment:
    """Return the segment for a part that the two sides do not share in place."""
    match part:
        case OneSidedPart(side, span, also_at):
            return OneSidedSegment(side, span, also_at=also_at)
        case ReplacedPart(a, b):
            return MatchedSegment("changed", a, b, REPLACED_DISTANCE, kind=ChangeKind("replaced", PART_CONFIDENCE))
        case MatchedPart(a, b, kind="moved"):
            return MatchedSegment("moved", a, b)
    return MatchedSegment("changed", part.a, part.b, RETIMED_DISTANCE, kind=ChangeKind("retimed", PART_CONFIDENCE))


def convert_moved(part: MatchedPart, marked: list[MarkedSpan], threshold: float) -> DraftSegment:
    """Return one segment for a moved part, with the changes that were made to it and the distance of the strongest."""
    moved = MatchedSegment("moved", part.a, part.b)
    spans = [each for each in marked if not each.is_subthreshold and _is_inside(part, each.span)]
    if not spans:
        return moved
    changes = tuple(change for each in spans for change in each.changes)
    distance = max(each.compute_distance(threshold) for each in spans)
    return MarkedSegment(replace(moved, distance=distance), MarkedSpan(spans[0].span, changes))


def _is_inside(part: MatchedPart, span: Span) -> bool:
    """Return whether a span is more than a few frames at an end, where an inexact boundary shows other footage."""
    touches_end = span[0] <= part.a[0] or span[1] >= part.a[1]
    return not touches_end or span[1] - span[0] > MIN_MOVED_CHANGE_SECONDS


def cut_part(
    b: Fingerprint, part: MatchedPart, score_map: ScoreMap, marked: list[MarkedSpan], threshold: float
) -> list[DraftSegment]:
    """Return the equal and changed segments of a kept part, adjacent on both timelines.

    Boundaries in B are its frames nearest to the same moments. A piece shorter than a frame of B joins the next one.
    """
    strongest = score_map.score.max(axis=(1, 2))
    exact = _list_exact_ends(marked)
    drafts: list[DraftSegment] = []
    at_a, at_b = part.a[0], part.b[0]
    for end_a, change in _split_span(part.a, marked):
        end_b = exact.get(end_a) or find_nearest_border(b.borders, part.time_map.to_b(end_a))
        end_b = part.b[1] if end_a >= part.a[1] else end_b
        end_b = min(max(end_b, at_b), part.b[1])
        if end_b <= at_b:
            continue
        span_a, span_b = (at_a, end_a), (at_b, end_b)
        if change is None:
            typical = _find_typical_score(score_map.times, strongest, span_a)
            drafts.append(MatchedSegment("equal", span_a, span_b, typical * threshold))
        else:
            op: Literal["equal", "changed"] = "equal" if change.is_subthreshold else "changed"
            segment = MatchedSegment(op, span_a, span_b, change.compute_distance(threshold))
            drafts.append(MarkedSegment(segment, change))
        at_a, at_b = end_a, end_b
    if drafts and at_a < part.a[1]:
        drafts[-1] = _extend_in_a(drafts[-1], part.a[1])
    return drafts


def _list_exact_ends(marked: list[MarkedSpan]) -> dict[float, float]:
    """Return the moment of B for each moment of A at which a glitch begins or ends."""
    glitches = [change.spans for each in marked for change in each.changes if change.spans]
    return {moment: other for span_a, span_b in glitches for moment, other in zip(span_a, span_b, strict=True)}


def _extend_in_a(draft: DraftSegment, end: float) -> DraftSegment:
    if isinstance(draft, MarkedSegment):
        return replace(draft, segment=replace(draft.segment, a=(draft.segment.a[0], end)))
    if isinstance(draft, MatchedSegment):
        return replace(draft, a=(draft.a[0], end))
    return draft


def _find_typical_score(times: NDArray[np.float64], strongest: NDArray[np.floating], span: Span) -> float:
    """Return the median score within an equal span, limited to less than the threshold, 1."""
    within = strongest[(times >= span[0]) & (times < span[1])]
    return min(MAX_EQUAL_SCORE, float(np.median(within))) if len(within) else 0.0


def _split_span(span: Span, marked: list[MarkedSpan]) -> list[tuple[float, MarkedSpan | None]]:
    """Return the end of each piece of a span and the changes in it."""
    pieces: list[tuple[float, MarkedSpan | None]] = []
    at = span[0]
    for each in marked:
        if each.span[0] > at:
            pieces.append((each.span[0], None))
        pieces.append((each.span[1], each))
        at = each.span[1]
    if at < span[1]:
        pieces.append((span[1], None))
    return pieces


def is_doubtful(part: MatchedPart, parts: list[Part], marked: list[MarkedSpan]) -> bool:
    """Return whether a part is probably no match: short, mostly changed, and between gaps on both of its ends.

    A mild change of the whole picture is found only where the pictures match.
    """
    changed = sum(each.span[1] - each.span[0] for each in marked if not each.is_mild)
    if part.seconds > MAX_DOUBTFUL_SECONDS or changed < DOUBTFUL_SHARE * part.seconds:
        return False
    gaps: set[float] = set()
    for other in parts:
        if isinstance(other, OneSidedPart) and other.span[1] - other.span[0] > MIN_GAP_SECONDS:
            gaps.update(other.span)
        elif isinstance(other, ReplacedPart):
            gaps.update(other.a, other.b)
    return bool({part.a[0], part.b[0]} & gaps) and bool({part.a[1], part.b[1]} & gaps)


def merge_equal(drafts: list[DraftSegment]) -> list[DraftSegment]:
    """Join adjacent equal segments, except those with subthreshold changes."""
    joined: list[DraftSegment] = []
    for draft in drafts:
        both = _join_equal(joined[-1], draft) if joined else None
        if both:
            joined[-1] = both
        else:
            joined.append(draft)
    return joined


def _join_equal(before: DraftSegment, after: DraftSegment) -> MatchedSegment | None:
    """Return both as one equal segment, None if one is not equal or they are not adjacent on both sides."""
    if not (isinstance(before, MatchedSegment) and isinstance(after, MatchedSegment)):
        return None
    if before.op != "equal" or after.op != "equal" or (before.a[1], before.b[1]) != (after.a[0], after.b[0]):
        return None
    distance = max(before.distance or 0.0, after.distance or 0.0)
    return replace(before, a=(before.a[0], after.a[1]), b=(before.b[0], after.b[1]), distance=distance)
