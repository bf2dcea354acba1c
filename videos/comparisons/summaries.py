"""Summarise comparisons for lists, without loading their segments."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict

from videos.diff.script.rethreshold import rethreshold
from videos.diff.script.stored import ShownScript
from videos.models import Comparison


class ResultFigures(TypedDict):
    """The figures of a script that lists show."""

    similarity_percent: float
    differing_segments: int


@dataclass(frozen=True)
class ComparisonSummary:
    """A comparison and its result at the saved threshold. None and 0 until it is completed."""

    comparison: Comparison
    similarity_percent: float | None
    differing_segments: int


def summarise_comparisons(comparisons: Iterable[Comparison]) -> list[ComparisonSummary]:
    """Summarise comparisons fetched `with_summary`. Comparisons with a saved threshold cost one more query."""
    rows = list(comparisons)
    moved = [row.pk for row in rows if row.threshold is not None]  # an empty list sends no query
    scripts = Comparison.objects.filter(pk__in=moved).values_list("pk", "script", "threshold")
    cut = {
        pk: _pick_figures(rethreshold(script, threshold))
        for pk, script, threshold in scripts.iterator(chunk_size=4)
        if script
    }
    return [_summarise(row, cut.get(row.pk) or row.__dict__["figures"]) for row in rows]


def _pick_figures(script: ShownScript) -> ResultFigures:
    return {"similarity_percent": script["similarity_percent"], "differing_segments": script["differing_segments"]}


def _summarise(row: Comparison, figures: ResultFigures) -> ComparisonSummary:
    return ComparisonSummary(row, figures["similarity_percent"], int(figures["differing_segments"] or 0))
