"""Read the timestamps of notes."""

import re

from sage.durations import MOST_SECONDS, format_timestamp
from sage.errors import InvalidInput

INVALID = "Enter a time of the video as m:ss or h:mm:ss, such as 1:05."
TIMESTAMP = re.compile(r"(?:(\d{1,4}):(?=\d\d:))?(\d{1,6}):(\d\d)", re.ASCII)


def parse_timestamp(text: str) -> float:
    """Return the seconds of `m:ss` or `h:mm:ss`. Raises `ValueError`.

    Seconds, and minutes after hours, have two digits and are below 60. Without hours, minutes may be more: `75:03`.
    """
    match = TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError(INVALID)
    hours, minutes, seconds = (int(group or 0) for group in match.groups())
    if seconds >= 60 or (match[1] is not None and (minutes >= 60 or len(match[2]) != 2)):
        raise ValueError(INVALID)
    total = hours * 3600 + minutes * 60 + seconds
    if total > MOST_SECONDS:
        raise ValueError(INVALID)
    return float(total)


def check_times(seconds: float, end_seconds: float | None, duration: float | None) -> None:
    """Raise `InvalidInput` if a time is beyond the end of the video, or the end is not after the start."""
    if duration is not None:
        for field, value in (("timestamp", seconds), ("end_timestamp", end_seconds)):
            if value is not None and value > duration:
                message = f"This is after the end of the video. Enter a time up to {format_timestamp(duration)}."
                raise InvalidInput.field(field, message, "out_of_range")
    if end_seconds is not None and end_seconds <= seconds:
        raise InvalidInput.field("end_timestamp", "The end must be after the start. Enter a later end.", "out_of_range")
