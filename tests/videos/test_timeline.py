import pytest

from videos import timeline


def segment(op, a=None, b=None, **more):
    return {
        "op": op,
        "a": a,
        "b": b,
        "distance": None,
        "severity": None if op == "equal" else "high",
        "regions": [],
        **more,
    }


SCRIPT = {
    "duration_a": 10.0,
    "duration_b": 12.0,
    "segments": [
        segment("equal", [0, 4], [0, 4]),
        segment("inserted", None, [4, 8]),
        segment("changed", [4, 6], [8, 10], regions=[{"x": 0.7, "y": 0.1, "width": 0.2, "height": 0.2}]),
        segment("deleted", [6, 8]),
        segment("equal", [8, 10], [10, 12]),
    ],
}


def test_each_lane_shows_its_own_side_in_percent_of_the_longer():
    drawn = timeline.draw(SCRIPT)

    assert [(bar.op, bar.x) for bar in drawn.lane_a] == [
        ("equal", 0),
        ("changed", pytest.approx(33.3333)),
        ("deleted", 50),
        ("equal", pytest.approx(66.6667)),
    ]
    assert sum(bar.width for bar in drawn.lane_b) == pytest.approx(100, abs=0.01)


def test_a_deletion_narrows_to_a_point_on_the_other_lane():
    ribbons = timeline.draw(SCRIPT).ribbons

    assert ribbons[3].path == "M500.0 0H666.67C666.67 22.0 833.33 22.0 833.33 44H833.33C833.33 22.0 500.0 22.0 500.0 0Z"


def test_a_short_difference_is_still_seen():
    script = {"duration_a": 7200.0, "duration_b": 7200.0, "segments": [segment("inserted", None, [7199.9, 7200.0])]}

    bar = timeline.draw(script).lane_b[0]

    assert bar.width == timeline.LEAST_PERCENT
    assert bar.x + bar.width <= 100


def test_each_bar_links_to_its_moment():
    drawn = timeline.draw(SCRIPT)

    assert drawn.lane_b[1].href == "?t=4.000"
    assert drawn.lane_a[2].href == "?t=6.000&side=a"


def test_differences_are_told_in_words():
    rows = timeline.differences(SCRIPT)

    assert [(row.number, row.index, row.letter, row.title) for row in rows] == [
        (1, 1, "I", "Inserted, 4.0 s"),
        (2, 2, "C", "Changed, top right, 2.0 s"),
        (3, 3, "D", "Deleted, 2.0 s"),
    ]
    assert rows[0].times == "0:04.00 – 0:08.00 in B"


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        ([], "Whole picture changed"),
        ([{"x": 0, "y": 0, "width": 1, "height": 0.95}], "Whole picture changed"),
        ([{"x": 0.4, "y": 0.4, "width": 0.2, "height": 0.2}], "Changed, centre"),
        ([{"x": 0.2, "y": 0.85, "width": 0.6, "height": 0.1}], "Changed, bottom"),
        (
            [{"x": 0, "y": 0, "width": 0.1, "height": 0.1}, {"x": 0.8, "y": 0.8, "width": 0.05, "height": 0.05}],
            "Changed, top left and 1 more",
        ),
    ],
)
def test_where_it_changed_is_told_in_words(regions, words):
    row = segment("changed", [0, 1], [0, 1], regions=regions)
    script = {"duration_a": 1.0, "duration_b": 1.0, "segments": [row]}

    assert timeline.differences(script)[0].title == f"{words}, 1.0 s"


def test_a_move_says_from_where_to_where():
    script = {"duration_a": 9.0, "duration_b": 9.0, "segments": [segment("moved", [1, 2.5], [6, 7.5])]}

    assert timeline.differences(script)[0].times == "0:01.00 – 0:02.50 in A, now at 0:06.00 in B"


@pytest.mark.parametrize("span", [0.5, 3, 25, 60, 611, 3600, 36000])
def test_there_are_a_few_ticks_whatever_the_length(span):
    script = {"duration_a": span, "duration_b": 0.0, "segments": []}

    assert 2 <= len(timeline.draw(script).ticks) <= 10
