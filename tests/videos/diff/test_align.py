import numpy as np
import pytest

from tests.videos.diff.prints import sampled, scenery
from videos.diff.align import Run, align, one_to_one
from videos.diff.borders import matcher, settle
from videos.diff.grid import grid_step
from videos.diff.line import Line
from videos.diff.noise import learn
from videos.diff.pairing import rates_differ
from videos.diff.sharpen import sharpen

FOUND = scenery(500)
OTHER = scenery(200, seed=2)


def runs(b: np.ndarray, rate: float = 25.0) -> list[Run]:
    one, other = sampled(FOUND), sampled(b, rate)
    return sharpen(one, other, align(one, other), grid_step(one, other))


def offsets(b: np.ndarray, rate: float = 25.0) -> list[float]:
    return [pytest.approx(run.line.offset, abs=0.021) for run in runs(b, rate)]


def test_the_same_footage_is_one_run():
    found = runs(FOUND)
    assert (len(found), found[0].line.offset) == (1, 0.0)
    assert found[0].seconds == pytest.approx(20, abs=0.5)


def test_an_insertion_shifts_what_follows():
    assert offsets(np.concatenate([FOUND[:200], OTHER[:75], FOUND[200:]])) == [0.0, 3.0]


def test_a_deletion_shifts_it_back():
    assert offsets(np.delete(FOUND, slice(200, 250), 0)) == [0.0, -2.0]


def test_a_shift_of_two_frames_is_found():
    assert offsets(np.concatenate([FOUND[:200], OTHER[:2], FOUND[200:]])) == [0.0, 0.08]


def test_a_move_is_three_runs():
    moved = np.concatenate([FOUND[:100], FOUND[200:400], FOUND[100:200], FOUND[400:]])
    assert offsets(moved) == [0.0, 8.0, -4.0, 0.0]


def test_strange_footage_has_no_run():
    assert runs(OTHER) == []


def test_frames_that_fall_between_are_found():
    shifted = FOUND[((np.arange(590) / 30 + 0.013) * 25).astype(int)]
    assert [run.line.offset for run in runs(shifted, 30.0)] == [pytest.approx(0, abs=0.04)]


def test_a_still_picture_is_matched_in_place():
    still = np.repeat(FOUND[:1], 100, axis=0)
    one, other = sampled(still), sampled(still[:60])
    found = one_to_one(align(one, other))
    assert [run.line.offset for run in found] == [0.0]


def test_what_a_longer_run_shows_is_not_shown_again():
    long, double, beside = Run(0, 10, Line()), Run(10, 13, Line(-8)), Run(13, 15, Line(-2.5))
    assert one_to_one([long, double, beside]) == [long, beside]


def test_rates_are_told_apart():
    assert not rates_differ(sampled(FOUND), sampled(OTHER))
    assert rates_differ(sampled(FOUND), sampled(OTHER, 30.0))
    assert not rates_differ(sampled(FOUND), sampled(OTHER[:1]))


def test_every_step_tells_how_far_it_is():
    one, other = sampled(FOUND), sampled(np.delete(FOUND, slice(200, 250), 0))
    steps: list[list[float]] = [[], [], []]
    found = align(one, other, steps[0].append)
    found = sharpen(one, other, found, grid_step(one, other), steps[1].append)
    in_a = np.arange(0, 200, 3)
    noise = learn(one, other, in_a, in_a)
    settle(matcher(one, other, noise, False, in_a, in_a), found, steps[2].append)
    assert all(told == sorted(told) and told[-1] == 1 for told in steps)
