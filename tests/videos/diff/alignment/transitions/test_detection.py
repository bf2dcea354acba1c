import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.transitions.detection import find_transitions, join_over_transitions, measure_transition
from videos.diff.alignment.viterbi import Run

FRAMES, CUT, FIRST, LAST = 60, 30, 22, 38  # the transition lasts from frame 22 up to frame 38
RNG = np.random.default_rng(6)


def shot(seed):
    """Return (60, 144) levels of a picture that drifts."""
    rng = np.random.default_rng(seed)
    still, drift = rng.uniform(40, 200, 144), rng.uniform(-0.6, 0.6, 144)
    return (still + drift * np.arange(FRAMES)[:, None]).astype(np.float32)


def mixed(shares):
    """Return A with a cut, and B with shares (frames, cells or 1) of the second shot."""
    one, other = shot(1), shot(2)
    a = np.concatenate([one[:CUT], other[CUT:]])
    b = one * (1 - shares) + other * shares + RNG.normal(0, 0.3, one.shape)
    return a, b.astype(np.float32)


RAMP = ((np.arange(FRAMES)[:, None] - FIRST + 0.5) / (LAST - FIRST)).clip(0, 1)
SHAPES = {
    "dissolve": RAMP,
    "wipe": (np.arange(144)[None] < RAMP * 144).astype(float),
    "scattered": (np.random.default_rng(7).permutation(144)[None] < RAMP * 144).astype(float),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_transition_of_any_shape_is_found_to_two_frames(shape):
    assert_is_found(measure_transition(*mixed(SHAPES[shape]), CUT - 1, FRAMES), 0.9)


def dipped(colour):
    one, other = shot(1), shot(2)
    a = np.concatenate([one[:CUT], other[CUT:]])
    away = (1 - np.abs(np.arange(FRAMES)[:, None] + 0.5 - CUT) / (CUT - FIRST)).clip(0, 1)
    return a, (a * (1 - away) + colour * away + RNG.normal(0, 0.3, a.shape)).astype(np.float32)


@pytest.mark.parametrize("colour", [0, 128, 255])
def test_a_dip_to_a_colour_is_a_transition(colour):
    assert_is_found(measure_transition(*dipped(colour), CUT - 1, FRAMES), 0.9)


def moved(kind, axis, flips):
    """Return A with a cut, and B in which the second shot pushes, covers or uncovers the first one."""
    down, across = np.mgrid[:36, :64]
    one, other = 60 + 2.0 * across + 1.0 * down, 230 - 1.5 * across - 2.0 * down
    one, other = (np.moveaxis(np.flip(each, axis) if flips else each, axis, 0) for each in (one, other))
    size = len(one)
    frames = []
    for share in RAMP[:, 0]:
        gone = round(share * size)
        left = one[: size - gone] if kind == "cover" else one[gone:]
        come = other[size - gone :] if kind == "uncover" else other[:gone]
        frames.append(np.concatenate([left, come]))
    moves = np.moveaxis(np.stack(frames), 1, axis + 1)
    moves = np.flip(moves, axis + 1) if flips else moves
    sides = np.stack([np.where(np.arange(FRAMES)[:, None, None] < CUT, moves[0], moves[-1]), moves])
    pooled = sides.reshape(2, FRAMES, 9, 4, 16, 4).mean(axis=(3, 5)).reshape(2, FRAMES, 144)
    return (pooled + RNG.normal(0, 0.3, pooled.shape)).astype(np.float32)


@pytest.mark.parametrize("kind", ["push", "cover", "uncover"])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("flips", [False, True])
def test_shots_that_move_are_a_transition(kind, axis, flips):
    assert_is_found(measure_transition(*moved(kind, axis, flips), CUT - 1, FRAMES), 0.9)


def test_frames_that_become_the_second_shot_in_another_way_may_be_a_transition():
    a, b = mixed(RAMP)
    other = np.where((RAMP > 0) & (RAMP < 1), b + np.random.default_rng(9).normal(0, 40, 144), b)
    assert_is_found(measure_transition(a, other.astype(np.float32), CUT - 1, FRAMES), 0.5, 0.75)


def assert_is_found(found, least, most=1.0):
    assert found is not None
    first, last, confidence = found
    assert abs(first - FIRST) <= 2
    assert abs(last - LAST) <= 2
    assert least <= confidence <= most


def test_the_side_with_the_cut_does_not_matter():
    a, b = mixed(RAMP)
    assert measure_transition(a, b, CUT - 1, FRAMES) == measure_transition(b, a, CUT - 1, FRAMES)


def test_a_replaced_shot_is_no_transition():
    a, _ = mixed(RAMP)
    b = a.copy()
    b[FIRST:LAST] = shot(3)[FIRST:LAST]
    assert measure_transition(a, b, CUT - 1, FRAMES) is None


def test_a_logo_over_a_cut_is_no_transition():
    a, b = mixed((np.arange(FRAMES)[:, None] >= CUT).astype(float))
    b[FIRST:LAST, :40] = 220
    assert measure_transition(a, b, CUT - 1, FRAMES) is None


def test_a_brighter_picture_over_a_cut_is_no_transition():
    a, b = mixed((np.arange(FRAMES)[:, None] >= CUT).astype(float))
    b[FIRST:LAST] += 30
    assert measure_transition(a, b, CUT - 1, FRAMES) is None


@pytest.mark.parametrize("level", [0, 128])
def test_plain_frames_over_a_cut_are_no_transition(level):
    a, b = mixed((np.arange(FRAMES)[:, None] >= CUT).astype(float))
    b[FIRST:LAST] = level
    assert measure_transition(a, b, CUT - 1, FRAMES) is None


def test_a_shifted_picture_over_a_cut_is_no_transition():
    a, b = mixed((np.arange(FRAMES)[:, None] >= CUT).astype(float))
    b[FIRST:LAST] = np.roll(b[FIRST:LAST].reshape(-1, 9, 16), 3, axis=2).reshape(-1, 144)
    assert measure_transition(a, b, CUT - 1, FRAMES) is None


def low_contrast_cut():
    """Return a textured shot that cuts to one of low contrast."""
    return np.concatenate([shot(1)[:CUT], 120 + (shot(2)[CUT:] - 120) / 8])


def test_less_contrast_over_a_cut_is_no_dip():
    for a in (mixed(RAMP)[0], low_contrast_cut()):
        b = a.copy()
        b[FIRST:LAST] = 120 + (b[FIRST:LAST] - 120) * 0.6
        assert measure_transition(a, b + RNG.normal(0, 0.3, a.shape), CUT - 1, FRAMES) is None
        b[CUT - 1] = 0
        assert measure_transition(a, b + RNG.normal(0, 0.3, a.shape), CUT - 1, FRAMES) is None


def test_a_fade_out_before_a_cut_is_no_dip():
    a, _ = mixed(RAMP)
    b = a + RNG.normal(0, 0.3, a.shape)
    b[FIRST:CUT] *= np.linspace(1, 0, CUT - FIRST)[:, None]
    b[CUT : CUT + 4] += 20
    assert measure_transition(a, b.astype(np.float32), CUT - 1, FRAMES) is None


@pytest.mark.parametrize("by", [-4, -2, 2, 4])
def test_a_moved_cut_in_a_brighter_picture_is_no_transition(by):
    one, other = shot(1), shot(2)
    a, b = (np.concatenate([one[:at], other[at:]]) for at in (CUT, CUT + by))
    b[CUT - 6 : CUT + 6] += 10
    b += RNG.normal(0, 0.3, b.shape)
    assert measure_transition(a, b.astype(np.float32), CUT - 1, FRAMES) is None


def test_a_longer_transition_than_allowed_is_none():
    assert measure_transition(*mixed(RAMP), CUT - 1, LAST - FIRST - 3) is None


def test_a_flash_is_no_transition():
    a = np.repeat(shot(1)[:1], FRAMES, axis=0)
    b = a + RNG.normal(0, 0.3, a.shape)
    b[CUT] = 250
    assert measure_transition(a, b, CUT - 1, FRAMES) is None
    assert measure_transition(a, b, CUT, FRAMES) is None


def filmed(levels, rate=10):
    """Return a video of levels (frames, 144)."""
    return sampled(levels.reshape(-1, 9, 16).repeat(4, axis=1).repeat(4, axis=2), rate)


def videos(shares):
    """Return two videos of which one has a cut and the other one mixes both shots."""
    return (filmed(each) for each in mixed(shares))


def test_transitions_of_a_run_are_found_in_seconds():
    a, b = videos(RAMP)
    [found] = find_transitions(a, b, Run(0.0, FRAMES / 10, TimeMap()))
    assert found.span == pytest.approx((FIRST / 10, LAST / 10), abs=0.2)


def test_a_dip_between_shots_that_look_alike_is_found():
    a, b = dipped(0)
    one = 60 + (shot(1) - 60) / 4
    near = np.concatenate([one[:CUT], one[CUT:] + 4 * np.sign(np.arange(144) - 72)])
    away = (b.mean(axis=1) / a.mean(axis=1))[:, None].clip(0, 1)
    sides = [near, near * away]
    [found] = find_transitions(*map(filmed, sides), Run(0.0, FRAMES / 10, TimeMap()))
    assert found.span == pytest.approx((FIRST / 10, LAST / 10), abs=0.2)


def test_a_cut_that_both_sides_have_is_no_transition():
    a, _ = videos(RAMP)
    assert find_transitions(a, a, Run(0.0, FRAMES / 10, TimeMap())) == []


@pytest.mark.parametrize("swaps", [False, True])
def test_a_cut_between_frames_that_are_blended_is_no_transition(swaps):
    a, _ = mixed(RAMP)
    a[1::2, ::2] += 30  # what moves, so that mixes of two frames differ from both
    at = np.arange(62) / 1.05
    low = at.astype(int)
    b = a[low] + (at - low)[:, None] * (a[low + 1] - a[low])
    sides = (filmed(b, 10.5), filmed(a)) if swaps else (filmed(a), filmed(b, 10.5))
    assert find_transitions(*sides, Run(0.0, 5.9, TimeMap())) == []


@pytest.mark.parametrize("frames", [3, 4, 6])
@pytest.mark.parametrize("rate", [10, 20])
def test_a_short_transition_is_found_at_any_rate(frames, rate):
    share = (np.arange(FRAMES)[:, None] - CUT + frames / 2 + 0.5) / (frames + 1)
    a, b = mixed(share.clip(0, 1))
    [found] = find_transitions(filmed(a), filmed(b.repeat(rate // 10, axis=0), rate), Run(0.0, 6.0, TimeMap()))
    assert found.span == pytest.approx((3 - frames / 20, 3 + frames / 20), abs=0.11)


def test_runs_that_a_transition_separates_are_joined():
    a, b = videos(RAMP)
    runs = [Run(0.0, 2.4, TimeMap()), Run(3.6, 6.0, TimeMap())]
    assert join_over_transitions(a, b, runs) == [Run(0.0, 6.0, TimeMap())]


def test_runs_between_which_footage_was_replaced_stay_apart():
    a, _ = videos(RAMP)
    _, b = videos(np.where((np.arange(FRAMES)[:, None] >= FIRST) & (np.arange(FRAMES)[:, None] < LAST), 1.0, 0.0))
    runs = [Run(0.0, FIRST / 10, TimeMap()), Run(LAST / 10, 6.0, TimeMap())]
    assert join_over_transitions(a, b, runs) == runs
