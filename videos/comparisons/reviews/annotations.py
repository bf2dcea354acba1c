"""Add the reviews and the notes of a comparison to its script.

The app of notes registers a source, because this app does not know notes. A note belongs to the segment that its side
shows at its time.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ImproperlyConfigured

from videos.comparisons.reviews.moments import MomentMap
from videos.diff.script.stored import ShownNote, ShownScript, ShownSegment, StoredSegment, StoredSpan
from videos.models.review import DifferenceReview

LEAST_OVERLAP = 0.5  # share of the joint duration; a difference of a new script this close keeps its review

NoteSource = Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, list[ShownNote]]]
_sources: list[NoteSource] = []


@dataclass(frozen=True, slots=True)
class Annotations:
    """The reviews and the notes of one comparison."""

    reviews: list[DifferenceReview] = field(default_factory=list)
    notes: Sequence[ShownNote] = ()


def register_note_source(source: NoteSource) -> None:
    """Show the notes that `source` returns for comparisons, in order of time. There is one source."""
    if _sources and _sources[0] is not source:
        raise ImproperlyConfigured("Two sources of notes are registered.")
    if not _sources:
        _sources.append(source)


def load_annotations(comparison_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Annotations]:
    """Return the annotations of comparisons, in one query for reviews and one for notes."""
    ids = list(comparison_ids)
    loaded = {pk: Annotations() for pk in ids}
    for review in DifferenceReview.objects.filter(comparison__in=ids):
        loaded[review.comparison_id].reviews.append(review)
    notes = _sources[0](ids) if _sources else {}
    return {pk: Annotations(each.reviews, notes.get(pk, ())) for pk, each in loaded.items()}


def annotate_script(script: ShownScript, annotations: Annotations) -> ShownScript:
    """Set `review` and `notes` of each segment of `script`, and its `notes`. Returns `script`."""
    for segment in script["segments"]:
        segment["review"], segment["notes"] = None, []
    for review, segment in match_reviews(annotations.reviews, script["segments"]):
        segment["review"] = review.review
    script["notes"] = list(annotations.notes)
    if annotations.notes:
        moments = MomentMap(script)
        for note in annotations.notes:
            if note["side"] is None or note["seconds"] is None:
                continue
            if (shown := moments.find_segment(note["side"], note["seconds"])) is not None:
                shown["notes"].append(note)
    return script


def count_notes(segment: ShownSegment) -> int:
    """Return the number of notes of an annotated segment, with their replies."""
    return sum(1 + len(note["replies"]) for note in segment.get("notes", []))


def match_reviews(
    reviews: Sequence[DifferenceReview], segments: Iterable[ShownSegment]
) -> list[tuple[DifferenceReview, ShownSegment]]:
    """Return each review with its difference: the one at the same times, else the one that overlaps it most."""
    if not reviews:
        return []
    differing = [segment for segment in segments if segment["op"] != "equal"]
    by_times = {_round_spans(segment["a"], segment["b"]): segment for segment in differing}
    matched, taken = [], set()
    moved: list[DifferenceReview] = []
    for review in reviews:
        segment = by_times.get(_round_spans(*review.spans))
        if segment is None:
            moved.append(review)
        else:
            matched.append((review, segment))
            taken.add(segment["index"])
    for review in moved:
        nearest = max(differing, key=lambda each: measure_overlap(review.spans, each), default=None)
        if nearest and nearest["index"] not in taken and measure_overlap(review.spans, nearest) >= LEAST_OVERLAP:
            matched.append((review, nearest))
            taken.add(nearest["index"])
    return matched


def measure_overlap(spans: tuple[StoredSpan | None, StoredSpan | None], segment: StoredSegment) -> float:
    """Return how much of the joint duration two differences have in common, 0 to 1."""
    common = joint = 0.0
    for own, other in zip(spans, (segment["a"], segment["b"]), strict=True):
        if own and other:
            overlap = max(0.0, min(own[1], other[1]) - max(own[0], other[0]))
            common += overlap
            joint += own[1] - own[0] + other[1] - other[0] - overlap
        elif own or other:
            start, end = own or other or (0.0, 0.0)
            joint += end - start
    return common / joint if joint else 0.0


def _round_spans(a: StoredSpan | None, b: StoredSpan | None) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(value, 3) for value in span or ()) for span in (a, b))
