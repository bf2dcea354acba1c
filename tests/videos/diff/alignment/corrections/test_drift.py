from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled
from videos.diff.alignment.corrections.drift import join_drifting_runs
from videos.diff.alignment.evidence.mismatch_cost import calibrate_mismatch_cost
from videos.diff.alignment.speeds.retiming import retime
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.noise.learning import learn_noise_model

FRAMES = 200
STEPPED = [Run(0.0, 2.0, TimeMap()), Run(2.08, 6.0, TimeMap(-0.08)), Run(6.0, 8.0, TimeMap())]


def moving_film(cells):
    """Return frames (200, 36, 64) of a smooth picture that moves by this share of a cell from frame to frame."""
    columns = np.arange(64)[None, None] + cells * np.arange(FRAMES)[:, None, None]
    rows = np.arange(36)[None, :, None]
    return 128 + 50 * np.sin(columns / 5) * np.cos(rows / 7)


def match(luma, shown=None):
    """Return the cost of a film against itself, or against these frames of it, both with noise."""
    rng = np.random.default_rng(6)
    noisy = (luma + rng.normal(0, 1, luma.shape) for _ in range(2))
    a, b = (sampled(each.clip(0, 255).astype(np.uint8)) for each in noisy)
    frames = np.arange(FRAMES)
    cost = calibrate_mismatch_cost(a, b, learn_noise_model(a, b, frames, frames), False, frames, frames)
    return cost if shown is None else replace(cost, b=sampled(b.read_luma(np.array(shown)).astype(np.uint8)))


SLOW = match(moving_film(0.01))


def test_a_step_that_slow_footage_does_not_tell_is_undone():
    assert join_drifting_runs(SLOW, STEPPED) == [Run(0.0, 8.0, TimeMap())]


def test_a_step_in_footage_that_moves_stays():
    shown = [*range(50), *range(52, 150), *range(148, 200)]
    assert join_drifting_runs(match(moving_film(0.7), shown), STEPPED) == STEPPED


@pytest.mark.parametrize("seconds", [0.5, 2.0])
def test_a_larger_step_stays(seconds):
    runs = [Run(0.0, 4.0, TimeMap()), Run(4.0 + seconds, 8.0, TimeMap(-seconds))]
    assert join_drifting_runs(SLOW, runs) == runs


def test_a_last_run_with_which_both_videos_end_stays():
    runs = [Run(0.08, 4.0, TimeMap(-0.08)), Run(4.0, 8.0, TimeMap())]
    assert join_drifting_runs(SLOW, runs) == [Run(0.0, 8.0, TimeMap())]


def test_videos_begin_together_if_the_first_frame_of_one_is_within_the_longer_frame_of_the_other():
    finer = retime(sampled(np.repeat(SLOW.b.read_luma(np.arange(FRAMES)).astype(np.uint8), 2, 0)), 0.5)
    twice = replace(SLOW, b=finer, search=True)
    within, beyond = ([Run(0.0, 7.9, TimeMap(seconds))] for seconds in (0.03, 0.1))
    assert join_drifting_runs(twice, within) == within
    assert join_drifting_runs(twice, beyond)[0].time_map == TimeMap()


def test_runs_that_are_out_of_order_keep_what_they_show():
    runs = [
        Run(0.0, 2.0, TimeMap()),
        Run(2.0, 4.0, TimeMap(2.0)),
        Run(4.0, 6.0, TimeMap(-2.0)),
        Run(6.0, 8.0, TimeMap()),
    ]
    assert join_drifting_runs(SLOW, runs) == runs


def test_a_run_shorter_than_a_frame_stays():
    runs = [Run(0.0, 4.0, TimeMap()), Run(4.08, 4.09, TimeMap(-0.08)), Run(4.3, 8.0, TimeMap())]
    assert join_drifting_runs(SLOW, runs) == runs
