"""How long something is, as people write it."""

import math
import re

ASKED = "Give a length in seconds, as MM:SS, or as HH:MM:SS."
WRITTEN = re.compile(
    r"(?:(?:(?P<hours>\d{1,4}):(?=\d\d:))?(?P<minutes>\d{1,5}):(?=\d\d(?:\.|$)))?(?P<seconds>\d{1,8}(?:\.\d{1,9})?)"
)
MOST_SECONDS = 10**7


def seconds_of(said: str | float) -> float:
    """`90`, `90.5`, `1:30` and `0:01:30` in seconds. Raises `ValueError`, whose words say what to give instead.

    After an hour minutes are under 60; after a minute seconds are. Without hours, minutes may be more: `75:03`.
    """
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        raise ValueError(ASKED)
    seconds = _written(said.strip()) if isinstance(said, str) else float(said)
    if not math.isfinite(seconds) or not 0 <= seconds <= MOST_SECONDS:
        raise ValueError(ASKED)
    return seconds


def _written(said: str) -> float:
    found = WRITTEN.fullmatch(said)
    if not found or not said.isascii():
        raise ValueError(ASKED)
    hours, minutes, seconds = (float(found[name] or 0) for name in ("hours", "minutes", "seconds"))
    if (found["hours"] and minutes >= 60) or (found["minutes"] and seconds >= 60):
        raise ValueError(ASKED)
    return hours * 3600 + minutes * 60 + seconds
