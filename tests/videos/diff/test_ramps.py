import numpy as np
import pytest

from tests.videos.diff.prints import sampled, scenery
from tests.videos.diff.versions import film, of, original, script, spliced
from videos.diff.align import Run
from videos.diff.line import Line
from videos.diff.ramps import ramped

STEP = 0.04
SCENERY = scenery(500)


def faster(frames, times):
    return frames[(np.arange(int(len(frames) / times)) * times + 1e-9).astype(int)]


def sped_up():
    """20 s and what came of them when those from 6 s to 14 s were played 1.1 times as fast: 0.76 s less."""
    return sampled(SCENERY), sampled(np.concatenate([SCENERY[:150], faster(SCENERY[150:350], 1.1), SCENERY[350:]]))


@pytest.mark.parametrize("times", [1.15, 0.85])
def test_a_stretch_played_at_another_speed_is_one_change(times):
    played = faster(film()[70:130], times)
    made = of(f"stretch-{times}", spliced(film()[:70], played, film()[130:]))
    told = script(original(), made)
    (changed,) = (segment for segment in told["segments"] if segment["op"] != "equal")
    assert changed["op"] == "changed"
    assert changed["a"] == pytest.approx([2.8, 5.2], abs=0.3)
    assert changed["b"] == pytest.approx([2.8, 2.8 + len(played) * STEP], abs=0.3)


@pytest.mark.parametrize(
    "coarse",
    [
        [Run(0, 10, Line()), Run(10, 20, Line(0.35, 0.95))],
        [Run(0, 11, Line(0.2, 0.95)), Run(11, 20, Line(-0.76))],
        [Run(0, 8, Line()), Run(8, 10, Line(-0.28)), Run(10, 12, Line(-0.44)), Run(12, 20, Line(-0.76))],
    ],
    ids=["a slope too long", "a slope too early", "steps"],
)
def test_whatever_the_coarse_pass_made_of_it_becomes_one_ramp(coarse):
    before, ramp, after = ramped(*sped_up(), coarse)
    assert before.line.slope == after.line.slope == 1
    assert (ramp.start, ramp.end) == pytest.approx((6, 14), abs=0.3)
    assert ramp.line.slope == pytest.approx(1 / 1.1, abs=0.01)


def test_a_small_cut_is_no_change_of_speed():
    told = script(original(), of("small-cut", np.delete(film(), slice(100, 108), 0)))
    assert [segment["op"] for segment in told["segments"]] == ["equal", "deleted", "equal"]


def test_a_short_likeness_beside_the_simplest_way_is_no_match():
    cut = sampled(SCENERY), sampled(np.delete(SCENERY, slice(200, 250), 0))
    stays = [Run(0, 8, Line()), Run(10, 20, Line(-2.0))]
    assert ramped(*cut, [stays[0], Run(8.6, 9.2, Line(-1.0)), stays[1]]) == stays
