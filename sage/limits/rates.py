"""How often is often: a rate, and a window that slides over what was counted. Pure.

What was counted in the window before this one weighs by the share of it that is not yet past. So no more than the rate
gets through in any window, give or take how evenly requests came in the one before (Cloudflare, "How we built rate
limiting capable of scaling to millions of domains", 2017), and there are two numbers to keep, however high the rate.
"""

import dataclasses
import math
import re

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclasses.dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds."""

    most: int
    seconds: int

    @classmethod
    def read(cls, text: str) -> "Rate":
        """`60/m` is sixty a minute; `s`, `h` and `d` stand for second, hour and day. Raises ValueError."""
        found = re.fullmatch(r"([0-9]{1,9})/([smhd])", text.strip())
        if not found or int(found[1]) < 1:
            raise ValueError(text)
        return cls(int(found[1]), SECONDS[found[2]])


@dataclasses.dataclass(frozen=True, slots=True)
class Counted:
    """What is kept of one who asks: the number of the window, how many in it, how many in the one before it."""

    window: int = 0
    now: int = 0
    before: int = 0

    def at(self, rate: Rate, seconds: float) -> "Counted":
        """The same as seen at another time."""
        window = int(seconds // rate.seconds)
        if window == self.window:
            return self
        return Counted(window, 0, self.now if window == self.window + 1 else 0)

    def used(self, rate: Rate, seconds: float) -> float:
        """How many weigh at this time, which lies in the window."""
        return self.before * (1 - seconds % rate.seconds / rate.seconds) + self.now


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one more may pass, how many after it, and in how many seconds that changes for the better."""

    is_allowed: bool
    limit: int
    remaining: int
    reset_in_seconds: int

    @classmethod
    def of(cls, is_allowed: bool, counted: Counted, rate: Rate, seconds: float) -> "Verdict":
        """`counted` is as it stands after the decision, at `seconds`."""
        left = max(0, math.floor(rate.most - counted.used(rate, seconds)))
        rest = rate.seconds - seconds % rate.seconds
        wait = rest if is_allowed else _until_one_more(counted, rate, rest)
        return cls(is_allowed, rate.most, left if is_allowed else 0, max(1, math.ceil(wait)))

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_in_seconds),
        }


def too_often(seconds: int) -> str:
    """What is said to whoever may come again in so many seconds."""
    wait = "a second" if seconds == 1 else f"{seconds} seconds"
    return f"This was asked for too often in a short time. Nothing was changed; wait {wait}, then try again."


def step(counted: Counted, rate: Rate, seconds: float, *, only_look: bool = False) -> tuple[bool, Counted]:
    """Whether one more may pass, and what is to be kept then. What is refused is not counted, or nobody who goes on
    asking would ever get in again."""
    counted = counted.at(rate, seconds)
    is_allowed = counted.used(rate, seconds) + 1 <= rate.most
    if is_allowed and not only_look:
        counted = dataclasses.replace(counted, now=counted.now + 1)
    return is_allowed, counted


def _until_one_more(counted: Counted, rate: Rate, rest: float) -> float:
    """Seconds until enough of what was counted has slid out; `rest` is what is left of this window."""
    room = rate.most - 1 - counted.now
    if room >= 0:  # this window has room as soon as the one before it weighs less
        return rest - rate.seconds * room / counted.before
    return rest + rate.seconds * (1 - (rate.most - 1) / counted.now)
