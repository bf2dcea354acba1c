"""What went wrong in a case, to look at: what was done and what was told along one time axis, and stills.

In a still the true box is outlined in white, what was told in the colour of its op.
"""

from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw

from tests.benchmarks.cases import Case
from tests.benchmarks.edits import Box
from videos.media.frames import Picker, open_picker
from videos.media.stills import Turner

COLOURS = {"changed": "#d9a441", "inserted": "#5fae6e", "deleted": "#d0667a", "moved": "#9a7fd1"}
GROUND, LANE_GROUND, TEXT = "#16191c", "#2c3238", "#e8eae6"
STILL = (320, 180)
MOMENTS = 3  # pairs of stills at most, of the longest stretches that differ from the truth
LANE, MARGIN, LABEL = 18, 16, 72
WIDE = MARGIN + LABEL + MOMENTS * (STILL[0] + MARGIN)

Span = tuple[float, float]
Piece = tuple[Span, str]


def draw(case: Case, segments: list[dict], title: str, path: Path) -> None:
    """Write the picture of one case as PNG."""
    told = {side: [(tuple(each[side]), each["op"]) for each in segments if differs(each, side)] for side in "ab"}
    true = {side: [(getattr(each, side), each.op) for each in case.truth if getattr(each, side)] for side in "ab"}
    wrong = [(side, span) for side in "ab" for span in wrong_stretches(true[side], told[side])]
    longest = sorted(wrong, key=lambda each: each[1][0] - each[1][1])
    moments = dict.fromkeys(_both(segments, side, sum(span) / 2) for side, span in longest)
    sheet = Image.new("RGB", (WIDE, 2 * MARGIN + 5 * (LANE + 6) + 2 * (STILL[1] + MARGIN) + MARGIN), GROUND)
    pen = ImageDraw.Draw(sheet)
    pen.text((MARGIN, MARGIN // 2), title, TEXT)
    top = MARGIN + 14
    for side, length in zip("ab", case.durations, strict=True):
        for name, pieces in (("done", true[side]), ("told", told[side])):
            pen.text((MARGIN, top + 3), f"{side.upper()}  {name}", TEXT)
            _lane(pen, pieces, length, max(case.durations), top)
            top += LANE + 6
    with open_picker(str(case.a)) as a, open_picker(str(case.b)) as b:
        for place, times in enumerate(list(moments)[:MOMENTS]):
            for row, (picker, at) in enumerate(zip((a, b), times, strict=True)):
                corner = (MARGIN + LABEL + place * (STILL[0] + MARGIN), top + MARGIN + row * (STILL[1] + MARGIN))
                sheet.paste(_still(picker, at), corner)
                pen.text((corner[0], corner[1] - 12), f"{'AB'[row]} {at:.2f} s", TEXT)
                _boxes(pen, case, segments, "ab"[row], at, corner)
    sheet.save(path)


def differs(segment: dict, side: str) -> bool:
    return segment["op"] != "equal" and bool(segment[side])


def wrong_stretches(true: list[Piece], told: list[Piece]) -> list[Span]:
    """Where one of both says that something differs and the other does not, longer than a tenth of a second."""
    borders = sorted({moment for (span, _) in [*true, *told] for moment in span})

    def says(pieces: list[Piece], moment: float) -> bool:
        return any(start <= moment < end for (start, end), _ in pieces)

    return [
        (start, end)
        for start, end in pairwise(borders)
        if end - start > 0.1 and says(true, (start + end) / 2) != says(told, (start + end) / 2)
    ]


def _lane(pen: ImageDraw.ImageDraw, pieces: list[Piece], length: float, longest: float, top: int) -> None:
    left, scale = MARGIN + LABEL, (WIDE - 2 * MARGIN - LABEL) / longest
    pen.rectangle((left, top, left + length * scale, top + LANE), LANE_GROUND)
    for (start, end), op in pieces:
        pen.rectangle(
            (left + start * scale, top, max(left + end * scale, left + start * scale + 2), top + LANE), COLOURS[op]
        )


def _both(segments: list[dict], side: str, moment: float) -> Span:
    """That moment of one side, and what the script shows beside it; the same second where it names nothing."""
    other = "b" if side == "a" else "a"
    there = moment
    for each in segments:
        if each[side] and each[other] and each[side][0] <= moment < each[side][1]:
            share = (moment - each[side][0]) / (each[side][1] - each[side][0])
            there = each[other][0] + share * (each[other][1] - each[other][0])
    at, beside = round(moment, 2), round(there, 2)
    return (at, beside) if side == "a" else (beside, at)


def _still(picker: Picker, seconds: float) -> Image.Image:
    return Image.fromarray(Turner().rgb(picker.at(seconds), *STILL))


def _boxes(
    pen: ImageDraw.ImageDraw, case: Case, segments: list[dict], side: str, at: float, corner: tuple[int, int]
) -> None:
    for each in case.truth:
        span = getattr(each, side)
        if each.box and span and span[0] <= at < span[1]:
            _outline(pen, each.box, corner, "white")
    for segment in segments:
        if differs(segment, side) and segment[side][0] <= at < segment[side][1]:
            for region in segment["regions"]:
                box = (region["x"], region["y"], region["width"], region["height"])
                _outline(pen, box, corner, COLOURS[segment["op"]])


def _outline(pen: ImageDraw.ImageDraw, box: Box, corner: tuple[int, int], colour: str) -> None:
    x, y, width, height = box
    left, top = corner[0] + x * STILL[0], corner[1] + y * STILL[1]
    pen.rectangle((left, top, left + width * STILL[0], top + height * STILL[1]), outline=colour, width=2)
