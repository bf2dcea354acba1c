import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.boundaries import settle_boundaries
from videos.diff.alignment.evidence.mismatch_cost import calibrate_mismatch_cost
from videos.diff.alignment.evidence.pairing import rates_differ
from videos.diff.alignment.grid import choose_grid_step
from videos.diff.alignment.refine import refine_runs
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run, align_videos, remove_repeated_runs
from videos.diff.noise.learning import learn_noise_model

FOUND = scenery(500)
OTHER = scenery(200, seed=2)


def runs(b: np.ndarray, rate: float = 25.0) -> list[Run]:
    one, other = sampled(FOUND), sampled(b, rate)
    return refine_runs(one, other, align_videos(one, other), choose_grid_step(one, other))


def offsets(b: np.ndarray, rate: float = 25.0) -> list[float]:
    return [pytest.approx(run.time_map.offset, abs=0.021) for run in runs(b, rate)]


def test_the_same_footage_is_one_run():
    found = runs(FOUND)
    assert (len(found), found[0].time_map.offset) == (1, 0.0)
    assert found[0].seconds == pytest.approx(20, abs=0.5)


def test_an_insertion_shifts_the_rest():
    assert offsets(np.concatenate([FOUND[:200], OTHER[:75], FOUND[200:]])) == [0.0, 3.0]


def test_a_deletion_shifts_it_back():
    assert offsets(np.delete(FOUND, slice(200, 250), 0)) == [0.0, -2.0]


def test_a_shift_of_two_frames_is_found():
    assert offsets(np.concatenate([FOUND[:200], OTHER[:2], FOUND[200:]])) == [0.0, 0.08]


def test_a_move_is_three_runs():
    moved = np.concatenate([FOUND[:100], FOUND[200:400], FOUND[100:200], FOUND[400:]])
    assert offsets(moved) == [0.0, 8.0, -4.0, 0.0]


def test_unrelated_footage_has_no_run():
    assert runs(OTHER) == []


def test_frames_between_each_other_are_matched():
    shifted = FOUND[((np.arange(590) / 30 + 0.013) * 25).astype(int)]
    assert [run.time_map.offset for run in runs(shifted, 30.0)] == [pytest.approx(0, abs=0.04)]


def test_a_still_picture_is_matched_in_place():
    still = np.repeat(FOUND[:1], 100, axis=0)
    one, other = sampled(still), sampled(still[:60])
    found = remove_repeated_runs(align_videos(one, other))
    assert [run.time_map.offset for run in found] == [0.0]


def test_a_run_that_repeats_a_longer_one_is_removed():
    long, double, beside = Run(0, 10, TimeMap()), Run(10, 13, TimeMap(-8)), Run(13, 15, TimeMap(-2.5))
    assert remove_repeated_runs([long, double, beside]) == [long, beside]


def test_different_frame_rates_are_detected():
    assert not rates_differ(sampled(FOUND), sampled(OTHER))
    assert rates_differ(sampled(FOUND), sampled(OTHER, 30.0))
    assert not rates_differ(sampled(FOUND), sampled(OTHER[:1]))


def test_every_step_reports_progress():
    one, other = sampled(FOUND), sampled(np.delete(FOUND, slice(200, 250), 0))
    steps: list[list[float]] = [[], [], []]
    found = align_videos(one, other, steps[0].append)
    found = refine_runs(one, other, found, choose_grid_step(one, other), steps[1].append)
    in_a = np.arange(0, 200, 3)
    noise = learn_noise_model(one, other, in_a, in_a)
    settle_boundaries(calibrate_mismatch_cost(one, other, noise, False, in_a, in_a), found, steps[2].append)
    assert all(reports == sorted(reports) and reports[-1] == 1 for reports in steps)
