import pytest

from notes.timestamps import check_times, parse_timestamp
from sage.durations import format_timestamp
from sage.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "shown"),
    [("0:00", "0:00"), ("1:05", "1:05"), ("75:03", "1:15:03"), ("1:15:03", "1:15:03"), ("01:05", "1:05")],
)
def test_a_timestamp_is_read_and_written_in_one_form(text, shown):
    assert format_timestamp(parse_timestamp(text)) == shown


@pytest.mark.parametrize(
    "text", ["", "1:2", "99:99", "1:60", "1:60:00", "1:5:00", "-1:05", "65", "1:05.5", "١:٠٥", " 1:05", "1:05\n"]
)
def test_other_forms_are_refused(text):
    with pytest.raises(ValueError, match="m:ss"):
        parse_timestamp(text)


@pytest.mark.parametrize(
    ("start", "end", "field"), [(61, None, "timestamp"), (1, 61, "end_timestamp"), (5, 5, "end_timestamp")]
)
def test_times_are_within_the_video_and_in_order(start, end, field):
    with pytest.raises(InvalidInput) as refused:
        check_times(start, end, 60.0)

    assert refused.value.details[0]["field"] == field
