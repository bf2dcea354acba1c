from itertools import pairwise

import pytest

from videos.diff.script.rethreshold import rethreshold

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


def test_the_calibrated_threshold_merges_adjacent_equal_segments():
    shown = rethreshold(stored())
    assert ops(shown) == ["equal", "changed", "inserted", "equal", "changed", "deleted"]
    assert shown["segments"][0]["a"] == [0, 10]
    assert (shown["total_segments"], shown["differing_segments"], shown["threshold"]) == (6, 4, 0.1)


def test_a_lower_threshold_shows_weak_changes_with_their_regions():
    shown = rethreshold(stored(), 0.05)
    assert ops(shown)[:3] == ["equal", "changed", "equal"]
    assert shown["segments"][1]["regions"] == [BOX]
    assert shown["segments"][1]["severity"] == "low"


def test_a_higher_threshold_hides_changes_but_no_replacement_or_cut():
    assert ops(rethreshold(stored(), 0.5)) == ["equal", "inserted", "equal", "changed", "deleted"]


def test_a_distance_equal_to_the_threshold_is_a_change():
    assert ops(rethreshold(stored(), 0.2))[1] == "changed"


def test_segments_have_their_stored_index():
    assert [segment["index"] for segment in rethreshold(stored())["segments"]] == [0, 3, 4, 5, 6, 7]
    assert [segment["index"] for segment in rethreshold(stored(), 0.05)["segments"]] == [0, 1, 2, 3, 4, 5, 6, 7]


def test_similarity_and_severity_follow_the_threshold():
    assert rethreshold(stored(), 0.5)["similarity_percent"] > rethreshold(stored())["similarity_percent"]
    assert rethreshold(stored(), 0.03)["segments"][3]["severity"] == "high"


@pytest.mark.parametrize("threshold", [0.01, 0.05, 0.1, 0.3, 0.5])
def test_segments_always_cover_both_timelines(threshold):
    shown = rethreshold(stored(), threshold)
    for side in "ab":
        spans = [segment[side] for segment in shown["segments"] if segment[side]]
        assert spans[0][0] == 0
        assert spans[-1][1] == shown[f"duration_{side}"]
        assert all(before[1] == after[0] for before, after in pairwise(spans))


def test_the_stored_script_is_not_modified():
    script = stored()
    rethreshold(script, 0.03)
    assert script == stored()


def test_intervals_are_not_merged_and_keep_their_similarity():
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
    shown = rethreshold(script, 0.05)
    assert ops(shown) == ["equal", "changed", "inserted"]
    assert (shown["total_segments"], shown["differing_segments"], shown["similarity_percent"]) == (3, 2, 93.0)


def test_changes_in_moved_footage_are_shown_at_thresholds_up_to_their_distance():
    script = {**stored(), "segments": [row("moved", [0, 30], [0, 32], 0.3, [BOX])]}
    assert [rethreshold(script, at)["segments"][0]["regions"] for at in (None, 0.05, 0.4)] == [[BOX], [BOX], []]


def with_kind():
    script = stored()
    script["segments"][3] |= {"kind": "softer", "confidence": 0.8}
    return script


def test_a_change_keeps_its_kind_at_another_threshold():
    shown = rethreshold(with_kind(), 0.15)["segments"][1]
    assert (shown["op"], shown["kind"], shown["confidence"]) == ("changed", "softer", 0.8)


def test_an_equal_segment_has_no_kind():
    shown = rethreshold(with_kind(), 0.4)["segments"][0]
    assert (shown["op"], shown["kind"], shown["confidence"]) == ("equal", None, None)


def test_a_change_whose_kind_is_doubtful_is_another_one():
    shown = rethreshold(stored(), 0.15)["segments"]
    assert {(segment["op"], segment["kind"], segment["confidence"]) for segment in shown} == {
        ("equal", None, None),
        ("changed", "other", 0.0),
        ("inserted", None, None),
        ("deleted", None, None),
    }
