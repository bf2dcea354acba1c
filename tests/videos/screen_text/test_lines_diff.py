import pytest

from videos.screen_text.lines_diff import VisibleLine, compare_lines, is_same

BOX = {"x": 0.1, "y": 0.8, "width": 0.4, "height": 0.08}
TOP = {"x": 0.1, "y": 0.1, "width": 0.4, "height": 0.08}


def line(text, start=1.0, end=3.0, box=BOX, confidence=0.99):
    return VisibleLine(start, end, text, box, confidence)


def segment(op, a, b):
    return {"op": op, "a": a, "b": b, "distance": None, "severity": None, "regions": []}


WHOLE = [segment("equal", [0.0, 60.0], [0.0, 60.0])]
CHANGED = [segment("changed", [0.0, 60.0], [0.0, 60.0])]


def summarise(changes):
    return [(change["op"], change["text_a"], change["text_b"]) for change in changes]


def test_equal_lines_are_no_change():
    assert compare_lines([line("Vale Trails")], [line("Vale Trails", 1.1, 2.9)], WHOLE) == []


def test_a_changed_line_names_the_old_and_the_new_text_with_its_place():
    (change,) = compare_lines([line("Open from 6:00")], [line("Open from 7:00")], WHOLE)

    assert change == {
        "op": "changed",
        "a": [1.0, 3.0],
        "b": [1.0, 3.0],
        "text_a": "Open from 6:00",
        "text_b": "Open from 7:00",
        "box": BOX,
    }


def test_added_and_removed_lines_are_in_the_order_of_b():
    changes = compare_lines(
        [line("Only in the first", 10, 12)], [line("Only in the second", 2, 4), line("Also new", 20, 22, TOP)], CHANGED
    )

    assert summarise(changes) == [
        ("inserted", "", "Only in the second"),
        ("deleted", "Only in the first", ""),
        ("inserted", "", "Also new"),
    ]


@pytest.mark.parametrize("op", ["moved", "equal", "changed"])
def test_a_line_that_moved_with_its_shot_is_no_change(op):
    script = [segment("inserted", None, [0.0, 5.0]), segment(op, [0.0, 10.0], [5.0, 15.0])]

    assert compare_lines([line("Chapter two", 2, 4)], [line("Chapter two", 7, 9)], script) == []


def test_a_line_in_footage_that_plays_faster_is_found_at_its_new_time():
    script = [segment("equal", [0.0, 20.0], [0.0, 10.0])]

    assert compare_lines([line("Chapter two", 16, 18)], [line("Chapter two", 8, 9)], script) == []


def test_a_line_over_new_footage_that_was_over_removed_footage_before_is_no_change():
    script = [
        segment("deleted", [0.0, 5.0], None),
        segment("equal", [5.0, 20.0], [0.0, 15.0]),
        segment("inserted", None, [15.0, 20.0]),
    ]

    assert compare_lines([line("Vale Trails", 1, 4)], [line("Vale Trails", 16, 19)], script) == []


def test_text_of_removed_footage_is_removed():
    script = [segment("deleted", [0.0, 5.0], None), segment("equal", [5.0, 20.0], [0.0, 15.0])]

    assert summarise(compare_lines([line("Old opening", 1, 4)], [], script)) == [("deleted", "Old opening", "")]


def test_one_line_that_an_inserted_shot_divides_is_no_change():
    script = [
        segment("equal", [0.0, 5.0], [0.0, 5.0]),
        segment("inserted", None, [5.0, 8.0]),
        segment("equal", [5.0, 10.0], [8.0, 13.0]),
    ]

    changes = compare_lines([line("Live", 0, 10)], [line("Live", 0, 5), line("Live", 8, 13)], script)

    assert changes == []


def test_two_lines_that_are_visible_at_once_are_told_apart_by_their_place():
    changes = compare_lines(
        [line("Ines Moreau"), line("Oslo", box=TOP)], [line("Ines Morel"), line("Bergen", box=TOP)], WHOLE
    )

    assert {(change["text_a"], change["text_b"]) for change in changes} == {
        ("Ines Moreau", "Ines Morel"),
        ("Oslo", "Bergen"),
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (line("Opening hours"), line("0pening hours")),
        (line("All rights reserved"), line("AIl  rights reserved.")),
        (line("Directed by Kofi Osei", confidence=0.9), line("Directed by Kofi Osel", confidence=0.88)),
        (line("Ｆｕｌｌ width"), line("Full width")),
    ],
)
def test_mistakes_of_reading_are_no_change(first, second):
    assert is_same(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (line("Opening hours"), line("Opening tours")),
        (line("Open from 6:00", confidence=0.9), line("Open from 7:00", confidence=0.9)),
        (line("cat", confidence=0.9), line("car", confidence=0.9)),
        (line("←"), line("→")),
    ],
)
def test_other_words_and_other_numbers_are_a_change(first, second):
    assert not is_same(first, second)


def test_an_uncertain_line_that_only_one_video_has_is_left_out():
    assert compare_lines([line("Blurred sign", confidence=0.82)], [], CHANGED) == []


def test_a_line_of_one_video_over_equal_footage_was_missed_in_the_other():
    script = [*WHOLE, segment("changed", [60.0, 70.0], [60.0, 70.0])]

    assert compare_lines([line("TAXI")], [line("Sign", 20, 22)], script) == []
    assert summarise(compare_lines([line("TAXI", 58, 62)], [], script)) == [("deleted", "TAXI", "")]


def test_lines_in_other_scripts_are_compared():
    changes = compare_lines([line("雅加达")], [line("雅加達")], WHOLE)

    assert summarise(changes) == [("changed", "雅加达", "雅加達")]


def test_many_lines_beside_one_that_is_always_visible_are_compared():
    script = [segment("equal", [0.0, 40_000.0], [0.0, 40_000.0])]
    lines = [line("watermark", 0, 40_000, TOP), *(line(f"line {n}", 2 * n, 2 * n + 1.5) for n in range(20_000))]

    assert compare_lines(lines, lines, script) == []
