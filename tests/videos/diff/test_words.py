import pytest

from videos.diff import words


@pytest.mark.parametrize(
    ("at", "shown"),
    [(0, "0:00.00"), (59.999, "1:00.00"), (75.5, "1:15.50"), (3599.996, "1:00:00.00"), (4503, "1:15:03.00")],
)
def test_the_clock_turns_at_the_minute_and_the_hour(at, shown):
    assert words.clock(at) == shown


def test_equal_lengths_are_said_so():
    assert words.summary({"duration_a": 5.0, "duration_b": 5.01}) == "Both are equally long"


def test_a_longer_one_is_said_so():
    assert words.summary({"duration_a": 5.0, "duration_b": 7.0}) == "B is 2.0 s longer"
    assert words.summary({"duration_a": 7.0, "duration_b": 5.5}) == "B is 1.5 s shorter"
