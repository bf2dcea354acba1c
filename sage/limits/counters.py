"""Where counts are kept: in Redis, all machines together; while that is away, in each process by itself."""

import logging
import threading
import time

from django.conf import settings
from redis.exceptions import RedisError

from sage.limits.rates import Counted, Rate, Verdict, step
from sage.line import line

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 0.5  # a page does not wait longer than this to be counted
AWAY_SECONDS = 5  # for so long nobody asks a Redis that did not answer
MOST_KEPT = 50_000  # of those who ask, in a process
CLOCK = time.time

# `step` of rates.py, in one go: KEYS[1] is who asks for what; ARGV are the rate, the time, and whether only to look.
SCRIPT = """
local most, seconds, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'window', 'now', 'before')
local window, count, before = math.floor(now / seconds), 0, 0
local behind = window - tonumber(kept[1] or -1)
if behind == 0 then
  count, before = tonumber(kept[2]), tonumber(kept[3])
elseif behind == 1 then
  before = tonumber(kept[2])
end
local allowed = before * (1 - (now % seconds) / seconds) + count + 1 <= most
if allowed and ARGV[4] == '0' then
  count = count + 1
  redis.call('HSET', KEYS[1], 'window', window, 'now', count, 'before', before)
  redis.call('EXPIRE', KEYS[1], 2 * seconds)
end
return {allowed and 1 or 0, window, count, before}
"""


class Counters:
    """Counts who asks how often. Never raises: who cannot be counted together is counted here."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Counted, float]] = {}
        self._lock = threading.Lock()
        self._away_until = 0.0

    def count(self, key: str, rate: Rate, *, only_look: bool = False) -> Verdict:
        """Whether whoever `key` names may ask once more. With `only_look` it is not counted."""
        seconds = CLOCK()
        if time.monotonic() >= self._away_until:
            try:
                allowed, counted = self._together(key, rate, seconds, only_look)
                return Verdict.of(allowed, counted, rate, seconds)
            except (RedisError, OSError) as error:
                self._away_until = time.monotonic() + AWAY_SECONDS
                log.warning("limits: Redis is away (%s); each process counts by itself", error)
        allowed, counted = self._here(key, rate, seconds, only_look)
        return Verdict.of(allowed, counted, rate, seconds)

    def _together(self, key: str, rate: Rate, seconds: float, only_look: bool) -> tuple[bool, Counted]:
        script = line(settings.REDIS_URL, PATIENCE_SECONDS).register_script(SCRIPT)
        told = script(keys=[f"sage-limits:{key}"], args=[rate.most, rate.seconds, seconds, int(only_look)])
        allowed, window, now, before = (int(value) for value in told)
        return bool(allowed), Counted(window, now, before)

    def _here(self, key: str, rate: Rate, seconds: float, only_look: bool) -> tuple[bool, Counted]:
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept = {one: kept for one, kept in self._kept.items() if kept[1] > seconds}
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
            counted, _ = self._kept.get(key, (Counted(), 0.0))
            allowed, counted = step(counted, rate, seconds, only_look=only_look)
            self._kept[key] = counted, seconds + 2 * rate.seconds
        return allowed, counted


counters = Counters()
