import pytest

from videos.media.screen_text.recognition import ReadLine
from videos.media.screen_text.tracking import ScreenLine, Track, is_text, match_readings, merge_lines

BOX = (0.1, 0.8, 0.4, 0.08)
TOP = (0.1, 0.1, 0.4, 0.08)


def track(*readings, start=0.0):
    return Track(start, start, [ReadLine(text, BOX, confidence) for text, confidence in readings])


def test_the_reading_with_most_confidence_in_total_is_kept():
    line = track(("Vale Trai1s", 0.97), ("Vale Trails", 0.95), ("Vale Trails", 0.96)).end_at(2.0)

    assert (line.text, line.confidence) == ("Vale Trails", 0.96)


@pytest.mark.parametrize(
    "readings", [[("Vale", 0.7), ("Vale", 0.75)], [("Vale", 0.9)], [("|", 0.99), ("|", 0.99)], [("", 0.0)]]
)
def test_uncertain_readings_are_no_line(readings):
    assert track(*readings).end_at(2.0) is None


@pytest.mark.parametrize(("text", "expected"), [("A", False), ("·—", False), ("OK", True), ("茶", True), ("", False)])
def test_a_shape_that_looks_like_a_letter_is_no_text(text, expected):
    assert is_text(text) is expected


def test_readings_continue_the_track_with_the_same_text_at_the_same_place():
    tracks = [track(("First line", 1)), track(("Second line", 1))]
    readings = [ReadLine("Second Iime", BOX, 0.9), ReadLine("Something else", BOX, 0.9)]

    assert match_readings(readings, tracks) == {0: 1}


def test_a_line_that_scrolls_continues_its_track():
    assert match_readings([ReadLine("Directed by", TOP, 1)], [track(("Directed by", 1))]) == {0: 0}


def test_a_line_that_is_written_letter_by_letter_is_one_line():
    assert match_readings([ReadLine("Harbour at", BOX, 1)], [track(("Harbo", 1))]) == {0: 0}


@pytest.mark.parametrize(
    ("first", "second"), [("Chapter 1", "Chapter 2"), ("Score 1", "Score 12"), ("Harbour at dawn", "Harbour at dusk")]
)
def test_a_similar_text_that_was_read_surely_is_another_line(first, second):
    assert match_readings([ReadLine(second, BOX, 0.99)], [track((first, 0.99))]) == {}


def test_another_text_at_the_same_place_is_another_line():
    assert match_readings([ReadLine("See you soon", BOX, 1)], [track(("Harbour at dawn", 1))]) == {}


def test_a_frame_that_was_read_with_mistakes_makes_no_line():
    lines = [
        ScreenLine(0, 1, "Turn left at the mill", BOX, 0.99),
        ScreenLine(1, 1.1, "Turn left at the milf", BOX, 0.97),
        ScreenLine(1.1, 2, "Turn left at the mill", BOX, 0.99),
    ]

    assert [(line.start, line.end, line.text) for line in merge_lines(lines)] == [(0, 2, "Turn left at the mill")]


def test_lines_with_a_short_gap_are_merged_and_others_are_not():
    lines = [
        ScreenLine(0, 1, "Vale Trails", BOX, 0.9),
        ScreenLine(1.5, 2, "Vale Trai1s", BOX, 0.8),
        ScreenLine(5, 6, "Vale Trails", BOX, 0.9),
        ScreenLine(1.5, 2, "Vale Trails", TOP, 0.9),
    ]

    merged = [(line.start, line.end, line.text) for line in merge_lines(lines)]

    assert merged == [(0, 2, "Vale Trails"), (1.5, 2, "Vale Trails"), (5, 6, "Vale Trails")]
