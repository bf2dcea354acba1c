"""A comparison as a report to print: facts of both videos, what is true throughout, each difference with its stills."""

from typing import Any

from sage.errors import Conflict
from videos import showing, timeline
from videos.addresses import Addresses, Side
from videos.diff import words
from videos.diff.recut import SAME
from videos.models import Comparison, Video

MOST_DIFFERENCES = 300


def report(comparison: Comparison, addresses: Addresses, threshold: float | None = None) -> dict[str, Any]:
    """The context of `videos/report.html`, at `threshold` or at its owner's.

    Raises `Conflict` before the comparison is completed.
    """
    if not comparison.is_completed or comparison.script is None:
        raise Conflict("This comparison is not finished, so there is nothing to report yet.")
    script = comparison.shown_at(threshold)
    videos: dict[Side, Video] = {"a": comparison.video_a, "b": comparison.video_b}
    transforms = script["transforms"]
    differing = [segment for segment in script["segments"] if segment["op"] != "equal"]
    return {
        "comparison": comparison,
        "script": script,
        "sides": [(side.upper(), video) for side, video in videos.items()],
        "facts": [words.transform(each) for each in transforms],
        "lengths": words.summary(script),
        "nothing": words.nothing_differs(comparison.script),
        "is_calibrated": abs(script["threshold"] - comparison.script["threshold"]) <= SAME,
        "kept": "" if threshold is None else f"?threshold={threshold}",
        "timeline": timeline.draw(comparison.script, script),
        "differences": [
            showing.difference(segment, videos, addresses, transforms) for segment in differing[:MOST_DIFFERENCES]
        ],
        "left_out": max(0, len(differing) - MOST_DIFFERENCES),
    }
