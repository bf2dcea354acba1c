import os
import signal
import time
from pathlib import Path

import pytest

from videos.diff.cores import cores, shared_out


def test_results_come_in_the_order_of_the_items():
    assert shared_out(lambda item: item * item, range(100)) == [item * item for item in range(100)]


def test_the_share_done_grows_to_one():
    shares: list[float] = []
    shared_out(str, range(4), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_nothing_is_nothing():
    assert shared_out(str, []) == []


def test_whoever_is_told_may_end_it_all():
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        time.sleep(0.1 if item else 0)

    def cancel(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shared_out(work, range(200), cancel)
    assert len(begun) < 200


def test_a_failure_is_raised():
    with pytest.raises(ZeroDivisionError):
        shared_out(lambda item: 1 // item, [1, 0])


def test_a_copy_that_is_killed_is_told(monkeypatch):
    monkeypatch.setattr("videos.diff.cores.cores", lambda: 2)
    here = os.getpid()

    def work(item: int) -> None:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(RuntimeError, match="without a result"):
        shared_out(work, range(4))


def test_work_within_work_makes_no_further_copies(monkeypatch):
    monkeypatch.setattr("videos.diff.cores.cores", lambda: 2)

    def work(item: int) -> set[int]:
        return set(shared_out(lambda _: os.getpid(), range(4)))

    found = shared_out(work, range(2))
    assert len(found[1]) == 1
    assert found[1] != found[0]


def children() -> set[str]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {pid for task in tasks for pid in task.read_text().split()}


def test_no_copy_is_left_when_it_is_ended(monkeypatch):
    monkeypatch.setattr("videos.diff.cores.cores", lambda: 3)
    before = children()

    def cancel(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shared_out(lambda item: time.sleep(0.01 if item == 0 else 60), range(3), cancel)
    assert children() == before


def test_there_is_one_core_at_least():
    assert cores() >= 1
