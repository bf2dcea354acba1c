import numpy as np

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.changes.frozen import name_held, recognise_frozen
from videos.diff.script.edit_script import MatchedSegment
from videos.diff.script.kinds import ChangeKind

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


def test_a_picture_is_held_while_the_other_side_goes_on_to_another_shot():
    a = moving()
    b = a.copy()
    a[FIRST:LAST] += 60
    b[FIRST:LAST] = b[FIRST - 1]
    assert recognise_frozen(a, b, FIRST, LAST).name == "frozen"
    assert recognise_frozen(a, b, FIRST, FIRST + 5) is None


def test_two_still_sides_are_not_frozen():
    still = np.repeat(shot(5)[:1], FRAMES, axis=0)
    assert recognise_frozen(still, still + 20, FIRST, LAST) is None


def test_replaced_footage_is_frozen_if_one_side_holds_its_picture():
    moving, held = scenery(100), scenery(100)
    held[40:70] = held[39]
    other = np.concatenate([moving[:40], scenery(30, seed=9), moving[70:]])
    replaced = MatchedSegment("changed", (1.6, 2.8), (1.6, 2.8), 1.0, kind=ChangeKind("replaced", 0.9))
    assert name_held(replaced, sampled(moving), sampled(held)).kind.name == "frozen"
    assert name_held(replaced, sampled(held), sampled(moving)).kind.name == "not_frozen"
    assert name_held(replaced, sampled(moving), sampled(other)) == replaced


def test_replaced_footage_of_another_duration_is_not_frozen():
    long = scenery(300)
    short = np.concatenate([long[:40], scenery(10, seed=9), long[240:]])
    replaced = MatchedSegment("changed", (1.6, 9.6), (1.6, 2.0), 1.0, kind=ChangeKind("replaced", 0.9))
    assert name_held(replaced, sampled(long), sampled(short)) == replaced
