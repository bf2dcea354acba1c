import numpy as np
import pytest

from videos.diff.changes.transitions import find_transition, recognise_frozen

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
    a, b = mixed(SHAPES[shape])
    found = find_transition(a, b, FIRST + 4, LAST - 3)
    assert found is not None
    assert found.kind.name == "transition"
    assert abs(found.first - FIRST) <= 2
    assert abs(found.last - LAST) <= 2


def test_the_side_with_the_cut_does_not_matter():
    a, b = mixed(RAMP)
    assert find_transition(a, b, 25, 35) == find_transition(b, a, 25, 35)


def test_a_replaced_shot_is_no_transition():
    a = shot(1)
    b = a.copy()
    b[FIRST:LAST] = shot(3)[FIRST:LAST]
    assert find_transition(a, b, FIRST, LAST) is None


def test_a_logo_over_a_cut_is_no_transition():
    a, b = mixed((np.arange(FRAMES)[:, None] >= CUT).astype(float))
    b[FIRST:LAST, :40] = 220
    assert find_transition(a, b, FIRST, LAST) is None


def test_a_brighter_picture_over_a_cut_is_no_transition():
    a, b = mixed((np.arange(FRAMES)[:, None] >= CUT).astype(float))
    b[FIRST:LAST] += 30
    assert find_transition(a, b, FIRST, LAST) is None


def moving():
    return (shot(4) + 12 * np.sin(np.arange(FRAMES)[:, None] / 3 + np.arange(144))).astype(np.float32)


def test_a_side_that_holds_its_picture_is_frozen():
    a = moving()
    b = a.copy()
    b[FIRST:LAST] = a[FIRST - 1]
    assert recognise_frozen(a, b, FIRST, LAST).name == "frozen"
    assert recognise_frozen(b, a, FIRST, LAST).name == "not_frozen"


def test_a_still_shot_that_replaces_another_is_not_frozen():
    a = moving()
    b = a.copy()
    b[FIRST:LAST] = shot(5)[0]
    assert recognise_frozen(a, b, FIRST, LAST) is None


def test_two_still_sides_are_not_frozen():
    still = np.repeat(shot(5)[:1], FRAMES, axis=0)
    assert recognise_frozen(still, still + 20, FIRST, LAST) is None
