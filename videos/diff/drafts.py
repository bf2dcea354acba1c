"""Segments in the making: parts of the outline cut up by what changed in them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videos.diff.fingerprint import Fingerprint
from videos.diff.outline import Part
from videos.diff.script import Op, Segment, Span
from videos.diff.spans import BELOW, Marked, frame_of
from videos.diff.tracks import Track

MOST_DISTANCE = 1.0
DOUBTFUL_SECONDS = 3.0
DOUBTFUL_SHARE = 0.5
EDGE_SECONDS = 0.25

PACED_DISTANCE = 0.75  # of footage that runs at another speed than the rest: above what any threshold lets pass

OPS: dict[str, Op] = {
    "moved": "moved",
    "replaced": "changed",
    "paced": "changed",
    "inserted": "inserted",
    "deleted": "deleted",
}
DISTANCES = {"replaced": MOST_DISTANCE, "paced": PACED_DISTANCE}


@dataclass(frozen=True, slots=True)
class Draft:
    """A segment, and what changed in it where the footage is the same."""

    segment: Segment
    marked: Marked | None = None


def plain(part: Part) -> Draft:
    """A part that the two sides do not share in place."""
    return Draft(Segment(OPS[part.kind], part.a, part.b, DISTANCES.get(part.kind)))


def moved(part: Part, marked: list[Marked], threshold: float) -> Draft:
    """A part that stands elsewhere, with what changed in it on the way: told as one, by its strongest change."""
    told = [each for each in marked if not each.faint and _inside(part, each.span)]
    if not told:
        return plain(part)
    changes = tuple(change for each in told for change in each.changes)
    distance = max(each.distance(threshold) for each in told)
    return Draft(replace(plain(part).segment, distance=distance), Marked(told[0].span, changes))


def _inside(part: Part, span: Span) -> bool:
    """Not just a frame or two at an end, where a border that is off shows other footage."""
    assert part.a is not None  # noqa: S101  for the type checker
    at_an_end = span[0] <= part.a[0] or span[1] >= part.a[1]
    return not at_an_end or span[1] - span[0] > EDGE_SECONDS


def cut_up(b: Fingerprint, part: Part, scores: Track, marked: list[Marked], threshold: float) -> list[Draft]:
    """Equal and changed segments of a part that both sides show, end to end on both timelines.

    Borders of B are its frames nearest to the same moments. What is shorter than a frame of B joins what follows.
    """
    assert part.a is not None and part.b is not None  # noqa: S101, PT018  for the type checker
    strongest = scores.score.max(axis=(1, 2))
    drafts: list[Draft] = []
    at_a, at_b = part.a[0], part.b[0]
    for end_a, each in _pieces(part.a, marked):
        end_b = part.b[1] if end_a >= part.a[1] else frame_of(b.borders, part.line.to_b(end_a))
        end_b = min(max(end_b, at_b), part.b[1])
        if end_b > at_b:
            usual = _usual(scores.times, strongest, (at_a, end_a)) * threshold
            distance = each.distance(threshold) if each else usual
            op: Op = "changed" if each and not each.faint else "equal"
            drafts.append(Draft(Segment(op, (at_a, end_a), (at_b, end_b), distance), each))
            at_a, at_b = end_a, end_b
    if drafts and at_a < part.a[1]:
        last = drafts[-1].segment
        drafts[-1] = replace(drafts[-1], segment=replace(last, a=(last.a[0] if last.a else at_a, part.a[1])))
    return drafts


def _usual(times: NDArray[np.float64], strongest: NDArray[np.floating], span: Span) -> float:
    """The middle one of the scores within a span that counts as equal, which stays below the threshold, 1."""
    within = strongest[(times >= span[0]) & (times < span[1])]
    return min(BELOW, float(np.median(within))) if len(within) else 0.0


def _pieces(span: Span, marked: list[Marked]) -> list[tuple[float, Marked | None]]:
    """Where each piece of a span ends, and what changed in it."""
    pieces: list[tuple[float, Marked | None]] = []
    at = span[0]
    for each in marked:
        if each.span[0] > at:
            pieces.append((each.span[0], None))
        pieces.append((each.span[1], each))
        at = each.span[1]
    if at < span[1]:
        pieces.append((span[1], None))
    return pieces


def doubtful(part: Part, parts: list[Part], marked: list[Marked]) -> bool:
    """Whether a short part is changed for most of its time amid footage that one side lacks: no match, but likeness."""
    assert part.a is not None  # noqa: S101  for the type checker
    seconds = part.a[1] - part.a[0]
    if seconds > DOUBTFUL_SECONDS or sum(each.span[1] - each.span[0] for each in marked) < DOUBTFUL_SHARE * seconds:
        return False
    lone = {
        moment
        for other in parts
        if other.kind in ("inserted", "deleted", "replaced")
        for span in (other.a, other.b)
        for moment in span or ()
    }
    assert part.b is not None  # noqa: S101  for the type checker
    return bool({part.a[0], part.b[0]} & lone) and bool({part.a[1], part.b[1]} & lone)


def merged(drafts: list[Draft]) -> list[Draft]:
    """Equal segments that continue each other made one, but for those that nearly changed."""
    joined: list[Draft] = []
    for draft in drafts:
        plain_both = joined and joined[-1].marked is None and draft.marked is None
        both = _continued(joined[-1].segment, draft.segment) if plain_both else None
        if both:
            joined[-1] = Draft(both)
        else:
            joined.append(draft)
    return joined


def _continued(one: Segment, other: Segment) -> Segment | None:
    """Both as one equal segment, if that is what they are."""
    if one.op != "equal" or other.op != "equal" or not (one.a and one.b and other.a and other.b):
        return None
    if one.a[1] != other.a[0] or one.b[1] != other.b[0]:
        return None
    distance = max(one.distance or 0.0, other.distance or 0.0)
    return replace(one, a=(one.a[0], other.a[1]), b=(one.b[0], other.b[1]), distance=distance)
