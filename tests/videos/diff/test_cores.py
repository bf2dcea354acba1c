import time

import pytest

from videos.diff.cores import cores, shared_out


def test_results_come_in_the_order_of_the_items():
    assert shared_out(lambda item: item * item, range(100)) == [item * item for item in range(100)]


def test_the_share_done_grows_to_one():
    shares: list[float] = []
    shared_out(str, range(4), shares.append)
    assert shares == [0.25, 0.5, 0.75, 1.0]


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


def test_there_is_one_core_at_least():
    assert cores() >= 1
