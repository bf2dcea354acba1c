import pytest

from videos.diff.script import Region, Script, Segment


def script(*segments: Segment, a: float = 100.0, b: float = 100.0) -> dict:
    return Script(a, b, 0.1, segments).as_dict()


@pytest.mark.parametrize(
    ("distance", "severity"), [(0.1, "low"), (0.149, "low"), (0.15, "medium"), (0.299, "medium"), (0.3, "high")]
)
def test_a_change_is_as_severe_as_its_distance(distance, severity):
    segment = Segment("changed", (0, 1), (0, 1), distance)
    assert script(segment)["segments"][0]["severity"] == severity


@pytest.mark.parametrize(("seconds", "severity"), [(1.9, "low"), (2, "medium"), (9.9, "medium"), (10, "high")])
@pytest.mark.parametrize("op", ["inserted", "deleted", "moved"])
def test_a_cut_is_as_severe_as_it_is_long(op, seconds, severity):
    a, b = (None if op == "inserted" else (0, seconds)), (None if op == "deleted" else (0, seconds))
    assert script(Segment(op, a, b))["segments"][0]["severity"] == severity


def test_what_is_equal_has_no_severity():
    assert script(Segment("equal", (0, 1), (0, 1), 0.01))["segments"][0]["severity"] is None


def test_similarity_is_the_share_of_both_timelines_that_is_equal():
    told = script(Segment("equal", (0, 60), (0, 60)), Segment("deleted", (60, 100), None), a=100, b=60)
    assert told["similarity_percent"] == 75.0
    assert (told["total_segments"], told["differing_segments"]) == (2, 1)


def test_it_is_never_all_of_them_while_something_differs():
    told = script(Segment("equal", (0, 3600), (0, 3600)), Segment("inserted", None, (3600, 3600.04)), a=3600, b=3600.04)
    assert (told["similarity_percent"], told["differing_segments"]) == (99.99, 1)
    assert script(Segment("equal", (0, 3600), (0, 3600)), a=3600, b=3600)["similarity_percent"] == 100.0


def test_numbers_are_rounded_for_reading():
    region = Region(1 / 3, 0, 1, 1)
    told = script(Segment("changed", (1 / 3, 2 / 3), (0, 1), 0.123456789, (region,)))
    assert told["segments"][0]["a"] == [0.333333, 0.666667]
    assert told["segments"][0]["regions"][0]["x"] == 0.3333
    assert "picture_at" not in told["segments"][0]
