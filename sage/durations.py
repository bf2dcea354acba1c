"""Parse durations that users write."""

import math
import re

INVALID = "Enter a duration in seconds, as MM:SS, or as HH:MM:SS."
PATTERN = re.compile(
    r"(?:(?:(?P<hours>\d{1,4}):(?=\d\d:))?(?P<minutes>\d{1,5}):(?=\d\d(?:\.|$)))?(?P<seconds>\d{1,8}(?:\.\d{1,9})?)"
)
MOST_SECONDS = 10**7  # about 116 days


def parse_duration(value: str | float) -> float:
    """Return the seconds of `90`, `90.5`, `1:30` or `0:01:30`. Raises `ValueError` with a message for the user.

    Minutes after hours and seconds after minutes are below 60. Without hours, minutes may be more: `75:03`.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(INVALID)
    seconds = _parse_text(value.strip()) if isinstance(value, str) else float(value)
    if not math.isfinite(seconds) or not 0 <= seconds <= MOST_SECONDS:
        raise ValueError(INVALID)
    return seconds


def _parse_text(value: str) -> float:
    match = PATTERN.fullmatch(value)
    if not match or not value.isascii():
        raise ValueError(INVALID)
    hours, minutes, seconds = (float(match[name] or 0) for name in ("hours", "minutes", "seconds"))
    if (match["hours"] and minutes >= 60) or (match["minutes"] and seconds >= 60):
        raise ValueError(INVALID)
    return hours * 3600 + minutes * 60 + seconds


def format_timestamp(seconds: float) -> str:
    """Return `m:ss` or `h:mm:ss`, rounded down."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
