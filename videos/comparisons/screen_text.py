"""Compare the text on screen of two videos, store the result with their comparison, and describe it for pages."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import cast

from django.utils.http import urlencode

from videos.diff.script.stored import StoredBox, StoredScript, StoredSegment
from videos.models import Comparison, Video
from videos.screen_text.lines_diff import TextChange, VisibleLine, compare_lines

MAX_ROWS = 500  # of the list on a page
MIN_TEXT_SHARE = 0.5  # of the time of a changed segment in which the text that changed is visible
MAX_TEXT_AREA = 0.5  # share of the frame of a region in which a text changed; in a larger one, more changed
MAX_TITLE_TEXT = 40  # letters of a text in the title of a difference
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
    box: StoredBox
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


def attach_texts(script: StoredScript, changes: Sequence[TextChange]) -> StoredScript:
    """Return the script, in which each changed segment has the texts of the line that changed in one of its regions."""
    replaced = [change for change in changes if change["op"] == "changed"]
    return {**script, "segments": [_attach_text(segment, replaced) for segment in script["segments"]]}


def _attach_text(segment: StoredSegment, changes: Sequence[TextChange]) -> StoredSegment:
    bare = cast("StoredSegment", {name: value for name, value in segment.items() if name != "texts"})
    if segment["op"] != "changed":
        return bare
    scored = [(_measure_share(segment, change), change) for change in changes]
    share, change = max(scored, key=lambda each: each[0], default=(0.0, None))
    if change is None or share < MIN_TEXT_SHARE:
        return bare
    return {**bare, "texts": [shorten(change[side], MAX_TITLE_TEXT, placeholder="…") for side in ("text_a", "text_b")]}


def _measure_share(segment: StoredSegment, change: TextChange) -> float:
    """Return the share of a segment's time in which a line that changed is visible, 0 if it is outside the regions."""
    span, shown, box = segment["b"], change["b"], change["box"]
    if not span or not shown or span[1] <= span[0]:
        return 0.0
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    is_inside = any(
        region["x"] <= middle[0] <= region["x"] + region["width"]
        and region["y"] <= middle[1] <= region["y"] + region["height"]
        for region in segment["regions"]
        if region["width"] * region["height"] <= MAX_TEXT_AREA
    )
    return max(0.0, min(span[1], shown[1]) - max(span[0], shown[0])) / (span[1] - span[0]) if is_inside else 0.0


def load_lines(video: Video) -> list[VisibleLine]:
    rows = video.screen_texts.values_list("start", "end", "text", "box", "confidence")
    return [VisibleLine(*row) for row in rows]


def refresh_comparison(comparison_id: uuid.UUID) -> None:
    """Compare the text on screen again. The row is locked, so that of several results the last one stays.

    Call it in the transaction that changed the script or the text.
    """
    rows = Comparison.all_objects.select_related("video_a", "video_b").defer("words")
    comparison = rows.select_for_update(of=("self",)).get(pk=comparison_id)
    changes = compare_screen_text(comparison)
    script = comparison.script and attach_texts(comparison.script, changes or [])
    Comparison.all_objects.filter(pk=comparison.pk).update(screen_text=changes, script=script)


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
