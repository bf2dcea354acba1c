from dataclasses import replace

import numpy as np
import pytest

from videos.diff.changes.components import group_changes, pool_blocks
from videos.diff.changes.score_maps import EMPTY_SCORE_MAP


@pytest.mark.parametrize("core", [1.3, 3.0])
@pytest.mark.parametrize(("bright", "bins"), [(1, 1), (20, 40)])
def test_cells_over_the_threshold_for_a_moment_are_no_change_of_weaker_ones_around_it(bright, bins, core):
    score = np.full((200, 36, 64), 0.1, np.float16)
    score[10:50, 4:8, 8:16] = 0.7
    score[20 : 20 + bright, 4:8, 8:16] = core
    score_map = replace(EMPTY_SCORE_MAP, times=np.arange(200) / 5 + 0.1, score=score)
    [found] = group_changes(score_map, pool_blocks(score_map), 1.0)
    assert found.last - found.first == bins
