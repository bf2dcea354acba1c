"""Compute rate limits with a sliding window. Pure functions without Redis or Django.

The count of the previous window is weighted by the share of it that the sliding window still covers (Cloudflare, "How
we built rate limiting capable of scaling to millions of domains", 2017). Two numbers per client are enough for any
rate. The result is exact if the requests of the previous window were spread evenly.
"""

import dataclasses
import math
import re

UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclasses.dataclass(frozen=True, slots=True)
class Rate:
    """A limit of `limit` requests per `seconds`."""

    limit: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Return the rate of a text such as `60/m`; the units are s, m, h and d. Raises ValueError."""
        match = re.fullmatch(r"([0-9]{1,9})/([smhd])", text.strip())
        if not match or int(match[1]) < 1:
            raise ValueError(text)
        return cls(int(match[1]), UNIT_SECONDS[match[2]])


@dataclasses.dataclass(frozen=True, slots=True)
class WindowCounts:
    """The counts of one client: in the window with the number `window`, and in the window before it."""

    window: int = 0
    current: int = 0
    previous: int = 0

    def advance(self, rate: Rate, now: float) -> "WindowCounts":
        """Return the counts as of `now`, in seconds since the epoch."""
        window = int(now // rate.seconds)
        if window == self.window:
            return self
        return WindowCounts(window, 0, self.current if window == self.window + 1 else 0)

    def weigh(self, rate: Rate, now: float) -> float:
        """Return the weighted count at `now`, which must be in the current window."""
        return self.previous * (1 - now % rate.seconds / rate.seconds) + self.current


@dataclasses.dataclass(frozen=True, slots=True)
class RateLimitStatus:
    """Whether a request is allowed, how many more are, and in how many seconds more are allowed again."""

    is_allowed: bool
    limit: int
    remaining: int
    reset_in_seconds: int

    @classmethod
    def of(cls, is_allowed: bool, counts: WindowCounts, rate: Rate, now: float) -> "RateLimitStatus":
        """Return the status for the counts after the decision at `now`."""
        remaining = max(0, math.floor(rate.limit - counts.weigh(rate, now)))
        window_left = rate.seconds - now % rate.seconds
        wait = window_left if is_allowed else _seconds_until_allowed(counts, rate, window_left)
        return cls(is_allowed, rate.limit, remaining if is_allowed else 0, max(1, math.ceil(wait)))

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_in_seconds),
        }


def describe_wait(seconds: int) -> str:
    """Return the message for a client that may retry in `seconds`."""
    wait = "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"Too many requests in a short time. Nothing was changed. Please wait {wait}, then try again."


def decide(counts: WindowCounts, rate: Rate, now: float, *, peek: bool = False) -> tuple[bool, WindowCounts]:
    """Return whether one more request is allowed, and the new counts.

    A refused request is not counted, because otherwise a client that keeps retrying would never be allowed again.
    With `peek` an allowed request is not counted either.
    """
    counts = counts.advance(rate, now)
    is_allowed = counts.weigh(rate, now) + 1 <= rate.limit
    if is_allowed and not peek:
        counts = dataclasses.replace(counts, current=counts.current + 1)
    return is_allowed, counts


def _seconds_until_allowed(counts: WindowCounts, rate: Rate, window_left: float) -> float:
    """Return the seconds until the weighted count is low enough; `window_left` is the rest of this window."""
    free = rate.limit - 1 - counts.current
    if free >= 0:  # this window has room once the previous one weighs less
        return window_left - rate.seconds * free / counts.previous
    return window_left + rate.seconds * (1 - (rate.limit - 1) / counts.current)
