from itertools import pairwise

import pytest

from videos.diff.recut import recut

BOX = {"x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2}


def row(op, a, b, distance=None, regions=()):
    return {"op": op, "a": a, "b": b, "distance": distance, "severity": None, "regions": list(regions)}


def stored():
    return {
        "duration_a": 30.0,
        "duration_b": 32.0,
        "transforms": [],
        "threshold": 0.1,
        "segments": [
            row("equal", [0, 4], [0, 4], 0.02),
            row("equal", [4, 6], [4, 6], 0.06, [BOX]),
            row("equal", [6, 10], [6, 10], 0.01),
            row("changed", [10, 12], [10, 12], 0.2, [BOX]),
            row("inserted", None, [12, 15]),
            row("equal", [12, 20], [15, 23], 0.02),
            row("changed", [20, 29], [23, 32], 1.0),
            row("deleted", [29, 30], None),
        ],
    }


def ops(script):
    return [segment["op"] for segment in script["segments"]]


def test_the_calibrated_threshold_keeps_what_was_stored_and_joins_equal_neighbours():
    shown = recut(stored())
    assert ops(shown) == ["equal", "changed", "inserted", "equal", "changed", "deleted"]
    assert shown["segments"][0]["a"] == [0, 10]
    assert (shown["total_segments"], shown["differing_segments"], shown["threshold"]) == (6, 4, 0.1)


def test_a_lower_threshold_brings_out_what_was_weak_with_its_box():
    shown = recut(stored(), 0.05)
    assert ops(shown)[:3] == ["equal", "changed", "equal"]
    assert shown["segments"][1]["regions"] == [BOX]
    assert shown["segments"][1]["severity"] == "low"


def test_a_higher_one_hides_it_again_but_never_a_replacement_or_a_cut():
    assert ops(recut(stored(), 0.5)) == ["equal", "inserted", "equal", "changed", "deleted"]


def test_what_is_exactly_at_the_threshold_is_changed():
    assert ops(recut(stored(), 0.2))[1] == "changed"


def test_segments_know_their_stored_place():
    assert [segment["index"] for segment in recut(stored())["segments"]] == [0, 3, 4, 5, 6, 7]
    assert [segment["index"] for segment in recut(stored(), 0.05)["segments"]] == [0, 1, 2, 3, 4, 5, 6, 7]


def test_similarity_and_severity_follow_the_threshold():
    assert recut(stored(), 0.5)["similarity_percent"] > recut(stored())["similarity_percent"]
    assert recut(stored(), 0.03)["segments"][3]["severity"] == "high"


@pytest.mark.parametrize("threshold", [0.01, 0.05, 0.1, 0.3, 0.5])
def test_segments_always_cover_both_timelines(threshold):
    shown = recut(stored(), threshold)
    for side in "ab":
        spans = [segment[side] for segment in shown["segments"] if segment[side]]
        assert spans[0][0] == 0
        assert spans[-1][1] == shown[f"duration_{side}"]
        assert all(before[1] == after[0] for before, after in pairwise(spans))


def test_the_stored_script_is_left_alone():
    script = stored()
    recut(script, 0.03)
    assert script == stored()


def test_intervals_stay_one_by_one_and_keep_their_similarity():
    script = {
        "duration_a": 4.0,
        "duration_b": 6.0,
        "mode": "interval",
        "transforms": [],
        "threshold": 0.1,
        "similarity_percent": 93.0,
        "segments": [
            row("equal", [0, 2], [0, 2], 0.04),
            row("equal", [2, 4], [2, 4], 0.09),
            row("inserted", None, [4, 6]),
        ],
    }
    shown = recut(script, 0.05)
    assert ops(shown) == ["equal", "changed", "inserted"]
    assert (shown["total_segments"], shown["differing_segments"], shown["similarity_percent"]) == (3, 2, 93.0)


def test_what_changed_in_moved_footage_shows_from_its_distance_down():
    script = {**stored(), "segments": [row("moved", [0, 30], [0, 32], 0.3, [BOX])]}
    assert [recut(script, at)["segments"][0]["regions"] for at in (None, 0.05, 0.4)] == [[BOX], [BOX], []]
