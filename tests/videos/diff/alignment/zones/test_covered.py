import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.offset_path import measure_squares_beside
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.zones.covered import ShiftedPairs

SHIFTS = np.arange(-5, 6)
MIDDLE = 5


def still_with_speaker():
    frames = np.repeat(scenery(1), 100, axis=0)
    frames[:, 26:34, 46:60] = np.random.default_rng(3).integers(0, 255, (100, 8, 14))
    return frames


def compare(frames, painted):
    """Return frames and their copies with a box, compared at shifts by whole frames, and the squared differences."""
    changed = frames.copy()
    changed[:, painted] = 255 - changed[:, painted]
    a, b = sampled(frames), sampled(changed)
    pairs = ShiftedPairs(a, b, np.arange(20, 80, 5), TimeMap(), SHIFTS * b.fingerprint.step)
    return pairs, measure_squares_beside(a, b, pairs.in_a, pairs.time_map, pairs.shifts)


def box(rows, columns):
    cells = np.zeros((36, 64), bool)
    cells[rows, columns] = True
    return cells


def test_cells_that_differ_at_all_shifts_do_not_count():
    pairs, squares = compare(still_with_speaker(), box(slice(4, 12), slice(8, 40)))

    covered = pairs.find_covered(squares)
    left = pairs.leave_out_covered(squares, covered)

    assert covered.all()
    assert squares[:, MIDDLE].min() > 1
    assert left[:, MIDDLE] == pytest.approx(np.zeros(len(left)), abs=0.01)
    assert np.delete(left, MIDDLE, axis=1).min() > 0.3


def test_all_cells_count_if_most_of_the_picture_is_covered():
    pairs, squares = compare(still_with_speaker(), box(slice(0, 24), slice(0, 64)))
    assert (pairs.leave_out_covered(squares, pairs.find_covered(squares)) == squares).all()


@pytest.mark.parametrize(
    ("frames", "painted"),
    [(scenery(100), box(slice(4, 12), slice(8, 40))), (still_with_speaker(), box(slice(0), slice(0)))],
    ids=["all moves", "nothing is painted"],
)
def test_nothing_is_covered_if(frames, painted):
    pairs, squares = compare(frames, painted)
    assert not pairs.find_covered(squares).any()
