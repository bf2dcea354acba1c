"""Boxes around changes, and the moments at which the files are looked at for them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.edits import film, marked, original, render_clip, script
from videos.diff.alignment.outline import MatchedPart
from videos.diff.alignment.time_map import TimeMap
from videos.diff.changes.boxes.localisation import (
    choose_keyframes,
    choose_moments,
    estimate_box,
    find_cells_at,
    find_strongest_moment,
)
from videos.diff.changes.change import Change
from videos.diff.changes.score_maps import EMPTY_SCORE_MAP
from videos.diff.sampling.view import View

HEIGHT, WIDTH = film().shape[1:3]
PIXEL = 1 / 384  # of the pictures in which boxes are measured, as a share of the width
SPAN = (2.0, 6.0)


def passing_change() -> Change:
    """Return a change that moves from the left to the right from second 2 to 6 of A, and is strongest at second 5."""
    times = np.arange(0.1, 8, 0.2)
    score = np.zeros((40, 36, 64), np.float16)
    cells = np.zeros((36, 64), bool)
    for place in range(10, 30):
        column = 2 * (place - 10)
        score[place, 10:14, column : column + 6] = 4 if abs(times[place] - 5) < 0.15 else 2
        cells[10:14, column : column + 6] = True
    part = MatchedPart((0.0, 8.0), (1.0, 9.0), TimeMap(1.0))
    scores = replace(EMPTY_SCORE_MAP, part=part, times=times, score=score)
    return Change(scores, 10, 30, cells, 4.0, moving_cells=24)


def test_moments_lie_around_the_strongest_one_within_the_span():
    change = replace(passing_change(), moving_cells=0)
    moments = list(choose_moments(change, SPAN))
    strongest = find_strongest_moment(change, SPAN)
    assert strongest == pytest.approx(5.0, abs=0.21)
    assert SPAN[0] < moments[0].a < strongest < moments[-1].a < SPAN[1]
    assert all(moment.b == pytest.approx(moment.a + 1) for moment in moments)


def test_a_glitch_is_looked_at_within_its_own_frames():
    glitch = replace(passing_change(), spans=((3.0, 3.04), (4.0, 4.08)))
    [moment] = choose_moments(glitch, SPAN)
    assert (moment.a, moment.b) == pytest.approx((3.01, 4.02))


def test_keyframes_begin_and_end_with_a_change_that_moves():
    moments = [moment.a for moment in choose_keyframes(passing_change(), SPAN)]
    assert moments[0] == pytest.approx(SPAN[0], abs=0.02)
    assert moments[-1] == pytest.approx(SPAN[1], abs=0.02)
    assert max(np.diff(moments)) < 0.3


def test_a_change_that_moves_is_at_one_place_at_a_time():
    change = passing_change()
    early, late = find_cells_at(change, 2.5), find_cells_at(change, 5.5)
    assert early.sum() == late.sum() == 24
    assert not (early & late).any()


def test_the_box_of_cells_in_a_mirrored_frame_is_on_the_other_side():
    cells = np.zeros((36, 64), bool)
    cells[9:18, :16] = True
    plain, mirrored = (estimate_box(cells, View(flip_horizontal=flipped)) for flipped in (False, True))
    assert (plain.x, plain.y, plain.width, plain.height) == pytest.approx((0, 0.25, 0.25, 0.25))
    assert (mirrored.x, mirrored.y, mirrored.width) == pytest.approx((0.75, 0.25, 0.25))


@pytest.mark.parametrize(("rows", "columns"), [((20, 50), (30, 90)), ((101, 119), (55, 260))])
def test_a_box_ends_where_the_pixels_differ(rows, columns):
    clip = render_clip(marked(slice(50, 100), (slice(*rows), slice(*columns))))
    [change] = [each for each in script(original(), clip)["segments"] if each["op"] == "changed"]
    [found] = change["regions"]
    truth = {
        "x": columns[0] / WIDTH,
        "y": rows[0] / HEIGHT,
        "width": (columns[1] - columns[0]) / WIDTH,
        "height": (rows[1] - rows[0]) / HEIGHT,
    }
    assert {name: found[name] for name in truth} == pytest.approx(truth, abs=2.5 * PIXEL)
    assert found["width"] * found["height"] == pytest.approx(truth["width"] * truth["height"], rel=0.05)
