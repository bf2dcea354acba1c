import pytest

from videos.diff import words

BOX = {"x": 0.7, "y": 0.1, "width": 0.2, "height": 0.2}


def segment(op, a=None, b=None, **more):
    return {"op": op, "a": a, "b": b, "distance": None, "regions": [], **more}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (segment("inserted", None, [4, 8]), "Inserted, 4.0 s"),
        (segment("deleted", [6, 6.52]), "Deleted, 0.52 s"),
        (segment("moved", [1, 2.5], [6, 7.5]), "Moved, 1.5 s"),
        (segment("moved", [1, 2.5], [6, 7.5], distance=0.3, regions=[BOX]), "Moved and changed, 1.5 s"),
        (segment("equal", [0, 2.25], [0, 2.25]), "Equal, 2.3 s"),
        (segment("changed", [4, 6], [8, 10], regions=[BOX]), "Changed, top right, 2.0 s"),
        (segment("changed", [4, 6], [8, 10], distance=1.0), "Replaced, 2.0 s"),
        (segment("changed", [4, 6], [4, 6], distance=1.2), "Changed, 2.0 s"),
    ],
)
def test_what_happened_is_told_in_words(row, told):
    assert words.title(row) == told


@pytest.mark.parametrize(
    ("regions", "told"),
    [
        ([], "Changed"),
        ([{"x": 0, "y": 0, "width": 1, "height": 0.95}], "Whole picture changed"),
        ([{"x": 0.4, "y": 0.4, "width": 0.2, "height": 0.2}], "Changed, centre"),
        ([{"x": 0.2, "y": 0.85, "width": 0.6, "height": 0.1}], "Changed, bottom"),
        (
            [{"x": 0, "y": 0, "width": 0.1, "height": 0.1}, {"x": 0.8, "y": 0.8, "width": 0.05, "height": 0.05}],
            "Changed, top left and 1 more",
        ),
    ],
)
def test_where_it_changed_is_told_in_words(regions, told):
    assert words.title(segment("changed", [0, 1], [0, 1], regions=regions)) == f"{told}, 1.0 s"


def test_times_say_on_which_side():
    assert words.times(segment("inserted", None, [4, 8])) == "0:04.00 – 0:08.00 in B"
    assert words.times(segment("deleted", [6, 8])) == "0:06.00 – 0:08.00 in A"


def test_a_move_says_from_where_to_where():
    assert words.times(segment("moved", [1, 2.5], [6, 7.5])) == "0:01.00 – 0:02.50 in A, now at 0:06.00 in B"


@pytest.mark.parametrize(
    ("transform", "told"),
    [
        ({"kind": "mirror", "value": "horizontal"}, "Mirrored"),
        ({"kind": "mirror", "value": "vertical"}, "Upside down"),
        ({"kind": "speed", "value": 1.1}, "Speed 1.1\u00a0×"),
        ({"kind": "speed", "value": 0.999}, "Speed 0.999\u00a0×"),
        ({"kind": "speed", "value": 1.0427}, "Speed 1.0427\u00a0×"),
        ({"kind": "crop", "value": {"side": "a", "x": 0.1, "y": 0.1, "width": 0.8, "height": 0.8}}, "Cropped to 80 %"),
        (
            {"kind": "crop", "value": {"side": "b", "x": 0, "y": 0, "width": 0.5, "height": 0.5}},
            "A is cropped to 50 %",
        ),
        ({"kind": "letterbox", "value": {"side": "b", "x": 0, "y": 0.1, "width": 1, "height": 0.8}}, "Letterboxed"),
        ({"kind": "grade", "value": {}}, "Graded"),
    ],
)
def test_what_is_true_of_the_pair_is_one_short_fact(transform, told):
    assert words.transform(transform) == told


@pytest.mark.parametrize(
    ("similarity", "differing", "told"),
    [(100.0, 0, "100.0"), (99.99, 1, "99.9"), (99.96, 0, "100.0"), (99.84, 2, "99.8"), (0.0, 1, "0.0")],
)
def test_what_differs_anywhere_is_never_told_to_be_wholly_the_same(similarity, differing, told):
    assert words.percent(similarity, differing) == told


MIRRORED = {"kind": "mirror", "value": "horizontal"}
CROPPED = {"kind": "crop", "value": {"side": "b", "x": 0, "y": 0, "width": 0.5, "height": 0.5}}


@pytest.mark.parametrize(
    ("differing", "mode", "transforms", "told"),
    [
        (0, "aligned", [], "Both show the same pictures throughout."),
        (2, "aligned", [], "No difference at this threshold."),
        (0, "interval", [], "No difference at this threshold."),
        (0, "aligned", [MIRRORED, CROPPED], "Throughout: Mirrored, A is cropped to 50 %. Nothing else differs."),
        (1, "aligned", [MIRRORED], "Throughout: Mirrored. No other difference at this threshold."),
    ],
)
def test_an_empty_list_claims_no_more_than_is_known(differing, mode, transforms, told):
    script = {"mode": mode, "differing_segments": differing, "transforms": transforms}
    assert words.nothing_differs(script) == told


def test_lengths_are_told_against_a():
    assert words.summary({"duration_a": 10.0, "duration_b": 12.0}) == "B is 2.0 s longer"
    assert words.summary({"duration_a": 12.0, "duration_b": 10.0}) == "B is 2.0 s shorter"
    assert words.summary({"duration_a": 5.0, "duration_b": 5.01}) == "Both are equally long"


@pytest.mark.parametrize(
    ("at", "shown"),
    [(0, "0:00.00"), (59.999, "1:00.00"), (75.5, "1:15.50"), (3599.996, "1:00:00.00"), (4503, "1:15:03.00")],
)
def test_the_clock_turns_at_the_minute_and_the_hour(at, shown):
    assert words.clock(at) == shown
