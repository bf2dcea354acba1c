import pytest

from videos.diff.script import wording

BOX = {"x": 0.7, "y": 0.1, "width": 0.2, "height": 0.2}


def segment(op, a=None, b=None, **more):
    return {"op": op, "a": a, "b": b, "distance": None, "regions": [], **more}


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (segment("inserted", None, [4, 8]), "New shot, 4.0 s"),
        (segment("deleted", [6, 6.52]), "Removed shot, 0.52 s"),
        (segment("deleted", [6, 6.04]), "Removed frames, 0.04 s"),
        (segment("inserted", None, [4, 4.04]), "New frames, 0.04 s"),
        (segment("moved", [1, 1.04], [1.08, 1.12]), "Moved frames, 0.04 s"),
        (segment("deleted", [6, 6.08], frames=2, kind="dropped_frames"), "2 frames dropped, 0.08 s"),
        (segment("inserted", None, [4, 4.04], frames=1, kind="doubled_frames"), "1 frame doubled, 0.04 s"),
        (segment("inserted", None, [4, 4.08], frames=2), "2 frames inserted, 0.08 s"),
        (segment("moved", [1, 1.04], [1.08, 1.12], frames=1), "1 frame moved, 0.04 s"),
        (segment("moved", [1, 2.5], [6, 7.5]), "Moved shot, 1.5 s"),
        (segment("moved", [1, 2.5], [6, 7.5], distance=0.3, regions=[BOX]), "Moved and changed shot, 1.5 s"),
        (segment("equal", [0, 2.25], [0, 2.25]), "Same, 2.3 s"),
        (segment("changed", [4, 6], [8, 10], regions=[BOX]), "Changed, top right, 2.0 s"),
        (
            segment("changed", [4, 7], [8, 11], regions=[BOX], kind="text_or_logo_added"),
            "Logo or text added, top right, 3.0 s",
        ),
        (
            segment("changed", [4, 6], [8, 10.4], regions=[{"x": 0, "y": 0, "width": 1, "height": 1}], kind="softer"),
            "Softer, 2.4 s",
        ),
        (segment("changed", [4, 6], [8, 10], distance=1.0), "Replaced shot, 2.0 s"),
        (segment("changed", [4, 6], [4, 6], distance=1.2), "Changed, 2.0 s"),
    ],
)
def test_a_title_describes_the_difference(row, text):
    assert wording.title(row) == text


@pytest.mark.parametrize(
    ("regions", "text"),
    [
        ([], "Changed"),
        ([{"x": 0, "y": 0, "width": 1, "height": 0.95}], "Changed, whole picture"),
        ([{"x": 0.4, "y": 0.4, "width": 0.2, "height": 0.2}], "Changed, centre"),
        ([{"x": 0.2, "y": 0.85, "width": 0.6, "height": 0.1}], "Changed, bottom"),
        (
            [{"x": 0, "y": 0, "width": 0.1, "height": 0.1}, {"x": 0.8, "y": 0.8, "width": 0.05, "height": 0.05}],
            "Changed, top left and 1 more area",
        ),
    ],
)
def test_a_title_describes_the_changed_area(regions, text):
    assert wording.title(segment("changed", [0, 1], [0, 1], regions=regions)) == f"{text}, 1.0 s"


def test_times_name_both_sides():
    new, removed = segment("inserted", None, [4, 8], follows=3.5), segment("deleted", [6, 8], follows=10)
    assert wording.times(new) == "0:04.00 – 0:08.00 in B, after 0:03.50 in A"
    assert wording.times(removed) == "0:06.00 – 0:08.00 in A, after 0:10.00 in B"


def test_the_side_without_a_part_is_only_called_empty_if_it_shows_the_footage_nowhere():
    removed = segment("deleted", [6, 8], follows=10)
    assert wording.absence(removed, "B") == "Not in B"
    assert wording.absence({**removed, "also_at": 25.5}, "B") == "In B at 0:25.50"


def test_an_inserted_shot_at_the_start_is_described():
    new = segment("inserted", None, [0, 8], follows=0)
    assert wording.times(new) == "0:00.00 – 0:08.00 in B, before the start of A"


def test_a_move_names_both_places():
    assert wording.times(segment("moved", [1, 2.5], [6, 7.5])) == "0:01.00 – 0:02.50 in A, now at 0:06.00 in B"


