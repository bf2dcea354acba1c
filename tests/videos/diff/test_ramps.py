import numpy as np
import pytest

from tests.videos.diff.versions import film, of, original, script, spliced

STEP = 0.04


def faster(frames, times):
    return frames[(np.arange(int(len(frames) / times)) * times + 1e-9).astype(int)]


@pytest.mark.parametrize("times", [1.15, 0.85])
def test_a_stretch_played_at_another_speed_is_one_change(times):
    played = faster(film()[70:130], times)
    made = of(f"stretch-{times}", spliced(film()[:70], played, film()[130:]))
    told = script(original(), made)
    (changed,) = (segment for segment in told["segments"] if segment["op"] != "equal")
    assert changed["op"] == "changed"
    assert changed["a"] == pytest.approx([2.8, 5.2], abs=0.3)
    assert changed["b"] == pytest.approx([2.8, 2.8 + len(played) * STEP], abs=0.3)


def test_a_small_cut_is_no_change_of_speed():
    told = script(original(), of("small-cut", np.delete(film(), slice(100, 108), 0)))
    assert [segment["op"] for segment in told["segments"]] == ["equal", "deleted", "equal"]
