"""Comparisons in lists: what each came to, in a few numbers, without its segments."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from videos.diff.recut import recut
from videos.models import Comparison

Figures = dict[str, Any]  # similarity_percent and differing_segments, as a script has them


@dataclass(frozen=True)
class Line:
    """A comparison, and how alike its sides are at its owner's threshold; None and 0 before it is completed."""

    comparison: Comparison
    similarity_percent: float | None
    differing_segments: int


def lines(comparisons: Iterable[Comparison]) -> list[Line]:
    """A line for each of a page that came `with_figures`. One query more where owners have moved thresholds."""
    rows = list(comparisons)
    moved = [row.pk for row in rows if row.threshold is not None]  # where there is none, nothing is asked for
    scripts = Comparison.objects.filter(pk__in=moved).values_list("pk", "script", "threshold")
    cut = {pk: _figures(recut(script, threshold)) for pk, script, threshold in scripts.iterator(chunk_size=4) if script}
    return [_line(row, cut.get(row.pk) or row.__dict__["figures"]) for row in rows]


def _figures(script: dict[str, Any]) -> Figures:
    return {name: script[name] for name in ("similarity_percent", "differing_segments")}


def _line(row: Comparison, figures: Figures) -> Line:
    return Line(row, figures["similarity_percent"], int(figures["differing_segments"] or 0))
