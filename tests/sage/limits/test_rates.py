import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sage.limits import counters as counting
from sage.limits.counters import Counters
from sage.limits.rates import Counted, Rate, Verdict, step

TEN = Rate(10, 60)


@pytest.mark.parametrize(("text", "rate"), [("60/m", Rate(60, 60)), (" 100/h ", Rate(100, 3600)), ("1/s", Rate(1, 1))])
def test_a_rate_is_read(text, rate):
    assert Rate.read(text) == rate


@pytest.mark.parametrize("text", [" ", "60", "0/m", "-1/m", "60/w", "1.5/s", "many/m", "60/m/ip"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(ValueError, match=re.escape(text)):
        Rate.read(text)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 20), st.lists(st.integers(0, 20), min_size=1, max_size=60))
def test_no_window_lets_more_than_about_the_rate_through_and_waiting_as_told_always_helps(most, pauses):
    rate, counted, now, passed = Rate(most, 60), Counted(), 1_000_000.0, []
    for pause in pauses:
        now += pause
        allowed, counted = step(counted, rate, now)
        verdict = Verdict.of(allowed, counted, rate, now)
        if allowed:
            passed.append(now)
        else:
            assert step(counted, rate, now + verdict.reset_in_seconds)[0]
        assert 0 <= verdict.remaining < most and 1 <= verdict.reset_in_seconds <= 120
    fixed = [sum(start <= one < start + 60 for one in passed) for start in {one // 60 * 60 for one in passed}]
    assert max(fixed) <= most
    assert max(sum(start <= one < start + 60 for one in passed) for start in passed) < 2 * most or most == 1


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.lists(st.tuples(st.floats(0, 40), st.booleans()), min_size=1, max_size=20))
def test_redis_and_a_process_by_itself_count_alike(most, asked):
    together, rate, now = Counters(), Rate(most, 60), 1_000_000.0
    counted, key = Counted(), uuid.uuid4()
    for pause, only_look in asked:
        now += pause
        here = step(counted, rate, now, only_look=only_look)
        counted = here[1]
        assert together._together(str(key), rate, now, only_look) == here


def test_what_is_refused_does_not_count(monkeypatch):
    monkeypatch.setattr(counting, "CLOCK", lambda: 1_000_000.0)
    counters = Counters()
    for _ in range(10):
        assert counters.count("a", TEN).is_allowed

    told = {counters.count("a", TEN) for _ in range(50)}

    assert {one.is_allowed for one in told} == {False}
    assert counters.count("b", TEN).is_allowed
    monkeypatch.setattr(counting, "CLOCK", lambda: 1_000_000.0 + told.pop().reset_in_seconds)
    assert counters.count("a", TEN).is_allowed


def test_many_threads_get_exactly_what_there_is(monkeypatch):
    monkeypatch.setattr(counting, "CLOCK", lambda: 1_000_000.0)
    for away_until in (0.0, float("inf")):  # in Redis, and in the process
        counters = Counters()
        counters._away_until = away_until
        with ThreadPoolExecutor(16) as pool:
            asked = [pool.submit(counters.count, "many", Rate(100, 60)) for _ in range(300)]
        assert sum(one.result().is_allowed for one in asked) == 100


def test_those_who_asked_long_ago_are_forgotten(monkeypatch):
    monkeypatch.setattr(counting, "MOST_KEPT", 10)
    counters = Counters()
    counters._away_until = float("inf")
    for number in range(1000):
        counters.count(str(number), TEN)

    assert len(counters._kept) <= 10
