"""Marks of panels in the timeline."""

from videos.panels import MAX_MARKS, TimelineMark, place_marks


def test_few_marks_are_all_drawn():
    marks = [TimelineMark(start=second, label=str(second), url="/") for second in (1, 1, 2, 200)]

    assert [mark["x"] for mark in place_marks(marks, 100)] == [1.0, 1.0, 2.0]
    assert place_marks(marks, None) == []


def test_many_marks_that_cover_one_another_are_drawn_as_the_first():
    marks = [
        TimelineMark(
            start=number / 10, end=number / 10 + 5 if number == 1 else None, label=str(number), url=f"/{number}"
        )
        for number in range(10 * MAX_MARKS)
    ]

    placed = place_marks(marks, MAX_MARKS)

    assert len(placed) == MAX_MARKS
    assert (placed[0]["label"], placed[0]["url"], placed[0]["end"]) == ("0 (and 9 more)", "/0", 5.1)
