"""A comparison as something to look at: bars on two lanes, ribbons between them.

Positions are percentages of the longer video, so that the drawing fits any width; the ribbons live in a box of
`RIBBON_WIDTH` by `RIBBON_HEIGHT` that is stretched.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from django.utils.http import urlencode

from videos.diff import words
from videos.diff.words import Interval, Segment

RIBBON_WIDTH, RIBBON_HEIGHT = 1000, 44
MOST_BARS = 150  # segments that are drawn one by one; of more, an outline
COLUMNS = 400  # of the outline
LEAST_RIBBON = 0.002  # of the longer video, in the outline
STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
Script = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """One segment on one lane. `x` and `width` in percent; `distance` only where both sides are held together."""

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
        """The op whose pattern and letter it may show: what is equal may be called changed by another threshold."""
        return "changed" if self.op == "equal" else self.op

    @property
    def letter(self) -> str:
        return words.LETTERS[self.pattern] if self.width >= 1.6 else ""

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 3)

    @property
    def is_sliver(self) -> bool:
        """Narrower than 3 px on a common screen: its outline is drawn in its own colour to make that up."""
        return self.width < 0.6


@dataclass(frozen=True)
class Ribbon:
    """What joins the two places of a segment, as the path of an SVG."""

    index: int
    op: str
    path: str


@dataclass(frozen=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True)
class Timeline:
    ticks: list[Tick]
    lane_a: list[Bar]
    lane_b: list[Bar]
    ribbons: list[Ribbon]


def draw(stored: Script, shown: Script, kept: Mapping[str, str] | None = None) -> Timeline:
    """The drawing of the `stored` segments, each as `shown` tells it; an outline where they are too many.

    `kept` is what links carry besides the moment.
    """
    span = max(stored["duration_a"], stored["duration_b"], 0.001)
    outlined = len(stored["segments"]) > MOST_BARS
    segments = [(row["index"], row) for row in shown["segments"]] if outlined else list(_told(stored, shown))
    bars = _outline if outlined else _bars
    ribbons = _ribbons(segments, span, LEAST_RIBBON * span if outlined else 0.0)
    return Timeline(
        ticks=_ticks(span),
        lane_a=bars(segments, "a", span, kept or {}),
        lane_b=bars(segments, "b", span, kept or {}),
        ribbons=sorted(ribbons, key=lambda ribbon: ribbon.op != "equal")[-MOST_BARS:],
    )


def _told(stored: Script, shown: Script) -> Iterator[tuple[int, Segment]]:
    """Each stored segment with its place, and the op and severity of the shown one that it is part of."""
    rows = [*shown["segments"], {"index": len(stored["segments"])}]
    for row, following in pairwise(rows):
        for index in range(row["index"], following["index"]):
            yield index, {**stored["segments"][index], "op": row["op"], "severity": row["severity"]}


def moment(script: Script, at: str, side: str) -> dict[str, float]:
    """The seconds on both sides that belong to `?t=…&side=…`: where a page without scripts opens its players."""
    here, there = ("a", "b") if side == "a" else ("b", "a")
    try:
        wanted = float(at)
    except ValueError:
        return {"a": 0.0, "b": 0.0}
    if not math.isfinite(wanted):
        return {"a": 0.0, "b": 0.0}
    wanted = min(max(wanted, 0.0), script[f"duration_{here}"])
    held = 0.0
    for segment in script["segments"]:
        mine, other = segment[here], segment[there]
        if mine and mine[0] <= wanted < mine[1]:
            share = (wanted - mine[0]) / (mine[1] - mine[0])
            return {here: wanted, there: other[0] + share * (other[1] - other[0]) if other else held}
        if other and segment["op"] != "moved":
            held = other[1]
    return {here: wanted, there: script[f"duration_{there}"]}


def link(segment: Segment, side: str, kept: Mapping[str, str]) -> str:
    """The address of the begin of a segment on one side."""
    query = {"t": f"{segment[side][0]:.3f}", **({"side": "a"} if side == "a" else {}), **kept}
    return "?" + urlencode(query)


def _bars(segments: list[tuple[int, Segment]], side: str, span: float, kept: Mapping[str, str]) -> list[Bar]:
    return [
        Bar(
            index=index,
            op=segment["op"],
            severity=segment["severity"] or "",
            side=side,
            x=round(100 * segment[side][0] / span, 4),
            width=max(round(100 * (segment[side][1] - segment[side][0]) / span, 4), 0.0001),
            href=link(segment, side, kept),
            label=f"{words.title(segment)}. {side.upper()} {words.between(segment[side])}",
            distance=segment["distance"] if segment["op"] in ("equal", "changed") else None,
        )
        for index, segment in segments
        if segment[side]
    ]


def _outline(segments: list[tuple[int, Segment]], side: str, span: float, kept: Mapping[str, str]) -> list[Bar]:
    """Bars of columns in which the same op is seen, at most `COLUMNS` of them: that of the longest difference there."""
    columns: list[tuple[float, int, Segment] | None] = [None] * COLUMNS
    for index, segment in segments:
        if not segment[side]:
            continue
        start, end = segment[side]
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
            Bar(
                index=index,
                op=op,
                severity=segment["severity"] or "",
                side=side,
                x=round(100 * start / COLUMNS, 4),
                width=round(100 * len(run) / COLUMNS, 4),
                href=link(segment, side, kept),
                label=f"{'Equal' if op == 'equal' else 'Mostly ' + op}. {side.upper()} {words.between(seconds)}",
            )
        )
    return bars


def _ribbons(segments: list[tuple[int, Segment]], span: float, least: float) -> list[Ribbon]:
    """A segment with one side only narrows to the point where it would stand on the other."""
    made = []
    last_a = last_b = 0.0
    for index, segment in segments:
        a = segment["a"] or [last_a, last_a]
        b = segment["b"] or [last_b, last_b]
        if max(a[1] - a[0], b[1] - b[0]) >= least:
            made.append(Ribbon(index, segment["op"], _ribbon_path(a, b, RIBBON_WIDTH / span)))
        if segment["op"] != "moved":
            last_a, last_b = (segment["a"] or a)[1], (segment["b"] or b)[1]
    return made


def _ribbon_path(a: Interval, b: Interval, scale: float) -> str:
    a0, a1, b0, b1 = (round(value * scale, 2) for value in (*a, *b))
    height, half = RIBBON_HEIGHT, RIBBON_HEIGHT / 2
    return f"M{a0} 0H{a1}C{a1} {half} {b1} {half} {b1} {height}H{b0}C{b0} {half} {a0} {half} {a0} 0Z"


def _ticks(span: float) -> list[Tick]:
    step = next((step for step in STEPS if span / step <= 8), STEPS[-1])
    digits = 1 if step < 1 else 0
    count = int(span / step) + 1
    return [Tick(round(100 * index * step / span, 4), words.clock(index * step, digits)) for index in range(count)]
