import numpy as np

from videos.diff.changes.change import Change
from videos.diff.changes.score_maps import EMPTY_SCORE_MAP


def test_changes_are_compared_by_identity():
    one, other = (Change(EMPTY_SCORE_MAP, 0, 5, np.zeros((36, 64), bool), 2.0) for _ in range(2))
    assert (one,) != (other,)
    assert (one,) == (one,)
