"""Tell where one side has far less detail than the other one in a picture, as after a blur or a pixelation.

In smooth footage, what these take away is too faint for the cells of a fingerprint, and for the differences by which
boxes are measured. The variation of the luma from pixel to pixel tells it as long as there is some.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from videos.diff.changes.boxes.box_measures import find_pixels
from videos.diff.sampling.descriptor import Floats
from videos.diff.script.edit_script import Region

MAX_DETAIL_SHARE = (
    0.5  # of the sharp side's detail, that a softened one has at most, relative to the rest of the picture
)
FLAT_LEVELS = 0.2  # mean levels from pixel to pixel; where neither side has more, there is no detail
FLAT_LINE_LEVELS = 0.3  # the same in rows and columns of a picture
DETAIL_FLOOR = 0.05  # mean levels added to the detail of both sides in the rest of the picture before it is compared
EDGE_PIXELS = 8  # pixels around a box that do not belong to the rest of the picture
MAX_KEPT_LINES = 2  # rows or columns in succession with the same detail on both sides, beyond which no box grows
MIN_GROWTH = 3  # pixels by which a side of a box grows, at least
MAX_GROWTH = 0.35  # share of the picture by which it grows at most
GROWTH_ROUNDS = 3  # rounds in which a box grows, first in height and then in width

Planes = tuple[Floats, Floats]  # (moments, 3, height, width) luma and chroma of A and of B


class Sight(Enum):
    """What a pair of frames tells of a softened box: it is softened, it is not, or it has no detail that tells."""

    SOFTENED, KEPT, FLAT = range(3)


@dataclass(frozen=True, slots=True)
class Softened:
    """A box of the picture in which one side, 0 or 1, has far less detail than the other one."""

    side: int
    box: Region


def find_softened(planes: Planes, box: Region) -> Softened | None:
    """Return the whole softened box of which one is a part, from a few moments; None if neither side is softened."""
    across = [_vary(side, axis=2) for side in planes]
    rows, columns = find_pixels(box, *planes[0].shape[2:])
    detail = [float(side[:, rows, columns].mean()) for side in across]
    softer = int(detail[1] < detail[0])
    usual = float(_find_usual(across, box, softer).mean())
    if max(detail) < FLAT_LEVELS or detail[softer] > MAX_DETAIL_SHARE * usual * detail[1 - softer]:
        return None
    return Softened(softer, _grow_box(planes, box, softer))


def judge_moments(planes: Planes, softened: Softened) -> list[Sight]:
    """Return what each moment tells of a softened box."""
    across = [_vary(side, axis=2) for side in planes]
    rows, columns = find_pixels(softened.box, *planes[0].shape[2:])
    soft, sharp = (across[side][:, rows, columns].mean(axis=(1, 2)) for side in (softened.side, 1 - softened.side))
    return _judge(soft, sharp, _find_usual(across, softened.box, softened.side), FLAT_LEVELS)


def _grow_box(planes: Planes, box: Region, softer: int) -> Region:
    """Return the box with the rows and columns beside it that one side softens too, over the mean of all moments."""
    height, width = planes[0].shape[2:]
    across, down = (tuple(_vary(planes[side], axis) for side in (softer, 1 - softer)) for axis in (2, 1))
    usual = _find_usual(across, box, 0).mean()
    rows, columns = find_pixels(box, height, width)
    for _ in range(GROWTH_ROUNDS):
        before = rows, columns
        soft, sharp = (side[:, :, columns].mean(axis=(0, 2)) for side in across)
        rows = _grow(rows, _judge(soft, sharp, usual, FLAT_LINE_LEVELS))
        soft, sharp = (side[:, rows].mean(axis=(0, 1)) for side in down)
        columns = _grow(columns, _judge(soft, sharp, usual, FLAT_LINE_LEVELS))
        if (rows, columns) == before:
            break
    old_rows, old_columns = find_pixels(box, height, width)
    if (rows, columns) == (old_rows, old_columns):
        return box
    top, bottom = _move_ends((box.y, box.y + box.height), old_rows, rows, height)
    left, right = _move_ends((box.x, box.x + box.width), old_columns, columns, width)
    return Region(left, top, right - left, bottom - top)


def _move_ends(ends: tuple[float, float], old: slice, new: slice, count: int) -> tuple[float, float]:
    """Return the ends of a box as shares of the picture, exact as they were where its pixels are still the same."""
    first, last = ends
    return (first if new.start == old.start else new.start / count, last if new.stop == old.stop else new.stop / count)


def _vary(planes: Floats, axis: int) -> Floats:
    """Return by how much luma (moments, height, width) differs from one pixel to the next along an axis."""
    variation: Floats = np.abs(np.diff(planes[:, 0], axis=axis, append=np.take(planes[:, 0], [-1], axis=axis)))
    return variation


def _find_usual(across: Sequence[Floats], box: Region, softer: int) -> Floats:
    """Return the detail (moments,) of the softer side relative to the other one outside of a box, 1 at most."""
    height, width = across[0].shape[1:]
    rest = np.ones((height, width), bool)
    rows, columns = (
        slice(max(0, each.start - EDGE_PIXELS), each.stop + EDGE_PIXELS) for each in find_pixels(box, height, width)
    )
    rest[rows, columns] = False
    if not rest.any():
        return np.ones(len(across[0]), np.float32)
    soft, sharp = (across[side][:, rest].mean(axis=1) + np.float32(DETAIL_FLOOR) for side in (softer, 1 - softer))
    usual: Floats = np.minimum(1, soft / sharp)
    return usual


def _judge(soft: Floats, sharp: Floats, usual: Floats | np.floating, flat_levels: float) -> list[Sight]:
    is_flat = np.maximum(soft, sharp) < flat_levels
    is_softened = soft <= MAX_DETAIL_SHARE * usual * sharp
    return [
        Sight.FLAT if flat else Sight.SOFTENED if softened else Sight.KEPT
        for flat, softened in zip(is_flat, is_softened, strict=True)
    ]


def _grow(lines: slice, sights: list[Sight]) -> slice:
    """Return rows or columns with those beside them that are softened."""
    most = round(MAX_GROWTH * len(sights))
    before = _count_softened(sights[max(0, lines.start - most) : lines.start][::-1])
    return slice(lines.start - before, lines.stop + _count_softened(sights[lines.stop : lines.stop + most]))


def _count_softened(sights: list[Sight]) -> int:
    """Return how many lines, in order away from a box, belong to it as well."""
    found = kept = 0
    for place, sight in enumerate(sights, start=1):
        kept = kept + 1 if sight is Sight.KEPT else 0
        if sight is Sight.SOFTENED:
            found = place
        if kept == MAX_KEPT_LINES:
            break
    return found if found >= MIN_GROWTH else 0
