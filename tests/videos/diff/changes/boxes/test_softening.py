"""Boxes in which one side has far less detail, in pictures with grain."""

import numpy as np
import pytest

from videos.diff.changes.boxes.softening import Planes, Sight, Softened, find_softened, judge_moments
from videos.diff.script.edit_script import Region

HEIGHT, WIDTH = 216, 384
BOX = Region(96 / WIDTH, 54 / HEIGHT, 120 / WIDTH, 72 / HEIGHT)
PART = Region(120 / WIDTH, 72 / HEIGHT, 48 / WIDTH, 30 / HEIGHT)
PIXEL = 1 / HEIGHT


def grain(moments: int = 3, levels: float = 4.0) -> np.ndarray:
    """Return planes (moments, 3, 216, 384) whose luma has fine grain."""
    planes = np.full((moments, 3, HEIGHT, WIDTH), 128, np.float32)
    planes[:, 0] += np.random.default_rng(1).normal(0, levels, (moments, HEIGHT, WIDTH))
    return planes


def soften(planes: np.ndarray, box: Region = BOX, share: float = 0.1) -> np.ndarray:
    """Return planes with only a share of the grain left in a box."""
    softened = planes.copy()
    rows = slice(round(box.y * HEIGHT), round((box.y + box.height) * HEIGHT))
    columns = slice(round(box.x * WIDTH), round((box.x + box.width) * WIDTH))
    softened[:, 0, rows, columns] = 128 + share * (softened[:, 0, rows, columns] - 128)
    return softened


def edges(box: Region) -> tuple[float, ...]:
    return box.x, box.y, box.x + box.width, box.y + box.height


@pytest.mark.parametrize("side", [0, 1])
def test_the_whole_box_is_found_from_a_part_of_it(side):
    planes = (grain(), soften(grain()))
    found = find_softened(planes if side else planes[::-1], PART)
    assert found is not None
    assert found.side == side
    assert edges(found.box) == pytest.approx(edges(BOX), abs=2 * PIXEL)


def test_a_box_that_is_whole_stays_exact():
    exact = Region(BOX.x + 0.001, BOX.y + 0.001, BOX.width - 0.002, BOX.height - 0.002)
    assert find_softened((grain(), soften(grain())), exact) == Softened(1, exact)


@pytest.mark.parametrize(
    "b", [grain(), soften(grain(), share=0.8), 128 + 0.3 * (grain() - 128)], ids=["equal", "slightly", "everywhere"]
)
def test_what_is_no_softer_than_the_rest_of_the_picture_is_not_softened(b):
    assert find_softened((grain(), b.astype(np.float32)), PART) is None


def test_a_box_without_detail_is_not_softened():
    assert find_softened((grain(levels=0.05), soften(grain(levels=0.05))), PART) is None


def test_a_box_grows_over_parts_without_detail_but_not_into_detail_that_is_kept():
    a = grain()
    a[:, 0, 54:72, 96:216] = 128  # the upper quarter of the box is flat, except for its first rows
    a[:, 0, 54:60, 96:216] = grain()[:, 0, 54:60, 96:216]
    found = find_softened((a, soften(a)), PART)
    assert found is not None
    assert edges(found.box) == pytest.approx(edges(BOX), abs=2 * PIXEL)


def test_each_moment_tells_what_can_be_seen():
    a = np.concatenate([grain(1), grain(1), grain(1, levels=0.05)])
    b = np.concatenate([soften(a[:1]), a[1:2], soften(a[2:])])
    planes: Planes = (a, b)
    assert judge_moments(planes, Softened(1, BOX)) == [Sight.SOFTENED, Sight.KEPT, Sight.FLAT]
    assert judge_moments(planes, Softened(0, BOX)) == [Sight.KEPT, Sight.KEPT, Sight.FLAT]
