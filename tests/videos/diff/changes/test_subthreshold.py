from itertools import pairwise

import numpy as np
import pytest

from tests import footage
from tests.videos.diff.edits import film, marked, original, render_clip, script, stored
from videos.diff.script.rethreshold import rethreshold

CORNER = (slice(18, 54), slice(16, 64))


def shade(by: float) -> footage.Frames:
    """Blend a corner with yellow from 2.4 to 5.2 s."""
    whole = marked(slice(60, 130), CORNER)
    return (film() * (1 - by) + whole * by).astype(np.uint8)


def list_changed_spans(script_data: dict) -> list[tuple]:
    return [(each["a"], each["b"]) for each in script_data["segments"] if each["op"] == "changed"]


def test_a_change_below_the_threshold_is_a_segment_with_its_distance():
    stored_script = stored(original(), render_clip(shade(0.03)))
    assert list_changed_spans(stored_script) == []
    assert [round(each["a"][0], 2) for each in stored_script["segments"]] == [0.0, 2.4, 5.2]
    before, faint, after = (each["distance"] for each in stored_script["segments"])
    assert max(before, after) < faint < stored_script["threshold"]


def test_a_lower_threshold_shows_the_change_with_its_region():
    stored_script = stored(original(), render_clip(shade(0.03)))
    before, faint, after = (each["distance"] for each in stored_script["segments"])
    script_data = rethreshold(stored_script, (max(before, after) + faint) / 2)
    assert list_changed_spans(script_data) == [([2.4, 5.2], [2.4, 5.2])]
    (region,) = next(each["regions"] for each in script_data["segments"] if each["op"] == "changed")
    assert region["x"] == pytest.approx(16 / 320, abs=0.06)
    assert region["y"] == pytest.approx(18 / 180, abs=0.06)


def test_the_calibrated_threshold_merges_the_change_with_equal_segments():
    assert [each["op"] for each in script(original(), render_clip(shade(0.03)))["segments"]] == ["equal"]


def test_an_unchanged_stretch_is_one_segment():
    stored_script = stored(original(), render_clip(film(), size=(160, 90)))
    assert [each["op"] for each in stored_script["segments"]] == ["equal"]


def test_the_distance_rises_with_the_visibility_of_a_change():
    distances = []
    for share in (0.03, 0.2, 0.4, 0.8, 1.0):
        stored_script = stored(original(), render_clip(shade(share)), regions=False)
        distances.append(max(each["distance"] for each in stored_script["segments"]))
    assert all(one < other for one, other in pairwise(distances))


def test_replaced_footage_has_the_largest_distance():
    other = film().copy()
    other[50:100] = footage.scene(50, 40)
    stored_script = stored(original(), render_clip(other))
    (replaced,) = (each for each in stored_script["segments"] if each["op"] == "changed")
    assert replaced["distance"] == 1.0
