import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.single_frames.costs import compare_shifts

FILM = scenery(60)
FRAMES = np.arange(10, 50)
TRIED = range(-2, 3)


def compare(other: np.ndarray, pooled: bool) -> np.ndarray:
    """Return the costs (frames, shifts) of frames of the film against another video."""
    costs, _ = compare_shifts(sampled(FILM), sampled(other), FRAMES, np.zeros(len(FRAMES), np.int64), TRIED, pooled)
    return costs


@pytest.mark.parametrize("pooled", [False, True])
def test_frames_cost_more_at_each_other_shift(pooled):
    costs = compare(FILM, pooled)
    assert (costs[:, 2] == 0).all()
    assert (np.delete(costs, 2, axis=1) > 0.5).all()


@pytest.mark.parametrize("pooled", [False, True])
def test_a_logo_hides_no_shift(pooled):
    marked = FILM.copy()
    marked[:, :8, :12] = 250
    costs = compare(marked, pooled)
    assert (costs.argmin(axis=1) == 2).all()
    assert (np.delete(costs, 2, axis=1) > 0.1).all()


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("other", [255 - FILM, scenery(60, seed=9)])
def test_other_pictures_are_no_evidence(other, pooled):
    assert (compare(other, pooled) == 0).all()
