import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.durations import parse_duration


@pytest.mark.parametrize(
    ("value", "seconds"),
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
def test_durations_are_parsed_in_all_formats(value, seconds):
    assert parse_duration(value) == seconds


@pytest.mark.parametrize(
    "value",
    ["", "1:2", "1:60", "1:60:00", "1:2:03", "1:2:3:4", ":30", "1:", "-1", "1e3", "nan", "١:٣٠", "99999999"],
)
def test_an_invalid_string_is_refused_with_the_formats(value):
    with pytest.raises(ValueError, match="seconds, as MM:SS"):
        parse_duration(value)


@pytest.mark.parametrize(
    "value",
    [True, None, -1, 1e9, float("nan"), float("inf")],
)
def test_an_invalid_value_is_refused_with_the_formats(value):
    with pytest.raises(ValueError, match="seconds, as MM:SS"):
        parse_duration(value)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_all_formats_give_the_same_duration(hours, minutes, seconds):
    whole = hours * 3600 + minutes * 60 + seconds

    assert parse_duration(f"{hours}:{minutes:02}:{seconds:02}") == whole
    assert (
        parse_duration(f"{hours * 60 + minutes}:{seconds:02}")
        == parse_duration(str(whole))
        == parse_duration(whole)
        == whole
    )
