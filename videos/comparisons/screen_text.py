"""Compare the text on screen of two videos, store the result with their comparison, and describe it for pages."""

import uuid
from dataclasses import dataclass
from typing import cast

from django.utils.http import urlencode

from videos.diff.script.stored import StoredRegion
from videos.models import Comparison, Video
from videos.screen_text.lines_diff import TextChange, VisibleLine, compare_lines

MAX_ROWS = 500  # of the list on a page
LABELS = {"changed": "Text changed", "inserted": "Text added", "deleted": "Text removed"}


@dataclass(frozen=True, slots=True)
class ScreenTextRow:
    """A difference of text on screen for a template. `side` shows the text at `box` from `seconds` to `until`."""

    op: str
    label: str
    text_a: str
    text_b: str
    a: list[float] | None
    b: list[float] | None
    box: StoredRegion
    side: str
    seconds: float
    until: float
    href: str


def compare_screen_text(comparison: Comparison) -> list[TextChange] | None:
    """Compare the text on screen along the script. None if the text of a video was not read or there is no script."""
    sides = (comparison.video_a, comparison.video_b)
    if comparison.script is None or not all(video.is_screen_text_read for video in sides):
        return None
    return compare_lines(load_lines(sides[0]), load_lines(sides[1]), comparison.script["segments"])


def load_lines(video: Video) -> list[VisibleLine]:
    rows = video.screen_texts.values_list("start", "end", "text", "box", "confidence")
    return [VisibleLine(*row) for row in rows]


def refresh_comparison(comparison_id: uuid.UUID) -> None:
    """Compare the text on screen again. The row is locked, so that of several results the last one stays.

    Call it in the transaction that changed the script or the text.
    """
    rows = Comparison.all_objects.select_related("video_a", "video_b").defer("words")
    comparison = rows.select_for_update(of=("self",)).get(pk=comparison_id)
    Comparison.all_objects.filter(pk=comparison.pk).update(screen_text=compare_screen_text(comparison))


def refresh_comparisons(video: Video) -> None:
    """Compare the text on screen of a video in all of its comparisons again."""
    for pk in Comparison.objects.involving(video).order_by("pk").values_list("pk", flat=True):
        refresh_comparison(pk)


def list_rows(comparison: Comparison) -> list[ScreenTextRow] | None:
    """Return the first `MAX_ROWS` differences of text on screen. None if it was not compared."""
    if comparison.screen_text is None:
        return None
    rows = []
    for change in cast("list[TextChange]", comparison.screen_text)[:MAX_ROWS]:
        side, span = ("b", change["b"]) if change["b"] else ("a", change["a"])
        assert span  # noqa: S101  one side has the line
        query = {"t": f"{span[0]:.3f}", **({"side": "a"} if side == "a" else {}), "panel": "words"}
        rows.append(
            ScreenTextRow(
                change["op"], LABELS[change["op"]], change["text_a"], change["text_b"], change["a"], change["b"],
                change["box"], side, span[0], span[1], "?" + urlencode(query),
            )
        )  # fmt: skip
    return rows
