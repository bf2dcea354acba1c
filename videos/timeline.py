"""A comparison as something to look at: bars on two lanes, ribbons between them, a list in words.

Positions are percentages of the longer video, so that the drawing fits any width; the ribbons live in a box of
`RIBBON_WIDTH` by `RIBBON_HEIGHT` that is stretched.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode

from videos.diff import words

RIBBON_WIDTH, RIBBON_HEIGHT = 1000, 44
LEAST_PERCENT = 0.3
STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
LETTERS = {"equal": "", "changed": "C", "inserted": "I", "deleted": "D", "moved": "M"}
Script = dict[str, Any]
Interval = Sequence[float]


@dataclass(frozen=True)
class Bar:
    """One segment on one lane. `x` and `width` in percent."""

    index: int
    op: str
    letter: str
    severity: str
    side: str
    x: float
    width: float
    href: str
    label: str

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 3)

    @property
    def shows_letter(self) -> bool:
        return bool(self.letter) and self.width >= 1.6


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


@dataclass(frozen=True)
class Difference:
    """One line of the list. `number` counts differences from 1, `index` counts segments from 0."""

    number: int
    index: int
    op: str
    letter: str
    severity: str
    title: str
    times: str
    distance: float | None
    share: float
    href: str
    regions: list[dict[str, float]]
    has_a: bool
    has_b: bool


def draw(script: Script) -> Timeline:
    """The whole drawing of a comparison."""
    span = max(script["duration_a"], script["duration_b"], 0.001)
    segments = list(enumerate(script["segments"]))
    return Timeline(
        ticks=_ticks(span),
        lane_a=[_bar(index, segment, "a", span) for index, segment in segments if segment["a"]],
        lane_b=[_bar(index, segment, "b", span) for index, segment in segments if segment["b"]],
        ribbons=_ribbons(segments, span),
    )


def differences(script: Script) -> list[Difference]:
    """The segments that are not equal, in words."""
    differing = [(index, segment) for index, segment in enumerate(script["segments"]) if segment["op"] != "equal"]
    return [
        Difference(
            number=number,
            index=index,
            op=segment["op"],
            letter=LETTERS[segment["op"]],
            severity=segment["severity"] or "low",
            title=words.title(segment),
            times=words.times(segment),
            distance=segment["distance"],
            share={"low": 0.3, "medium": 0.62, "high": 1.0}[segment["severity"] or "low"],
            href=_href(segment, "b" if segment["b"] else "a"),
            regions=segment["regions"],
            has_a=bool(segment["a"]),
            has_b=bool(segment["b"]),
        )
        for number, (index, segment) in enumerate(differing, start=1)
    ]


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


def _bar(index: int, segment: dict[str, Any], side: str, span: float) -> Bar:
    start, end = segment[side]
    width = max(100 * (end - start) / span, LEAST_PERCENT)
    return Bar(
        index=index,
        op=segment["op"],
        letter=LETTERS[segment["op"]],
        severity=segment["severity"] or "",
        side=side,
        x=round(min(100 * start / span, 100 - width), 4),
        width=round(width, 4),
        href=_href(segment, side),
        label=f"{words.title(segment)}. {side.upper()} {words.clock(start)} – {words.clock(end)}",
    )


def _ribbons(segments: Iterable[tuple[int, dict[str, Any]]], span: float) -> list[Ribbon]:
    """A segment with one side only narrows to the point where it would stand on the other."""
    made = []
    last_a = last_b = 0.0
    for index, segment in segments:
        a = segment["a"] or [last_a, last_a]
        b = segment["b"] or [last_b, last_b]
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


def _href(segment: dict[str, Any], side: str) -> str:
    query: dict[str, Any] = {"t": f"{segment[side][0]:.3f}"}
    return "?" + urlencode(query if side == "b" else {**query, "side": "a"})
