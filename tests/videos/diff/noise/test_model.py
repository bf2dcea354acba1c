from functools import cache

import numpy as np
import pytest

from tests.videos.diff.alignment.test_missed_runs import learn
from tests.videos.diff.edits import film, original, render_clip
from videos.diff.noise.model import OUTLIER_DEVIATIONS, PAIRS_AT_ONCE
from videos.diff.results import Calibrated

FRAMES = np.arange(10, 190, 6)
BOX = np.zeros((36, 64), bool)
BOX[6:18, 8:24] = True  # a third of the height and a quarter of the width
BRIGHTER = 100  # levels


@cache
def with_box() -> Calibrated:
    """Return what the engine knows of the film and a clip of it with a bright box on its second half."""
    boxed = film().copy()
    height, width = boxed.shape[1:3]
    inside = boxed[100:, height // 6 : height // 2, width // 8 : width * 3 // 8]
    inside[:] = np.minimum(inside.astype(int) + BRIGHTER, 255)
    return learn(original(), render_clip(boxed))


def sides(frames=FRAMES, others=None):
    aligned = with_box().aligned
    return aligned.a, aligned.b, frames, frames if others is None else others


def test_the_same_frames_match_and_others_do_not():
    noise = with_box().noise
    same = noise.measure_pairs(*sides()).mismatch
    other = noise.measure_pairs(*sides(others=FRAMES[::-1])).mismatch
    assert np.median(same) * 2 < np.median(other)


def test_a_box_counts_little_in_the_whole_picture_and_much_in_its_cells():
    noise = with_box().noise
    boxed = FRAMES[FRAMES >= 100]
    inside = noise.measure_pairs(*sides(boxed), BOX[None]).part
    outside = noise.measure_pairs(*sides(boxed), ~BOX[None]).part
    assert inside.min() > OUTLIER_DEVIATIONS / 2
    assert outside.max() < OUTLIER_DEVIATIONS / 2
    ours, others = (noise.measure_pairs(*each).mismatch for each in (sides(boxed), sides(others=FRAMES[::-1])))
    assert ours.max() < others.max()


def test_many_pairs_are_measured_like_each_alone():
    frames = np.arange(10, 10 + PAIRS_AT_ONCE + 9)
    limits = np.linspace(1, 2, len(frames), dtype=np.float32)
    noise = with_box().noise
    together = noise.measure_pairs(*sides(frames, frames[::-1]), BOX[None], roughest=limits)
    for place in (0, PAIRS_AT_ONCE - 1, PAIRS_AT_ONCE, len(frames) - 1):
        own = slice(place, place + 1)
        alone = noise.measure_pairs(*sides(frames[own], frames[::-1][own]), BOX[None], roughest=limits[own])
        assert [each[place] for each in together] == pytest.approx([each[0] for each in alone], rel=1e-4)


def test_cells_that_certainly_differ_are_a_share_of_the_picture():
    share = with_box().noise.measure_pairs(*sides(FRAMES[FRAMES >= 100])).share
    assert (np.abs(share - BOX.mean()) < BOX.mean() / 2).all()


def test_a_grade_is_no_difference_if_the_caller_says_so():
    darker = (film()[100:] * 0.6 + 60).astype(np.uint8)
    graded = learn(original(), render_clip(np.concatenate([film()[:100], darker])))
    frames = FRAMES[FRAMES >= 105]
    plain, tolerant = (
        graded.noise.measure_pairs(graded.aligned.a, graded.aligned.b, frames, frames, graded=each).mismatch
        for each in (False, True)
    )
    assert np.median(tolerant) < np.median(plain) / 2


def test_levels_tell_by_how_much_cells_differ():
    levels = with_box().noise.measure_levels(*sides(FRAMES[FRAMES >= 100]))
    assert np.median(levels[:, ~BOX]) < 10
    assert 30 < np.median(levels[:, BOX]) <= BRIGHTER + 10
