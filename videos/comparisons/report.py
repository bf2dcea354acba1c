"""Build the printable report of a comparison."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sage.errors import Conflict
from videos.comparisons import differences, screen_text, timeline, words
from videos.comparisons.media_urls import MediaUrls, Side
from videos.comparisons.reviews.annotations import annotate_script, load_annotations
from videos.diff.quality.technical_facts import name_facts
from videos.diff.script import wording
from videos.diff.script.rethreshold import THRESHOLD_TOLERANCE
from videos.diff.script.stored import ShownSegment
from videos.models import Comparison, DifferenceReview, Video

MAX_DIFFERENCES = 300  # in a report; the page says how many it leaves out


def count_reviews(differing: Sequence[ShownSegment]) -> list[tuple[str, int]]:
    """Return the labels of the reviews that occur, with their numbers of differences."""
    counts = Counter(segment["review"] for segment in differing)
    labels = [(counts[choice.value], str(choice.label)) for choice in DifferenceReview.Review]
    return [(label, count) for count, label in [*labels, (counts[None], "Not reviewed")] if count]


def build_report(comparison: Comparison, urls: MediaUrls, threshold: float | None = None) -> dict[str, Any]:
    """Build the context of `videos/report.html` at `threshold`, or at the saved threshold.

    Raises `Conflict` if the comparison is not completed.
    """
    if not comparison.is_completed or comparison.script is None:
        raise Conflict("This comparison is not complete. Open the report when it is complete.")
    script = annotate_script(comparison.script_at(threshold), load_annotations([comparison.pk])[comparison.pk])
    videos: dict[Side, Video] = {"a": comparison.video_a, "b": comparison.video_b}
    transforms = script["transforms"]
    differing = [segment for segment in script["segments"] if segment["op"] != "equal"]
    return {
        "comparison": comparison,
        "script": script,
        "sides": [(side.upper(), video) for side, video in videos.items()],
        "transforms": [wording.transform(each) for each in transforms],
        "duration_note": wording.summary(script),
        "no_difference_text": wording.nothing_differs(comparison.script),
        "is_calibrated": abs(script["threshold"] - comparison.script["threshold"]) <= THRESHOLD_TOLERANCE,
        "threshold_query": "" if threshold is None else f"?threshold={threshold}",
        "timeline": timeline.draw_timeline(comparison.script, script),
        "differences": [
            differences.build_difference_row(segment, videos, urls, transforms)
            for segment in differing[:MAX_DIFFERENCES]
        ],
        "other_notes": [
            note
            for note in script["notes"]
            if not any(note in segment["notes"] for segment in differing[:MAX_DIFFERENCES] if segment["notes"])
        ],
        "review_counts": count_reviews(differing),
        "words_rows": words.list_rows(comparison),
        "screen_text_rows": screen_text.list_rows(comparison),
        "facts": name_facts(comparison.list_facts()),
        "omitted_count": max(0, len(differing) - MAX_DIFFERENCES),
    }
