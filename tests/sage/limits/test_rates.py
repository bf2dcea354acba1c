import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sage.limits import counters as counting
from sage.limits.counters import Counters
from sage.limits.rates import Rate, RateLimitStatus, WindowCounts, decide

TEN = Rate(10, 60)


@pytest.mark.parametrize(("text", "rate"), [("60/m", Rate(60, 60)), (" 100/h ", Rate(100, 3600)), ("1/s", Rate(1, 1))])
def test_a_rate_is_parsed(text, rate):
    assert Rate.parse(text) == rate


@pytest.mark.parametrize("text", [" ", "60", "0/m", "-1/m", "60/w", "1.5/s", "many/m", "60/m/ip"])
def test_an_invalid_rate_is_refused(text):
    with pytest.raises(ValueError, match=re.escape(text)):
        Rate.parse(text)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 20), st.lists(st.integers(0, 20), min_size=1, max_size=60))
def test_no_window_allows_much_more_than_the_rate_and_waiting_until_the_reset_helps(most, pauses):
    rate, counted, now, passed = Rate(most, 60), WindowCounts(), 1_000_000.0, []
    for pause in pauses:
        now += pause
        allowed, counted = decide(counted, rate, now)
        status = RateLimitStatus.of(allowed, counted, rate, now)
        if allowed:
            passed.append(now)
        else:
            assert decide(counted, rate, now + status.reset_in_seconds)[0]
        assert 0 <= status.remaining < most and 1 <= status.reset_in_seconds <= 120
    fixed = [sum(start <= one < start + 60 for one in passed) for start in {one // 60 * 60 for one in passed}]
    assert max(fixed) <= most
    assert max(sum(start <= one < start + 60 for one in passed) for start in passed) < 2 * most or most == 1


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.lists(st.tuples(st.floats(0, 40), st.booleans()), min_size=1, max_size=20))
def test_redis_and_the_process_count_the_same(most, requests):
    counters, rate, now = Counters(), Rate(most, 60), 1_000_000.0
    counted, key = WindowCounts(), uuid.uuid4()
    for pause, peek in requests:
        now += pause
        local = decide(counted, rate, now, peek=peek)
        counted = local[1]
        assert counters._count_in_redis(str(key), rate, now, peek) == local


def test_refused_requests_are_not_counted(monkeypatch):
    monkeypatch.setattr(counting, "CLOCK", lambda: 1_000_000.0)
    counters = Counters()
    for _ in range(10):
        assert counters.count("a", TEN).is_allowed

    refused = {counters.count("a", TEN) for _ in range(50)}

    assert {status.is_allowed for status in refused} == {False}
    assert counters.count("b", TEN).is_allowed
    monkeypatch.setattr(counting, "CLOCK", lambda: 1_000_000.0 + refused.pop().reset_in_seconds)
    assert counters.count("a", TEN).is_allowed


def test_concurrent_requests_get_exactly_the_limit(monkeypatch):
    monkeypatch.setattr(counting, "CLOCK", lambda: 1_000_000.0)
    for retry_at in (0.0, float("inf")):  # in Redis and in the process
        counters = Counters()
        counters._redis_retry_at = retry_at
        with ThreadPoolExecutor(16) as pool:
            requests = [pool.submit(counters.count, "many", Rate(100, 60)) for _ in range(300)]
        assert sum(one.result().is_allowed for one in requests) == 100


def test_old_counts_are_removed_from_the_process(monkeypatch):
    monkeypatch.setattr(counting, "MAX_CLIENTS", 10)
    counters = Counters()
    counters._redis_retry_at = float("inf")
    for number in range(1000):
        counters.count(str(number), TEN)

    assert len(counters._local) <= 10
