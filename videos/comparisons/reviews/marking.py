"""Mark a difference of a comparison as expected or to fix."""

import hashlib
import json
from collections.abc import Collection
from functools import partial

from django.db import transaction
from django.http import Http404

from sage.errors import Conflict, InvalidInput, NotFound
from videos.comparisons.reviews.annotations import (
    LEAST_OVERLAP,
    annotate_script,
    load_annotations,
    measure_overlap,
)
from videos.diff.script.rethreshold import rethreshold
from videos.diff.script.stored import ShownSegment, StoredSegment
from videos.models import Comparison, DifferenceReview
from videos.topics import REVIEWS

RECOMPUTED = "This comparison was computed again, so its differences may be others. Reload it, then review again."
UNSET = ""  # the form value of a difference that is not reviewed


def identify_differences(comparison: Comparison) -> str:
    """Return a text that changes with the differences of a comparison, by a new result or another threshold."""
    segments = comparison.script["segments"] if comparison.script else []
    facts = [comparison.threshold, [(row["op"], row["a"], row["b"]) for row in segments]]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def review_difference(
    comparison: Comparison, index: int, review: str | None, known: Collection[str] | None = None
) -> ShownSegment:
    """Set the review of the difference at `index`, from 0, at the calibrated threshold. None removes it.

    Returns the annotated segment. Raises `NotFound` if there is no such difference, and `Conflict` if the comparison
    is not complete, was computed again after `comparison` was loaded, or has none of the identifiers `known`, of which
    `identify_differences` returned one for the list that the index was taken from.
    """
    with transaction.atomic():
        locked = _lock(comparison)
        if known is not None and identify_differences(locked) not in known:
            raise Conflict(RECOMPUTED)
        assert locked.script is not None  # noqa: S101  for the type checker
        calibrated = rethreshold(locked.script)
        differing = [segment for segment in calibrated["segments"] if segment["op"] != "equal"]
        if index >= len(differing):
            raise NotFound(f"This comparison has {len(differing)} differences. The first one has the index 0.")
        _save(locked, differing[index], differing[index]["index"], review)
        annotate_script(calibrated, load_annotations([locked.pk])[locked.pk])
    return differing[index]


def review_segment(comparison: Comparison, index: int, times: str, review: str | None) -> StoredSegment:
    """Set the review of the stored segment at `index`, whose starts on A and B are `times`, such as `1.5/2.0`.

    Raises `Conflict` like `review_difference`, also if the segment has other times.
    """
    with transaction.atomic():
        locked = _lock(comparison)
        segments = locked.script["segments"] if locked.script else []
        if index >= len(segments) or format_times(segments[index]) != times:
            raise Conflict(RECOMPUTED)
        _save(locked, segments[index], index, review)
    return segments[index]


def format_times(segment: StoredSegment) -> str:
    """Return the starts of a segment on A and B to the millisecond, as the page sends them back: `1.500/2.000`."""
    return "/".join(f"{span[0]:.3f}" if span else "" for span in (segment["a"], segment["b"]))


def parse_review(text: str) -> str | None:
    """Return the review that a form sends. Raises `InvalidInput`."""
    if text == UNSET:
        return None
    if text not in DifferenceReview.Review.values:
        raise InvalidInput.field("review", "Choose “Expected” or “To fix”.", "invalid_choice")
    return text


def _lock(comparison: Comparison) -> Comparison:
    locked = Comparison.objects.select_for_update(of=("self",)).select_related("job").filter(pk=comparison.pk).first()
    if locked is None:
        raise Http404
    if not locked.is_completed:
        raise Conflict("This comparison is not complete. Review its differences when it is complete.")
    assert locked.script is not None  # noqa: S101  for the type checker
    if comparison.script is None or comparison.script["segments"] != locked.script["segments"]:
        raise Conflict(RECOMPUTED)
    return locked


def _save(comparison: Comparison, segment: StoredSegment, index: int, review: str | None) -> None:
    """Replace the review of a segment, also one that was made when the segment had slightly other times.

    `index` is its place among the stored segments, which open pages know it by.
    """
    spans = (segment["a"], segment["b"])
    reviews = DifferenceReview.objects.filter(comparison=comparison)
    earlier = [row.pk for row in reviews if measure_overlap(row.spans, segment) >= LEAST_OVERLAP]
    DifferenceReview.objects.filter(pk__in=earlier).delete()
    if review is not None:
        times = {
            f"{side}_{edge}": span[place] if span else None
            for side, span in zip("ab", spans, strict=True)
            for place, edge in enumerate(("start", "end"))
        }
        DifferenceReview.objects.create(comparison=comparison, review=review, **times)
    event = {"comparison_id": str(comparison.pk), "index": index, "review": review}
    transaction.on_commit(partial(REVIEWS.publish, comparison.owner_id, event))
