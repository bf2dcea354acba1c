"""Store the counts in Redis for all machines, or in the process while Redis is unavailable."""

import logging
import threading
import time

from django.conf import settings
from redis.exceptions import RedisError

from sage.limits.rates import Rate, RateLimitStatus, WindowCounts, decide
from sage.redis_client import get_client

log = logging.getLogger(__name__)
REDIS_TIMEOUT_SECONDS = 0.5  # a request waits at most this long to be counted
REDIS_RETRY_SECONDS = 5  # after a failure, count in the process for this long
MAX_CLIENTS = 50_000  # counts kept in one process
CLOCK = time.time

# `decide` of rates.py as one atomic script. KEYS[1] is the client and scope; ARGV are limit, seconds, now and peek.
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
    """Counts requests per client and scope. It never raises: without Redis it counts in the process."""

    def __init__(self) -> None:
        self._local: dict[str, tuple[WindowCounts, float]] = {}  # counts and their expiry
        self._lock = threading.Lock()
        self._redis_retry_at = 0.0

    def count(self, key: str, rate: Rate, *, peek: bool = False) -> RateLimitStatus:
        """Count one request for `key` and return whether it is allowed. With `peek` nothing is counted."""
        now = CLOCK()
        if time.monotonic() >= self._redis_retry_at:
            try:
                is_allowed, counts = self._count_in_redis(key, rate, now, peek)
                return RateLimitStatus.of(is_allowed, counts, rate, now)
            except (RedisError, OSError) as error:
                self._redis_retry_at = time.monotonic() + REDIS_RETRY_SECONDS
                log.warning("limits: Redis is unavailable (%s); each process counts on its own", error)
        is_allowed, counts = self._count_locally(key, rate, now, peek)
        return RateLimitStatus.of(is_allowed, counts, rate, now)

    def _count_in_redis(self, key: str, rate: Rate, now: float, peek: bool) -> tuple[bool, WindowCounts]:
        script = get_client(settings.REDIS_URL, REDIS_TIMEOUT_SECONDS).register_script(SCRIPT)
        result = script(keys=[f"sage-limits:{key}"], args=[rate.limit, rate.seconds, now, int(peek)])
        is_allowed, window, current, previous = (int(value) for value in result)
        return bool(is_allowed), WindowCounts(window, current, previous)

    def _count_locally(self, key: str, rate: Rate, now: float, peek: bool) -> tuple[bool, WindowCounts]:
        with self._lock:
            if len(self._local) >= MAX_CLIENTS:
                self._local = {key: entry for key, entry in self._local.items() if entry[1] > now}
                if len(self._local) >= MAX_CLIENTS:
                    self._local.clear()
            counts, _ = self._local.get(key, (WindowCounts(), 0.0))
            is_allowed, counts = decide(counts, rate, now, peek=peek)
            self._local[key] = counts, now + 2 * rate.seconds
        return is_allowed, counts


counters = Counters()