@pytest.mark.parametrize(
    ("transform", "text"),
    [
        ({"kind": "mirror", "value": "horizontal"}, "Mirrored"),
        ({"kind": "mirror", "value": "vertical"}, "Flipped vertically"),
        ({"kind": "mirror", "value": "both"}, "Rotated 180°"),
        ({"kind": "speed", "value": 1.1}, "Speed 1.1\u00a0×"),
        ({"kind": "speed", "value": 0.999}, "Speed 0.999\u00a0×"),
        ({"kind": "speed", "value": 1.0427}, "Speed 1.0427\u00a0×"),
        ({"kind": "crop", "value": {"side": "a", "x": 0.1, "y": 0.1, "width": 0.8, "height": 0.8}}, "Cropped to 80 %"),
        (
            {"kind": "crop", "value": {"side": "b", "x": 0, "y": 0, "width": 0.5, "height": 0.5}},
            "A is cropped to 50 %",
        ),
        ({"kind": "letterbox", "value": {"side": "b", "x": 0, "y": 0.1, "width": 1, "height": 0.8}}, "Letterboxed"),
        (
            {"kind": "inset", "value": {"side": "b", "x": 0, "y": 0.1, "width": 0.5, "height": 0.5}},
            "Picture in picture",
        ),
        ({"kind": "rotation", "value": {"side": "b", "angle": 3.04}}, "Rotated 3° clockwise"),
        ({"kind": "rotation", "value": {"side": "a", "angle": 7.5}}, "Rotated 7.5° anticlockwise"),
        ({"kind": "lens", "value": {}}, "Other lens distortion"),
        ({"kind": "recolour", "value": "negative"}, "Negative"),
        ({"kind": "recolour", "value": "coloured"}, "A is without colour"),
        ({"kind": "recolour", "value": "bgr"}, "Colour channels exchanged (RGB from BGR)"),
        ({"kind": "colour_matrix", "value": "601_to_709"}, "Wrong colour matrix (BT.709 shown as BT.601)"),
        ({"kind": "colour_range", "value": "full_to_limited"}, "Wrong colour range (limited shown as full)"),
        ({"kind": "grade", "value": {}}, "Colour graded"),
    ],
)
def test_a_transform_has_a_short_description(transform, text):
    assert wording.transform(transform) == text


@pytest.mark.parametrize(
    ("similarity", "differing", "text"),
    [(100.0, 0, "100.0"), (99.99, 1, "99.9"), (99.96, 0, "100.0"), (99.84, 2, "99.8"), (0.0, 1, "0.0")],
)
def test_similarity_stays_below_100_while_something_differs(similarity, differing, text):
    assert wording.percent(similarity, differing) == text


MIRRORED = {"kind": "mirror", "value": "horizontal"}
CROPPED = {"kind": "crop", "value": {"side": "b", "x": 0, "y": 0, "width": 0.5, "height": 0.5}}


@pytest.mark.parametrize(
    ("differing", "mode", "transforms", "text"),
    [
        (0, "aligned", [], "Both videos look the same throughout."),
        (2, "aligned", [], "No differences at this sensitivity."),
        (0, "interval", [], "No differences at this sensitivity."),
        (0, "aligned", [MIRRORED, CROPPED], "Throughout: Mirrored, A is cropped to 50 %. Nothing else differs."),
        (1, "aligned", [MIRRORED], "Throughout: Mirrored. No other differences at this sensitivity."),
    ],
)
def test_the_text_of_an_empty_list_depends_on_mode_threshold_and_transforms(differing, mode, transforms, text):
    script = {"mode": mode, "differing_segments": differing, "transforms": transforms}
    assert wording.nothing_differs(script) == text


def test_the_summary_compares_the_length_of_b_with_a():
    assert wording.summary({"duration_a": 10.0, "duration_b": 12.0}) == "B is 2.0 s longer"
    assert wording.summary({"duration_a": 12.0, "duration_b": 10.0}) == "B is 2.0 s shorter"
    assert wording.summary({"duration_a": 5.0, "duration_b": 5.01}) == "Both have the same length"


@pytest.mark.parametrize(
    ("at", "shown"),
    [(0, "0:00.00"), (59.999, "1:00.00"), (75.5, "1:15.50"), (3599.996, "1:00:00.00"), (4503, "1:15:03.00")],
)
def test_the_clock_carries_over_at_the_minute_and_the_hour(at, shown):
    assert wording.clock(at) == shown
