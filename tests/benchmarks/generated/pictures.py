"""Draw the truth and the result of a case along one time axis, with stills of the differences between them.

In a still, the true box has a white outline and reported regions have the colour of their op.
"""

from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw

from tests.benchmarks.generated.cases import Case
from tests.benchmarks.generated.edits import Box
from videos.media.frames import FrameSeeker, open_frame_seeker
from videos.media.stills import FrameScaler

COLOURS = {"changed": "#d9a441", "inserted": "#5fae6e", "deleted": "#d0667a", "moved": "#9a7fd1"}
GROUND, LANE_GROUND, TEXT = "#16191c", "#2c3238", "#e8eae6"
STILL = (320, 180)
MOMENTS = 3  # pairs of stills at most, of the longest wrong stretches
LANE, MARGIN, LABEL = 18, 16, 72
SHEET_WIDTH = MARGIN + LABEL + MOMENTS * (STILL[0] + MARGIN)

Span = tuple[float, float]
Piece = tuple[Span, str]


def draw(case: Case, segments: list[dict], title: str, path: Path) -> None:
    """Write the picture of one case as PNG."""
    reported = {side: [(tuple(each[side]), each["op"]) for each in segments if differs(each, side)] for side in "ab"}
    true = {side: [(getattr(each, side), each.op) for each in case.truth if getattr(each, side)] for side in "ab"}
    wrong = [(side, span) for side in "ab" for span in wrong_stretches(true[side], reported[side])]
    longest = sorted(wrong, key=lambda each: each[1][0] - each[1][1])
    moments = dict.fromkeys(_match_moments(segments, side, sum(span) / 2) for side, span in longest)
    sheet = Image.new("RGB", (SHEET_WIDTH, 2 * MARGIN + 5 * (LANE + 6) + 2 * (STILL[1] + MARGIN) + MARGIN), GROUND)
    pen = ImageDraw.Draw(sheet)
    pen.text((MARGIN, MARGIN // 2), title, TEXT)
    top = MARGIN + 14
    for side, length in zip("ab", case.durations, strict=True):
        for name, pieces in (("true", true[side]), ("reported", reported[side])):
            pen.text((MARGIN, top + 3), f"{side.upper()}  {name}", TEXT)
            _draw_lane(pen, pieces, length, max(case.durations), top)
            top += LANE + 6
    with open_frame_seeker(str(case.a)) as a, open_frame_seeker(str(case.b)) as b:
        for place, times in enumerate(list(moments)[:MOMENTS]):
            for row, (seeker, at) in enumerate(zip((a, b), times, strict=True)):
                corner = (MARGIN + LABEL + place * (STILL[0] + MARGIN), top + MARGIN + row * (STILL[1] + MARGIN))
                sheet.paste(_read_still(seeker, at), corner)
                pen.text((corner[0], corner[1] - 12), f"{'AB'[row]} {at:.2f} s", TEXT)
                _draw_boxes(pen, case, segments, "ab"[row], at, corner)
    sheet.save(path)


def differs(segment: dict, side: str) -> bool:
    return segment["op"] != "equal" and bool(segment[side])


def wrong_stretches(true: list[Piece], reported: list[Piece]) -> list[Span]:
    """Return spans longer than a tenth of a second in which truth and script disagree."""
    boundaries = sorted({moment for (span, _) in [*true, *reported] for moment in span})

    def is_covered(pieces: list[Piece], moment: float) -> bool:
        return any(start <= moment < end for (start, end), _ in pieces)

    return [
        (start, end)
        for start, end in pairwise(boundaries)
        if end - start > 0.1 and is_covered(true, (start + end) / 2) != is_covered(reported, (start + end) / 2)
    ]


def _draw_lane(pen: ImageDraw.ImageDraw, pieces: list[Piece], length: float, longest: float, top: int) -> None:
    left, scale = MARGIN + LABEL, (SHEET_WIDTH - 2 * MARGIN - LABEL) / longest
    pen.rectangle((left, top, left + length * scale, top + LANE), LANE_GROUND)
    for (start, end), op in pieces:
        pen.rectangle(
            (left + start * scale, top, max(left + end * scale, left + start * scale + 2), top + LANE), COLOURS[op]
        )


def _match_moments(segments: list[dict], side: str, moment: float) -> Span:
    """Return a moment of one side and the matching moment of the other. Without a match, return the same second."""
    other = "b" if side == "a" else "a"
    other_moment = moment
    for each in segments:
        if each[side] and each[other] and each[side][0] <= moment < each[side][1]:
            share = (moment - each[side][0]) / (each[side][1] - each[side][0])
            other_moment = each[other][0] + share * (each[other][1] - each[other][0])
    at, matching = round(moment, 2), round(other_moment, 2)
    return (at, matching) if side == "a" else (matching, at)


def _read_still(seeker: FrameSeeker, seconds: float) -> Image.Image:
    return Image.fromarray(FrameScaler().scale_to_rgb(seeker.at(seconds), *STILL))


def _draw_boxes(
    pen: ImageDraw.ImageDraw, case: Case, segments: list[dict], side: str, at: float, corner: tuple[int, int]
) -> None:
    for each in case.truth:
        span = getattr(each, side)
        if each.box and span and span[0] <= at < span[1]:
            _draw_outline(pen, each.box, corner, "white")
    for segment in segments:
        if differs(segment, side) and segment[side][0] <= at < segment[side][1]:
            for region in segment["regions"]:
                box = (region["x"], region["y"], region["width"], region["height"])
                _draw_outline(pen, box, corner, COLOURS[segment["op"]])


def _draw_outline(pen: ImageDraw.ImageDraw, box: Box, corner: tuple[int, int], colour: str) -> None:
    x, y, width, height = box
    left, top = corner[0] + x * STILL[0], corner[1] + y * STILL[1]
    pen.rectangle((left, top, left + width * STILL[0], top + height * STILL[1]), outline=colour, width=2)
