from itertools import pairwise

import numpy as np
import pytest

from tests import footage
from tests.videos.diff.versions import film, marked, of, original, script, stored
from videos.diff.recut import recut

CORNER = (slice(18, 54), slice(16, 64))


def shaded(by: float) -> footage.Frames:
    """A corner blended with yellow over 2.4 to 5.2 s."""
    whole = marked(slice(60, 130), CORNER)
    return (film() * (1 - by) + whole * by).astype(np.uint8)


def changed(told: dict) -> list[tuple]:
    return [(each["a"], each["b"]) for each in told["segments"] if each["op"] == "changed"]


def test_what_is_too_faint_to_count_is_cut_out_and_keeps_its_distance():
    kept = stored(original(), of("shaded-3", shaded(0.03)))
    assert changed(kept) == []
    assert [round(each["a"][0], 2) for each in kept["segments"]] == [0.0, 2.4, 5.2]
    before, faint, after = (each["distance"] for each in kept["segments"])
    assert max(before, after) < faint < kept["threshold"]


def test_a_lower_threshold_shows_it_with_its_box():
    kept = stored(original(), of("shaded-3", shaded(0.03)))
    before, faint, after = (each["distance"] for each in kept["segments"])
    told = recut(kept, (max(before, after) + faint) / 2)
    assert changed(told) == [([2.4, 5.2], [2.4, 5.2])]
    (region,) = next(each["regions"] for each in told["segments"] if each["op"] == "changed")
    assert region["x"] == pytest.approx(16 / 320, abs=0.06)
    assert region["y"] == pytest.approx(18 / 180, abs=0.06)


def test_the_calibrated_threshold_joins_it_with_what_is_equal():
    assert [each["op"] for each in script(original(), of("shaded-3", shaded(0.03)))["segments"]] == ["equal"]


def test_an_unchanged_stretch_is_one_segment():
    kept = stored(original(), of("re-encoded", film(), size=(160, 90)))
    assert [each["op"] for each in kept["segments"]] == ["equal"]


def test_the_more_visible_a_change_the_larger_its_distance():
    distances = []
    for share in (0.03, 0.2, 0.4, 0.8, 1.0):
        kept = stored(original(), of(f"shaded-{share * 100:.0f}", shaded(share)), regions=False)
        distances.append(max(each["distance"] for each in kept["segments"]))
    assert all(one < other for one, other in pairwise(distances))


def test_replaced_footage_is_further_apart_than_any_change_within_it():
    other = film().copy()
    other[50:100] = footage.scene(50, 40)
    kept = stored(original(), of("replaced-all", other))
    (replaced,) = (each for each in kept["segments"] if each["op"] == "changed")
    assert replaced["distance"] == 1.0
