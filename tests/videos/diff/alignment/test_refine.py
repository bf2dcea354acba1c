import numpy as np
import pytest

from tests.videos.diff.edits import film, original, render_clip, sample
from videos.diff.alignment.refine import choose_offset, refine_runs
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run

SLACK = 0.2  # seconds


@pytest.mark.parametrize("offset", [-0.16, 0.13])
def test_an_approximate_offset_becomes_exact(offset):
    [run] = refine_runs(sample(original()), sample(original()), [Run(0.2, 7.6, TimeMap(offset))], SLACK)

    assert (run.start, run.end) == (0.2, 7.6)
    assert run.time_map.offset == pytest.approx(0.0, abs=0.021)


def test_a_run_is_split_where_frames_are_missing():
    shorter = sample(render_clip(np.delete(film(), slice(100, 103), 0)))

    before, after = refine_runs(sample(original()), shorter, [Run(0.0, 7.8, TimeMap())], SLACK)

    assert before.end == after.start == pytest.approx(4.0, abs=1.1)
    assert (before.time_map.offset, after.time_map.offset) == pytest.approx((0.0, -0.12), abs=0.021)


def test_a_still_picture_keeps_the_offset_of_the_run_before_it():
    still = sample(render_clip(np.repeat(film()[:1], 100, axis=0)))

    assert [run.time_map.offset for run in refine_runs(still, still, [Run(0.0, 3.8, TimeMap(0.1))], SLACK)] == [0.0]


@pytest.mark.parametrize(("wanted", "chosen"), [((0.1, 0.0), 0.1), ((5.0, 0.0), 0.0), ((5.0,), 0.05)])
def test_of_offsets_that_match_alike_the_first_wanted_one_is_chosen(wanted, chosen):
    offsets = np.arange(-5, 11) * 0.01
    scores = np.where((offsets >= -0.001) & (offsets <= 0.101), 0.5, 3.0)

    assert choose_offset(offsets, scores, wanted) == pytest.approx(chosen)
