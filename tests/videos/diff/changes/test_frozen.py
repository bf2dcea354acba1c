import numpy as np

from videos.diff.changes.frozen import recognise_frozen

FRAMES, FIRST, LAST = 60, 22, 38  # the picture is held from frame 22 up to frame 38


def shot(seed):
    """Return (60, 144) levels of a picture that drifts."""
    rng = np.random.default_rng(seed)
    still, drift = rng.uniform(40, 200, 144), rng.uniform(-0.6, 0.6, 144)
    return (still + drift * np.arange(FRAMES)[:, None]).astype(np.float32)


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
