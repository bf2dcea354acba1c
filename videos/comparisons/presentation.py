"""Build the context of the page of a comparison, for its owner, for visitors and for guests with a link."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from django.core.paginator import Page, Paginator
from django.utils.http import urlencode

from sage.pages.tabs import Tab, choose_panel
from videos.comparisons import screen_text, timeline, words
from videos.comparisons.differences import DifferenceRow, build_difference_row
from videos.comparisons.media_urls import MediaUrls, Side
from videos.comparisons.page_data import compact_script, describe_video
from videos.comparisons.quality import checklist
from videos.comparisons.reviews.annotations import annotate_script, count_notes, load_annotations
from videos.comparisons.reviews.panels import ShownPanel, place_marks
from videos.comparisons.thresholds import ThresholdControl, parse_threshold
from videos.diff.quality.technical_facts import name_facts
from videos.diff.script import wording
from videos.diff.script.stored import ShownScript, ShownSegment, StoredScript
from videos.models import Comparison, Video

VIEW_MODES = {
    "side": "Side by side",
    "wipe": "Wipe",
    "overlay": "Overlay",
    "difference": "Difference",
    "flick": "A/B",
}
REVIEW_FILTERS = {"": "All", "to_fix": "To fix", "expected": "Expected", "none": "Not reviewed"}
ROWS_PER_PAGE = 100  # of the list of differences
# Query parameters that links to a moment keep.
LINK_PARAMETERS = ("view", "threshold", "wipe", "overlay", "gain", "offset_a", "offset_b")


@dataclass(frozen=True)
class PlayerContext:
    """One side as a template shows it. `start` is the second at which the player opens."""

    side: Side
    title: str
    width: int | None
    height: int | None
    frame_rate: float | None
    duration: float | None
    start: float
    media_url: str

    @property
    def letter(self) -> str:
        """The name of the side for users."""
        return self.side.upper()


@dataclass(frozen=True)
class ViewChoice:
    """One view mode, its link and its key."""

    name: str
    label: str
    href: str
    key: str
    is_current: bool


@dataclass(frozen=True)
class ReviewFilter:
    """A filter of the list of differences, with the number of differences that it shows."""

    name: str
    label: str
    count: int
    href: str
    is_current: bool


class ComparisonContext(TypedDict):
    """The context of `videos/_comparison_viewer.html` and of the pages that include it."""

    comparison: Comparison
    script: ShownScript
    read_only: bool
    threshold: ThresholdControl
    transforms: list[str]
    players: list[PlayerContext]
    view_modes: list[ViewChoice]
    view: str
    timeline: timeline.Timeline
    differences: Page[DifferenceRow]
    previous_page_url: str
    next_page_url: str
    duration_note: str
    no_difference_text: str
    review_filters: list[ReviewFilter]
    compare_panels: list[ShownPanel]
    note_marks: list[dict[str, Any]]
    tabs: Sequence[Tab]
    panel: str
    words_rows: list[words.WordsRow] | None
    screen_text_rows: list[screen_text.ScreenTextRow] | None
    facts: list[tuple[str, str, str]]
    checks: list[checklist.CheckRow] | None
    check_count: int
    page_data: dict[str, Any]


def build_context(
    comparison: Comparison,
    urls: MediaUrls,
    query: Mapping[str, str],
    *,
    read_only: bool,
    build_panels: Callable[[ShownScript], list[ShownPanel]] | None = None,
) -> ComparisonContext:
    """Build the context for a completed comparison.

    `urls` builds the URLs of media. `read_only` leaves out reviews, notes and every control that writes. `build_panels`
    returns the panels that other apps add. `query` is the query string: `t`
    in seconds of B, or of A with `side=a`; `view`, a key of VIEW_MODES; `threshold`; `list`, the page of the list;
    `review`, a key of REVIEW_FILTERS; `panel`, a tab. Invalid values are ignored.
    """
    assert comparison.script is not None  # noqa: S101 - callers pass completed comparisons only
    stored: StoredScript = comparison.script
    script = comparison.script_at(parse_threshold(query.get("threshold", "")))
    if not read_only:
        annotate_script(script, load_annotations([comparison.pk])[comparison.pk])
    panels = build_panels(script) if build_panels else []
    saved = stored["threshold"] if comparison.threshold is None else comparison.threshold
    control = ThresholdControl(script["threshold"], saved, stored["threshold"])
    view = query.get("view", "side") if query.get("view", "side") in VIEW_MODES else "side"
    link_parameters = {name: query[name] for name in LINK_PARAMETERS if query.get(name)}
    starts = timeline.find_moments(script, query.get("t", ""), query.get("side", "b"))
    videos: dict[Side, Video] = {"a": comparison.video_a, "b": comparison.video_b}
    differing = [segment for segment in script["segments"] if segment["op"] != "equal"]
    review = query.get("review", "") if query.get("review", "") in REVIEW_FILTERS and not read_only else ""
    chosen = [segment for segment in differing if not review or (segment.get("review") or "none") == review]
    page = _paginate_differences(chosen, stored, videos, urls, query.get("list"), link_parameters)
    checks = checklist.list_checks(comparison, script)
    tabs = _build_tabs(comparison, panels, checks)
    return {
        "comparison": comparison,
        "script": script,
        "read_only": read_only,
        "threshold": control,
        "transforms": [wording.transform(transform) for transform in stored["transforms"]],
        "players": [_build_player(side, video, starts[side], urls) for side, video in videos.items()],
        "view_modes": [
            ViewChoice(name, label, _build_query(query, view=name), str(key), name == view)
            for key, (name, label) in enumerate(VIEW_MODES.items(), start=1)
        ],
        "view": view,
        "timeline": timeline.draw_timeline(stored, script, link_parameters),
        "differences": page,
        "previous_page_url": _build_query(query, list=str(page.previous_page_number())) if page.has_previous() else "",
        "next_page_url": _build_query(query, list=str(page.next_page_number())) if page.has_next() else "",
        "duration_note": wording.summary(stored),
        "no_difference_text": wording.nothing_differs(stored),
        "review_filters": _build_review_filters(differing, review, query),
        "compare_panels": panels,
        "note_marks": place_marks([mark for panel in panels for mark in panel.content.marks], script),
        "tabs": tabs,
        "panel": choose_panel(tabs, query.get("panel")),
        "words_rows": words.list_rows(comparison),
        "screen_text_rows": screen_text.list_rows(comparison),
        "facts": name_facts(comparison.list_facts()),
        "checks": None if checks is None else checks[: checklist.MAX_ROWS],
        "check_count": len(checks or ()),
        "page_data": {
            **{side: describe_video(video, side, urls) for side, video in videos.items()},
            "script": compact_script(stored, control),
            "pictures": {side: urls.picture_url(0, side) for side in videos},
            "rows_a_page": ROWS_PER_PAGE,
            "review": review,
            "reviews": {segment["index"]: value for segment in script["segments"] if (value := segment.get("review"))},
            "note_counts": {segment["index"]: count for segment in differing if (count := count_notes(segment))},
        },
    }


def _build_review_filters(
    differing: Sequence[ShownSegment], current: str, query: Mapping[str, str]
) -> list[ReviewFilter]:
    counts = Counter(segment.get("review") or "none" for segment in differing)
    others = {name: value for name, value in query.items() if name not in ("review", "list", "panel")}
    return [
        ReviewFilter(
            name,
            label,
            counts[name] if name else len(differing),
            "?" + urlencode({**others, **({"review": name} if name else {})}),
            name == current,
        )
        for name, label in REVIEW_FILTERS.items()
    ]


def _build_tabs(
    comparison: Comparison, panels: Sequence[ShownPanel], checks: Sequence[checklist.CheckRow] | None
) -> tuple[Tab, ...]:
    texts = len(comparison.words["segments"] if comparison.words else ()) + len(comparison.screen_text or ())
    return (
        Tab("differences", "Differences"),  # its count follows the threshold, above the tabs
        Tab("words", "Words", f"{texts:,}" if texts else ""),
        Tab("quality", "QC", f"{len(checks):,}" if checks else ""),
        *(Tab(panel.name, panel.label, f"{panel.content.count:,}" if panel.content.count else "") for panel in panels),
    )


def _paginate_differences(
    segments: Sequence[ShownSegment],
    stored: StoredScript,
    videos: Mapping[Side, Video],
    urls: MediaUrls,
    number: str | None,
    link_parameters: Mapping[str, str],
) -> Page[DifferenceRow]:
    """Return one page of the list of differences. Only the segments on that page are described."""
    page: Page[Any] = Paginator(segments, ROWS_PER_PAGE).get_page(number)
    page.object_list = [
        build_difference_row(segment, videos, urls, stored["transforms"], link_parameters)
        for segment in page.object_list
    ]
    return page


def _build_player(side: Side, video: Video, start: float, urls: MediaUrls) -> PlayerContext:
    return PlayerContext(
        side=side,
        title=video.title,
        width=video.width,
        height=video.height,
        frame_rate=video.frame_rate,
        duration=video.duration,
        start=start,
        media_url=urls.file_url(side),
    )


def _build_query(query: Mapping[str, str], **changed: str) -> str:
    return "?" + urlencode({**query, **changed})
