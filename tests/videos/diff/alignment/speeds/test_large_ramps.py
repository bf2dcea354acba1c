"""Parts that were played much faster or slower, between parts at the original speed."""

import numpy as np
import pytest

from tests.videos.diff.edits import film, original, render_clip, script, splice
from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.speeds import large_ramps
from videos.diff.alignment.speeds.large_ramps import fit_large_ramps
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run

STEP = 0.04
SCENERY = scenery(500)


def play(frames, times):
    return frames[(np.arange(round(len(frames) / times)) * times + 1e-9).astype(int).clip(0, len(frames) - 1)]


def played_at(times):
    """Return 20 s, the same with the seconds 6 to 14 at another speed, and by how many seconds that is longer."""
    played = play(SCENERY[150:350], times)
    changed = np.concatenate([SCENERY[:150], played, SCENERY[350:]])
    return sampled(SCENERY), sampled(changed), (len(played) - 200) * STEP


@pytest.mark.parametrize("times", [2.0, 1.5, 1.35, 0.7, 2 / 3, 0.5])
def test_a_part_in_slow_or_quick_motion_is_one_ramp(times):
    a, b, shift = played_at(times)
    runs = [Run(0, 7, TimeMap()), Run(13, 20, TimeMap(shift))]
    before, ramp, after = fit_large_ramps(a, b, runs)
    assert before.time_map.slope == after.time_map.slope == 1
    assert (ramp.start, ramp.end) == pytest.approx((6, 14), abs=3 * STEP)
    assert ramp.time_map.slope == pytest.approx(1 / times, rel=0.03)


def test_runs_at_several_speeds_become_one_ramp():
    a, b, shift = played_at(1.4)
    steps = [
        Run(0, 6.4, TimeMap()),
        Run(6.4, 9, TimeMap(1.28, 0.8)),
        Run(9.6, 13.4, TimeMap(1.1, 0.8)),
        Run(13.4, 20, TimeMap(shift)),
    ]
    _, ramp, _ = fit_large_ramps(a, b, steps)
    assert (ramp.start, ramp.end) == pytest.approx((6, 14), abs=3 * STEP)


@pytest.mark.parametrize("is_deleted", [True, False])
def test_a_cut_stays_a_cut(is_deleted):
    shorter = np.concatenate([SCENERY[:200], SCENERY[230:]])
    sides = (SCENERY, shorter) if is_deleted else (shorter, SCENERY)
    shift = -1.2 if is_deleted else 1.2
    runs = [Run(0, 7, TimeMap()), Run(10.2 if is_deleted else 9, 20 if is_deleted else 18.8, TimeMap(shift))]
    assert fit_large_ramps(*map(sampled, sides), runs) == runs


def test_slow_motion_may_last_from_the_first_frame_to_the_last():
    a, b = sampled(SCENERY), sampled(np.concatenate([play(SCENERY[:200], 2), SCENERY[200:]]))
    ramp, after = fit_large_ramps(a, b, [Run(0, 1.2, TimeMap()), Run(7.2, 20, TimeMap(-4))])
    assert (ramp.start, ramp.end) == pytest.approx((0, 8), abs=3 * STEP)
    assert after.end == 20
    a, b = sampled(SCENERY), sampled(np.concatenate([SCENERY[:320], play(SCENERY[320:], 2)]))
    runs = fit_large_ramps(a, b, [Run(0, 13, TimeMap()), Run(18.6, 19.97, TimeMap(-3.6))])
    assert all(run.end > run.start for run in runs)
    assert runs[1].time_map.slope == pytest.approx(0.5, rel=0.05)


def test_a_cut_in_a_still_picture_stays_a_cut():
    still = np.repeat(SCENERY[:1], 500, axis=0) + np.random.default_rng(3).integers(0, 3, (500, 1, 1), np.uint8)
    runs = [Run(0, 8, TimeMap()), Run(10, 20, TimeMap(-2))]
    assert fit_large_ramps(sampled(still), sampled(still[:450]), runs) == runs


def test_slow_motion_is_one_change_of_a_real_clip():
    played = play(film()[70:120], 0.5)
    created = render_clip(splice(film()[:70], played, film()[120:]))
    result = script(original(), created)
    (changed,) = (segment for segment in result["segments"] if segment["op"] != "equal")
    assert (changed["op"], changed["kind"]) == ("changed", "retimed")
    assert changed["a"] == pytest.approx([2.8, 4.8], abs=0.2)
    assert changed["b"] == pytest.approx([2.8, 6.8], abs=0.2)


def test_several_cuts_explain_slow_footage_better_than_another_speed(monkeypatch):
    """Pieces between three deletions lie less than a second beside a line, on which slow footage nearly matches."""
    kept = [(0, 150), (189, 227), (312, 350), (384, 700)]
    shown_at = np.concatenate([np.arange(*frames) for frames in kept]) * STEP

    def measure_levels(own, other, in_own, columns, weights):
        shown = shown_at[np.stack(list(columns), axis=1)]
        seconds_apart = np.abs(shown - own.fingerprint.times[in_own][:, None])
        return (0.3 + 3 * np.maximum(0, seconds_apart - 0.6)).astype(np.float32)

    monkeypatch.setattr(large_ramps, "measure_levels", measure_levels)
    sides = [sampled(scenery(700)[frames]) for frames in (slice(None), np.rint(shown_at / STEP).astype(int))]
    runs = [Run(0, 6, TimeMap()), Run(15.36, 28, TimeMap(len(shown_at) * STEP - 28))]
    assert large_ramps._find_ramp(*sides, runs) is None
