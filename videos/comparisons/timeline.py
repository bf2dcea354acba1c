"""Draw a comparison as a timeline: bars on two lanes, and ribbons between them.

Positions are percentages of the longer video, so the drawing fits any width. Ribbons have coordinates in a box of
`RIBBON_WIDTH` by `RIBBON_HEIGHT` that the page stretches.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise

from django.utils.http import urlencode

from videos.diff.script import wording
from videos.diff.script.stored import SIDES, ShownScript, SideName, StoredScript, StoredSegment
from videos.diff.script.wording import Interval

RIBBON_WIDTH, RIBBON_HEIGHT = 1000, 44
MAX_BARS = 150  # segments; a longer script is drawn as an outline
COLUMNS = 400  # of the outline, on each lane
MIN_RIBBON = 0.002  # share of the longer video; shorter ribbons are left out of the outline
TICK_STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


@dataclass(frozen=True)
class TimelineBar:
    """One segment on one lane. `x` and `width` are in percent. `distance` is set if the segment has both sides."""

    index: int
    op: str
    severity: str
    side: str
    x: float
    width: float
    href: str
    label: str
    distance: float | None = None

    @property
    def pattern(self) -> str:
        """The op whose pattern and letter the bar shows. An equal bar may become changed at another threshold."""
        return "changed" if self.op == "equal" else self.op

    @property
    def letter(self) -> str:
        return wording.LETTERS[self.pattern] if self.width >= 1.6 else ""

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 3)

    @property
    def is_sliver(self) -> bool:
        """Whether the bar is narrower than 3 px on a common screen, so that a coloured outline widens it."""
        return self.width < 0.6


@dataclass(frozen=True)
class TimelineRibbon:
    """The SVG path that joins the two places of a segment."""

    index: int
    op: str
    path: str


@dataclass(frozen=True)
class TimelineTick:
    x: float
    label: str


@dataclass(frozen=True)
class Timeline:
    ticks: list[TimelineTick]
    lane_a: list[TimelineBar]
    lane_b: list[TimelineBar]
    ribbons: list[TimelineRibbon]


def draw_timeline(
    stored: StoredScript, shown: ShownScript, link_parameters: Mapping[str, str] | None = None
) -> Timeline:
    """Draw the `stored` segments with the ops of the `shown` script, or an outline if there are more than MAX_BARS.

    Links keep the query parameters `link_parameters`.
    """
    span = max(stored["duration_a"], stored["duration_b"], 0.001)
    outlined = len(stored["segments"]) > MAX_BARS
    segments: list[tuple[int, StoredSegment]] = (
        [(row["index"], row) for row in shown["segments"]] if outlined else list(_apply_shown_ops(stored, shown))
    )
    bars = _draw_outline if outlined else _draw_bars
    ribbons = _draw_ribbons(segments, span, MIN_RIBBON * span if outlined else 0.0)
    return Timeline(
        ticks=_draw_ticks(span),
        lane_a=bars(segments, "a", span, link_parameters or {}),
        lane_b=bars(segments, "b", span, link_parameters or {}),
        ribbons=sorted(ribbons, key=lambda ribbon: ribbon.op != "equal")[-MAX_BARS:],
    )


def _apply_shown_ops(stored: StoredScript, shown: ShownScript) -> Iterator[tuple[int, StoredSegment]]:
    """Yield each stored segment and its index, with the op and severity of the shown segment that contains it."""
    starts = [*(row["index"] for row in shown["segments"]), len(stored["segments"])]
    for row, (start, end) in zip(shown["segments"], pairwise(starts), strict=True):
        for index in range(start, end):
            yield index, {**stored["segments"][index], "op": row["op"], "severity": row["severity"]}


def find_moments(script: ShownScript, at: str, side: str) -> dict[SideName, float]:
    """Return the seconds at which both players open for `?t=…&side=…`, for pages without scripts."""
    here, there = SIDES if side == "a" else SIDES[::-1]
    durations = {"a": script["duration_a"], "b": script["duration_b"]}
    try:
        second = float(at)
    except ValueError:
        second = math.nan
    if not math.isfinite(second):
        return {"a": 0.0, "b": 0.0}
    second = min(max(second, 0.0), durations[here])
    held = 0.0  # where the other player stays if its video has no part in the segment
    for segment in script["segments"]:
        own, other = segment[here], segment[there]
        if own and own[0] <= second < own[1]:
            share = (second - own[0]) / (own[1] - own[0])
            return {here: second, there: other[0] + share * (other[1] - other[0]) if other else held}
        if other and segment["op"] != "moved":
            held = other[1]
    return {here: second, there: durations[there]}


def build_link(segment: StoredSegment, side: SideName, link_parameters: Mapping[str, str]) -> str:
    """Return the link to the start of a segment on one side."""
    start, _ = segment[side] or (0.0, 0.0)
    query = {"t": f"{start:.3f}", **({"side": "a"} if side == "a" else {}), **link_parameters}
    return "?" + urlencode(query)


def _draw_bars(
    segments: list[tuple[int, StoredSegment]], side: SideName, span: float, link_parameters: Mapping[str, str]
) -> list[TimelineBar]:
    return [
        TimelineBar(
            index=index,
            op=segment["op"],
            severity=segment["severity"] or "",
            side=side,
            x=round(100 * interval[0] / span, 4),
            width=max(round(100 * (interval[1] - interval[0]) / span, 4), 0.0001),
            href=build_link(segment, side, link_parameters),
            label=f"{wording.title(segment)}. {side.upper()} {wording.between(interval)}",
            distance=segment["distance"] if segment["op"] in ("equal", "changed") else None,
        )
        for index, segment in segments
        if (interval := segment[side])
    ]


def _draw_outline(
    segments: list[tuple[int, StoredSegment]], side: SideName, span: float, link_parameters: Mapping[str, str]
) -> list[TimelineBar]:
    """Divide the lane into `COLUMNS` columns, give each the op of its longest difference, and join equal neighbours."""
    columns: list[tuple[float, int, StoredSegment] | None] = [None] * COLUMNS
    for index, segment in segments:
        interval = segment[side]
        if not interval:
            continue
        start, end = interval
        weight = 0.0 if segment["op"] == "equal" else end - start
        first = min(int(COLUMNS * start / span), COLUMNS - 1)
        for column in range(first, min(max(math.ceil(COLUMNS * end / span), first + 1), COLUMNS)):
            there = columns[column]
            if there is None or weight > there[0]:
                columns[column] = weight, index, segment
    bars = []
    place = 0
    for op, group in groupby(columns, lambda there: there[2]["op"] if there else None):
        run = list(group)
        start, place = place, place + len(run)
        if op is None or run[0] is None:
            continue
        _, index, segment = run[0]
        seconds = [at * span / COLUMNS for at in (start, place)]
        bars.append(
            TimelineBar(
                index=index,
                op=op,
                severity=segment["severity"] or "",
                side=side,
                x=round(100 * start / COLUMNS, 4),
                width=round(100 * len(run) / COLUMNS, 4),
                href=build_link(segment, side, link_parameters),
                label=f"{'Same' if op == 'equal' else 'Mostly ' + op}. {side.upper()} {wording.between(seconds)}",
            )
        )
    return bars


def _draw_ribbons(segments: list[tuple[int, StoredSegment]], span: float, least: float) -> list[TimelineRibbon]:
    """Join both sides of each segment. A segment of one side narrows to a point on the other side."""
    made = []
    last_a = last_b = 0.0
    for index, segment in segments:
        a = segment["a"] or [last_a, last_a]
        b = segment["b"] or [last_b, last_b]
        if max(a[1] - a[0], b[1] - b[0]) >= least:
            made.append(TimelineRibbon(index, segment["op"], _ribbon_path(a, b, RIBBON_WIDTH / span)))
        if segment["op"] != "moved":
            last_a, last_b = (segment["a"] or a)[1], (segment["b"] or b)[1]
    return made


def _ribbon_path(a: Interval, b: Interval, scale: float) -> str:
    a0, a1, b0, b1 = (round(value * scale, 2) for value in (*a, *b))
    height, half = RIBBON_HEIGHT, RIBBON_HEIGHT / 2
    return f"M{a0} 0H{a1}C{a1} {half} {b1} {half} {b1} {height}H{b0}C{b0} {half} {a0} {half} {a0} 0Z"


def _draw_ticks(span: float) -> list[TimelineTick]:
    step = next((step for step in TICK_STEPS if span / step <= 8), TICK_STEPS[-1])
    digits = 1 if step < 1 else 0
    count = int(span / step) + 1
    return [
        TimelineTick(round(100 * index * step / span, 4), wording.clock(index * step, digits)) for index in range(count)
    ]
