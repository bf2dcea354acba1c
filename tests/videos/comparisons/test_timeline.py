import pytest

from videos.comparisons import timeline
from videos.diff.script.rethreshold import rethreshold


def segment(op, a=None, b=None, **more):
    return {
        "op": op,
        "a": a,
        "b": b,
        "distance": {"equal": 0.02, "changed": 0.3}.get(op),
        "severity": None if op == "equal" else "high",
        "regions": [],
        **more,
    }


SCRIPT = {
    "duration_a": 10.0,
    "duration_b": 12.0,
    "transforms": [],
    "threshold": 0.1,
    "segments": [
        segment("equal", [0, 4], [0, 4]),
        segment("inserted", None, [4, 8]),
        segment("changed", [4, 6], [8, 10], regions=[{"x": 0.7, "y": 0.1, "width": 0.2, "height": 0.2}]),
        segment("deleted", [6, 8]),
        segment("equal", [8, 10], [10, 12]),
    ],
}


def script(duration, *segments):
    return {
        "duration_a": duration,
        "duration_b": duration,
        "transforms": [],
        "threshold": 0.1,
        "segments": list(segments),
    }


def draw(script, threshold=None, **kept):
    return timeline.draw_timeline(script, rethreshold(script, threshold), kept)


def test_each_lane_shows_its_own_side_in_percent_of_the_longer():
    drawn = draw(SCRIPT)

    assert [(bar.op, bar.x) for bar in drawn.lane_a] == [
        ("equal", 0),
        ("changed", pytest.approx(33.3333)),
        ("deleted", 50),
        ("equal", pytest.approx(66.6667)),
    ]
    assert sum(bar.width for bar in drawn.lane_b) == pytest.approx(100, abs=0.01)


def test_a_deletion_narrows_to_a_point_on_the_other_lane():
    (ribbon,) = (ribbon for ribbon in draw(SCRIPT).ribbons if ribbon.op == "deleted")

    assert ribbon.path == "M500.0 0H666.67C666.67 22.0 833.33 22.0 833.33 44H833.33C833.33 22.0 500.0 22.0 500.0 0Z"


def test_a_short_difference_is_marked_as_a_sliver():
    lane = draw(script(7200.0, segment("equal", [0, 7199.9], [0, 7199.9]), segment("inserted", None, [7199.9, 7200.0])))
    (_, bar) = lane.lane_b

    assert bar.is_sliver
    assert bar.x + bar.width == pytest.approx(100, abs=0.001)
    assert bar.letter == ""


def test_each_bar_links_to_its_time():
    drawn = draw(SCRIPT)

    assert drawn.lane_b[1].href == "?t=4.000"
    assert drawn.lane_a[2].href == "?t=6.000&side=a"


def test_links_keep_the_view():
    assert draw(SCRIPT, view="wipe").lane_a[2].href == "?t=6.000&side=a&view=wipe"


def test_every_stored_segment_has_a_bar_with_its_distance():
    fine = script(6.0, *(segment("equal", [at, at + 2], [at, at + 2], distance=at / 100) for at in (0, 2, 4)))

    lane = draw(fine, 0.03).lane_b

    assert [(bar.index, bar.op, bar.distance, bar.severity) for bar in lane] == [
        (0, "equal", 0.0, ""),
        (1, "equal", 0.02, ""),
        (2, "changed", 0.04, "low"),
    ]
    assert [bar.distance for bar in draw(SCRIPT).lane_a] == [0.02, 0.3, None, 0.02]


def test_many_segments_are_merged_and_differences_stay_visible():
    many = script(
        20000.0,
        *(segment("changed" if at % 200 == 0 else "equal", [at, at + 2], [at, at + 2]) for at in range(0, 20000, 2)),
    )

    drawn = draw(many)

    assert len(drawn.lane_b) <= timeline.COLUMNS
    assert sum(bar.op == "changed" for bar in drawn.lane_b) == 100
    assert drawn.lane_b[0].href == "?t=0.000"
    assert sum(bar.width for bar in drawn.lane_b) == pytest.approx(100)
    assert len(drawn.ribbons) <= timeline.MAX_BARS


@pytest.mark.parametrize("span", [0.5, 3, 25, 60, 611, 3600, 36000])
def test_there_are_a_few_ticks_for_any_duration(span):
    assert 2 <= len(draw(script(span)).ticks) <= 10
