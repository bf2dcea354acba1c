import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.lengths import seconds_of


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (90, 90),
        (90.5, 90.5),
        ("90", 90),
        (" 90.25 ", 90.25),
        ("1:30", 90),
        ("01:30", 90),
        ("75:03", 4503),
        ("1:15:03", 4503),
        ("01:15:03.5", 4503.5),
        ("0", 0),
    ],
)
def test_lengths_are_read_in_seconds_minutes_and_hours(said, seconds):
    assert seconds_of(said) == seconds


@pytest.mark.parametrize(
    "said",
    ["", "1:2", "1:60", "1:60:00", "1:2:03", "1:2:3:4", ":30", "1:", "-1", "1e3", "nan", "١:٣٠", "99999999"],
)
def test_a_text_that_is_no_length_is_told_what_would_be(said):
    with pytest.raises(ValueError, match="seconds, as MM:SS"):
        seconds_of(said)


@pytest.mark.parametrize(
    "said",
    [True, None, -1, 1e9, float("nan"), float("inf")],
)
def test_what_is_no_length_is_told_what_would_be(said):
    with pytest.raises(ValueError, match="seconds, as MM:SS"):
        seconds_of(said)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_all_ways_to_write_it_are_the_same_length(hours, minutes, seconds):
    whole = hours * 3600 + minutes * 60 + seconds

    assert seconds_of(f"{hours}:{minutes:02}:{seconds:02}") == whole
    assert seconds_of(f"{hours * 60 + minutes}:{seconds:02}") == seconds_of(str(whole)) == seconds_of(whole) == whole
