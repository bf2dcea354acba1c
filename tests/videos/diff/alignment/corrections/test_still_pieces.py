from functools import cache

import numpy as np
import pytest

from tests.videos.diff.alignment.test_missed_runs import learn
from tests.videos.diff.alignment.zones.test_realign import talk_beside_slide
from tests.videos.diff.edits import film, original, other_footage, render_clip, splice
from videos.diff.alignment.corrections.still_pieces import place_still_pieces
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run

TALK = talk_beside_slide(every=4)
LAST = Run(4.0, 8.0, TimeMap(0.2))  # from the frame 100 of A, which is the frame 105 of B


@cache
def recut(first=90, gain=1.0):
    """Return the cost of a talk and its recut: from `first`, frames up to 100 stand at 75, and others follow."""
    talk = (TALK * gain + 40 * (1 - gain)).astype(TALK.dtype)
    cut = splice(talk[:75], talk[first:100], other_footage(105 - 75 - (100 - first)), talk[100:])
    return learn(render_clip(TALK), render_clip(cut)).mismatch_cost


def placed(match, *runs: Run) -> list[tuple]:
    return [(run.start, run.end, run.time_map.offset) for run in place_still_pieces(match, list(runs))]


def near(*runs: tuple) -> list:
    return [pytest.approx(run, abs=0.05) for run in runs]


@pytest.mark.parametrize("gain", [1.0, 0.7])
def test_a_run_that_goes_on_over_a_piece_leaves_it_to_its_own_offset(gain):
    match = recut(gain=gain)
    assert placed(match, Run(0.0, 3.4, TimeMap()), LAST) == near((0, 3, 0), (3.6, 4, -0.6), (4, 8, 0.2))


def test_a_piece_that_no_run_shows_is_found():
    assert placed(recut(), Run(0.0, 3.0, TimeMap()), LAST) == near((0, 3, 0), (3.6, 4, -0.6), (4, 8, 0.2))


def test_a_piece_at_a_wrong_offset_is_placed_where_it_matches():
    wrong = Run(3.2, 3.6, TimeMap(-0.2))
    assert placed(recut(), Run(0.0, 3.0, TimeMap()), wrong, LAST) == near((0, 3, 0), (3.6, 4, -0.6), (4, 8, 0.2))


def test_a_piece_that_continues_a_run_is_a_part_of_it():
    half = Run(3.6, 3.8, TimeMap(-0.6 + 1e-3))
    assert placed(recut(), Run(0.0, 3.0, TimeMap()), half, LAST) == near((0, 3, 0), (3.6, 4, -0.6), (4, 8, 0.2))


def test_an_end_that_matches_nothing_else_stays():
    match = recut(first=100)
    runs = Run(0.0, 3.4, TimeMap()), LAST
    assert placed(match, *runs) == [(run.start, run.end, run.time_map.offset) for run in runs]


def test_a_speaker_behind_a_logo_stays_where_he_is():
    covered = TALK.copy()
    covered[60:100, -100:, -120:] = 250, 30, 30
    covered = np.delete(covered, slice(100, 120), axis=0)
    match = learn(render_clip(TALK), render_clip(covered)).mismatch_cost
    runs = Run(0.0, 4.0, TimeMap()), Run(4.8, 8.0, TimeMap(-0.8))
    assert placed(match, *runs) == [(run.start, run.end, run.time_map.offset) for run in runs]


def test_footage_that_moves_everywhere_stays_as_it_is():
    match = learn(original(), render_clip(splice(film()[:80], film()[95:]))).mismatch_cost
    runs = Run(0.0, 3.6, TimeMap()), Run(3.8, 8.0, TimeMap(-0.6))
    assert placed(match, *runs) == [(run.start, run.end, run.time_map.offset) for run in runs]


def test_a_coarse_encoding_decides_nothing():
    talk = talk_beside_slide(every=16)
    cut = splice(talk[:75], talk[90:100], other_footage(20), talk[100:])
    match = learn(render_clip(talk), render_clip(cut, options={"crf": "45"})).mismatch_cost
    runs = Run(0.0, 3.4, TimeMap()), LAST
    assert placed(match, *runs) == [(run.start, run.end, run.time_map.offset) for run in runs]
