import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from videos.diff.parallel import MOST_PROCESSES, count_cores, map_aside, map_parallel


@pytest.fixture
def always_shared(monkeypatch):
    """Share even the shortest work with a second process."""
    monkeypatch.setattr("videos.diff.parallel.count_cores", lambda: 2)
    monkeypatch.setattr("videos.diff.parallel.MEASURED_SECONDS", 0)
    monkeypatch.setattr("videos.diff.parallel.MIN_SHARED_SECONDS", 0)


def test_results_come_in_the_order_of_the_items():
    assert map_parallel(lambda item: item * item, range(100)) == [item * item for item in range(100)]


def test_progress_rises_to_one():
    shares: list[float] = []
    map_parallel(str, range(4), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_no_items_give_no_results():
    assert map_parallel(str, []) == []


def test_the_progress_callback_may_stop_the_work():
    started: list[int] = []

    def work(item: int) -> None:
        started.append(item)
        time.sleep(0.1 if item else 0)

    def cancel(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        map_parallel(work, range(200), cancel)
    assert len(started) < 200


def test_an_error_is_raised():
    with pytest.raises(ZeroDivisionError):
        map_parallel(lambda item: 1 // item, [1, 0])


@pytest.mark.parametrize(("seconds", "processes"), [(0.01, 1), (0.06, 2)])
def test_only_work_that_takes_long_is_shared(monkeypatch, seconds, processes):
    clock = [0.0]
    monkeypatch.setattr("videos.diff.parallel.count_cores", lambda: 2)
    monkeypatch.setattr("videos.diff.parallel.time", SimpleNamespace(monotonic=lambda: clock[0]))

    def work(_: int) -> int:
        clock[0] += seconds
        return os.getpid()

    assert len(set(map_parallel(work, range(20)))) == processes


@pytest.mark.usefixtures("always_shared")
def test_a_killed_process_is_reported():
    parent = os.getpid()

    def work(item: int) -> None:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(RuntimeError, match="without a result"):
        map_parallel(work, range(4))


@pytest.mark.usefixtures("always_shared")
def test_nested_calls_start_no_processes():
    def work(item: int) -> set[int]:
        return set(map_parallel(lambda _: os.getpid(), range(4)))

    found = map_parallel(work, range(2))
    assert len(found[1]) == 1
    assert found[1] != found[0]


def list_children() -> set[str]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {pid for task in tasks for pid in task.read_text().split()}


@pytest.mark.usefixtures("always_shared")
def test_no_process_is_left_after_a_stop():
    before = list_children()

    def cancel(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        map_parallel(lambda item: time.sleep(0.01 if item == 0 else 60), range(2), cancel)
    assert list_children() == before


@pytest.mark.usefixtures("always_shared")
def test_work_aside_is_done_in_another_process_and_comes_in_order():
    with map_aside(lambda item: (item, os.getpid()), "abc") as wait:
        found = wait()
    assert [item for item, _ in found] == ["a", "b", "c"]
    assert os.getpid() not in {process for _, process in found}


@pytest.mark.usefixtures("always_shared")
def test_short_work_is_not_done_aside():
    with map_aside(lambda _: os.getpid(), range(2), is_long=False) as wait:
        assert wait() == [os.getpid()] * 2


def test_work_aside_is_done_here_on_a_single_core(monkeypatch):
    monkeypatch.setattr("videos.diff.parallel.count_cores", lambda: 1)
    with map_aside(lambda _: os.getpid(), range(2)) as wait:
        assert wait() == [os.getpid()] * 2


@pytest.mark.usefixtures("always_shared")
def test_an_error_aside_is_raised_by_the_wait():
    with map_aside(lambda item: 1 // item, [1, 0]) as wait, pytest.raises(ZeroDivisionError):
        wait()


@pytest.mark.usefixtures("always_shared")
def test_no_process_aside_is_left_after_a_stop():
    before = list_children()
    with pytest.raises(KeyboardInterrupt), map_aside(lambda _: time.sleep(60), range(2)):
        raise KeyboardInterrupt
    assert list_children() == before


@pytest.mark.usefixtures("always_shared")
def test_as_many_processes_run_at_once_as_the_sandbox_is_told(monkeypatch):
    monkeypatch.setattr("videos.diff.parallel.count_cores", lambda: 4)
    before, parent, seen = list_children(), os.getpid(), []

    def work(_: int) -> None:
        if os.getpid() == parent:
            seen.append(1 + len(list_children() - before))

    with map_aside(lambda _: time.sleep(60), [None]):
        map_parallel(work, range(8))
    assert max(seen) == MOST_PROCESSES


def test_there_is_at_least_one_core():
    assert count_cores() >= 1
