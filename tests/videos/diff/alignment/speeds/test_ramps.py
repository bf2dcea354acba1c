from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.videos.diff.edits import film, original, render_clip, script, splice
from tests.videos.diff.fingerprints import fingerprint, sampled, scenery
from videos.diff.alignment.speeds.ramps import fit_speed_ramps
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.sampling.descriptor import SampledVideo

STEP = 0.04
SCENERY = scenery(500)


def faster(frames, times):
    return frames[(np.arange(int(len(frames) / times)) * times + 1e-9).astype(int)]


def sped_up():
    """Return 20 s, and the same with the seconds 6 to 14 played 1.1 times faster: 0.76 s less."""
    return sampled(SCENERY), sampled(np.concatenate([SCENERY[:150], faster(SCENERY[150:350], 1.1), SCENERY[350:]]))


def to_nearest(frames, times):
    return frames[np.rint(np.arange(round(len(frames) / times)) * times).astype(int).clip(0, len(frames) - 1)]


def up_to_the_end(frames, times):
    return frames[(np.arange(int(np.ceil(len(frames) / times))) * times + 1e-9).astype(int)]


@pytest.mark.parametrize("times", [1.15, 0.85])
def test_a_part_at_another_speed_is_one_change(times):
    played = faster(film()[70:130], times)
    created = render_clip(splice(film()[:70], played, film()[130:]))
    result = script(original(), created)
    (changed,) = (segment for segment in result["segments"] if segment["op"] != "equal")
    assert changed["op"] == "changed"
    assert changed["a"] == pytest.approx([2.8, 5.2], abs=0.3)
    assert changed["b"] == pytest.approx([2.8, 2.8 + len(played) * STEP], abs=0.3)


@pytest.mark.parametrize(
    "coarse",
    [
        [Run(0, 10, TimeMap()), Run(10, 20, TimeMap(0.35, 0.95))],
        [Run(0, 11, TimeMap(0.2, 0.95)), Run(11, 20, TimeMap(-0.76))],
        [Run(0, 8, TimeMap()), Run(8, 10, TimeMap(-0.28)), Run(10, 12, TimeMap(-0.44)), Run(12, 20, TimeMap(-0.76))],
    ],
    ids=["a slope too long", "a slope too early", "steps"],
)
def test_any_coarse_result_becomes_one_ramp(coarse):
    before, ramp, after = fit_speed_ramps(*sped_up(), coarse)
    assert before.time_map.slope == after.time_map.slope == 1
    assert (ramp.start, ramp.end) == pytest.approx((6, 14), abs=0.3)
    assert ramp.time_map.slope == pytest.approx(1 / 1.1, abs=0.01)


@pytest.mark.parametrize("times", [1.1, 0.9, 1.25, 0.8])
@pytest.mark.parametrize("play", [to_nearest, up_to_the_end])
def test_a_ramp_starts_and_ends_well_within_the_frames_between_two_that_were_dropped_or_repeated(play, times):
    played = play(SCENERY[150:350], times)
    shift = (len(played) - 200) * STEP
    pair = sampled(SCENERY), sampled(np.concatenate([SCENERY[:150], played, SCENERY[350:]]))
    _, ramp, _ = fit_speed_ramps(*pair, [Run(0, 8, TimeMap()), Run(8, 20, TimeMap(shift))])
    near = (0.375 / abs(1 / times - 1) + 1) * STEP
    assert (ramp.start, ramp.end) == pytest.approx((6, 14), abs=near)


@pytest.mark.parametrize("every", [25, 7, 4])
def test_a_ramp_is_found_in_a_video_that_lacks_single_frames(every):
    played = up_to_the_end(SCENERY[150:350], 1.1)
    whole = fingerprint(np.concatenate([SCENERY[:150], played, SCENERY[350:]]))
    kept = np.setdiff1d(np.arange(len(whole)), np.arange(3, len(whole), every))
    other = SampledVideo(replace(whole, records=whole.records[kept], times=whole.times[kept]))
    shift = (len(played) - 200) * STEP
    _, ramp, _ = fit_speed_ramps(sampled(SCENERY), other, [Run(0, 8, TimeMap()), Run(8, 20, TimeMap(shift))])
    assert (ramp.start, ramp.end) == pytest.approx((6, 14), abs=0.3)


def test_a_change_of_speed_stays_beside_a_small_one():
    played, little = up_to_the_end(SCENERY[150:300], 1.15), up_to_the_end(SCENERY[340:370], 1.12)
    other = sampled(np.concatenate([SCENERY[:150], played, SCENERY[300:340], little, SCENERY[370:]]))
    shifts = [(len(played) - 150) * STEP, (len(played) + len(little) - 180) * STEP]
    coarse = [Run(0, 9, TimeMap()), Run(9, 14, TimeMap(shifts[0])), Run(14, 20, TimeMap(shifts[1]))]
    found = fit_speed_ramps(sampled(SCENERY), other, coarse)
    longest = max((run for run in found if run.time_map.slope != 1), key=lambda run: run.seconds)
    assert (longest.start, longest.end) == pytest.approx((6, 12), abs=0.3)


@pytest.mark.parametrize("cut", [6.0, 6.04])
def test_the_runs_around_a_change_of_speed_do_not_overlap(cut):
    long = scenery(900)
    played = up_to_the_end(long[150:250], 1.1)
    shift = (len(played) - 100) * STEP
    other = sampled(np.concatenate([long[:150], played, long[250:]]))
    found = fit_speed_ramps(sampled(long), other, [Run(0, cut, TimeMap()), Run(cut, 36, TimeMap(shift))])
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(found))


def test_a_ramp_ends_where_its_last_frames_were_lost():
    _, ramp, _ = fit_speed_ramps(*sped_up(), [Run(0, 8, TimeMap()), Run(8, 20, TimeMap(-0.76))])
    assert ramp.end == pytest.approx(14, abs=STEP)


def test_two_doubled_frames_in_slow_footage_are_not_a_change_of_speed():
    shots, share = SCENERY[::10].astype(float), (np.arange(500) % 25 / 25)[:, None, None]
    slow = (shots[np.arange(500) // 25] * (1 - share) + shots[np.arange(500) // 25 + 1] * share).astype(SCENERY.dtype)
    doubled = np.insert(slow, [350, 420], slow[[349, 419]], axis=0)
    runs = [Run(0, 8, TimeMap()), Run(8, 9.6, TimeMap(STEP)), Run(9.6, 20, TimeMap(2 * STEP))]
    assert fit_speed_ramps(sampled(slow), sampled(doubled), runs) == runs


def test_a_small_cut_is_not_a_change_of_speed():
    result = script(original(), render_clip(np.delete(film(), slice(100, 108), 0)))
    assert [segment["op"] for segment in result["segments"]] == ["equal", "deleted", "equal"]


def test_a_short_similarity_beside_the_simplest_path_is_not_a_match():
    cut = sampled(SCENERY), sampled(np.delete(SCENERY, slice(200, 250), 0))
    stays = [Run(0, 8, TimeMap()), Run(10, 20, TimeMap(-2.0))]
    assert fit_speed_ramps(*cut, [stays[0], Run(8.6, 9.2, TimeMap(-1.0)), stays[1]]) == stays
