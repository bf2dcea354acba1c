from functools import cache

import numpy as np
import pytest
from PIL import Image

from tests.footage import Frames
from tests.videos.diff.alignment.test_missed_runs import calibrated, learn
from tests.videos.diff.edits import film, original, other_footage, render_clip, splice
from videos.diff.alignment.evidence.mismatch_cost import MismatchCost
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.suspects import Suspects, find_bad_spans, find_free_spans, find_zone_spans


def drift() -> Frames:
    """Return eight seconds of one slow camera movement."""
    wide = Image.fromarray(other_footage(1)[0]).resize((960, 540), Image.Resampling.BICUBIC)
    lefts = 200 + np.arange(200) / 5
    views = [wide.resize((320, 180), Image.Resampling.BILINEAR, (x, x / 2, x + 320, x / 2 + 180)) for x in lefts]
    return np.stack([np.asarray(view) for view in views])


@cache
def compare_drift() -> MismatchCost:
    """Return the cost between slow footage and an encoding of it in lower quality."""
    coarse = render_clip(drift(), options={"crf": "28"})
    return learn(render_clip(drift()), coarse).mismatch_cost


def sum_suspect(offset: float) -> float:
    """Return how many of six seconds of slow footage are suspect on a time map."""
    spans = find_bad_spans(compare_drift(), [Run(1.0, 7.0, TimeMap(offset))])
    return sum(end - start for (start, end), _ in spans)


@pytest.mark.parametrize("offset", [-0.4, 0.6])
def test_slow_footage_is_suspect_beside_its_place(offset):
    assert sum_suspect(0.0) < 1.5
    assert sum_suspect(offset) > 4.5


def test_replaced_footage_is_suspect():
    replaced = splice(film()[:80], other_footage(40), film()[120:])
    match = learn(original(), render_clip(replaced)).mismatch_cost

    [(span, time_map)] = find_bad_spans(match, [Run(0.0, 8.0, TimeMap())])

    assert span == pytest.approx((3.2, 4.8), abs=0.25)
    assert time_map == TimeMap()


def test_footage_beside_a_deletion_is_free_only_if_it_may_show_a_piece_of_what_is_missing():
    match = calibrated(0, 2, 3, 4).mismatch_cost
    runs = [Run(0.0, 1.6, TimeMap()), Run(3.2, 8.0, TimeMap(-1.6))]

    assert find_free_spans(match, runs, Suspects([], [])) == []
    assert find_free_spans(match, runs, Suspects([], []), around_gaps=True) == [pytest.approx((1.0, 2.2))]


@pytest.mark.parametrize(
    ("moved_to", "spans"), [(6.0, [(1.9, 6.0)]), (0.0, [(1.9, 3.5), (4.4, 6.0)])], ids=["moved", "in order"]
)
def test_edits_at_both_ends_of_a_short_run_share_a_zone_if_it_has_moved(moved_to, spans):
    match = calibrated(0, 2, 3, 4).mismatch_cost
    offset = moved_to - 2.9 if moved_to else 0.0
    runs = [Run(0.0, 2.5, TimeMap()), Run(2.9, 5.0, TimeMap(offset)), Run(5.4, 8.0, TimeMap(-0.4 if moved_to else 0.0))]

    found = find_zone_spans(match, runs, Suspects([], []))

    assert found == [pytest.approx(span, abs=0.01) for span in spans]
