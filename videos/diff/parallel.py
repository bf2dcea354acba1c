"""Map a function over items in parallel, in forked copies of this process: threads would share one interpreter lock.

A copy costs time, and what it remembers is lost, so short work is done without one.
"""

import os
import pickle
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from select import select
from typing import Any, TypeVar

MAX_PROCESSES = 4  # that share work; more only wait for memory
MOST_PROCESSES = MAX_PROCESSES + 1  # at once: these, and the one of `map_aside`
MEASURED_SECONDS = 0.05  # seconds of work after which the time that the rest takes is estimated
MIN_SHARED_SECONDS = 0.3  # estimated seconds that the rest takes, from which it is shared with other processes
GROUPS_PER_PROCESS = 4  # groups of adjacent items, so that no process gets all the expensive ones

Tick = Callable[[float], None]  # receives the share done; may raise to cancel the work

Item = TypeVar("Item")
Result = TypeVar("Result")

_is_worker = False  # whether this process is a forked worker, which does not fork again


def count_cores() -> int:
    """Return the number of cores that this process may use, at most MAX_PROCESSES."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MAX_PROCESSES, allowed)


def map_parallel(
    work: Callable[[Item], Result], items: Sequence[Item], tick: Tick = lambda share: None
) -> list[Result]:
    """Return the result of `work` for each item, in order.

    Results may be pickled copies: changes that `work` makes to other objects may be lost.
    """
    results: dict[int, Result] = {}
    started = time.monotonic()
    while len(results) < len(items) and not _is_worth_sharing(len(results), len(items), time.monotonic() - started):
        results[len(results)] = work(items[len(results)])
        tick(len(results) / len(items))
    places = _deal_places(range(len(results), len(items)), count_cores())
    workers = [_Worker(work, items, assigned) for assigned in places[1:]]
    try:
        for place in places[0] if places else []:
            results[place] = work(items[place])
            tick((len(results) + sum(worker.count_done() for worker in workers)) / len(items))
        for worker in workers:
            while not worker.is_done:
                worker.wait()
                tick((len(results) + sum(each.count_done() for each in workers)) / len(items))
        for worker in workers:
            results.update(worker.read_results())
    finally:
        for worker in workers:
            worker.close()
    return [results[place] for place in range(len(items))]


@contextmanager
def map_aside(
    work: Callable[[Item], Result], items: Sequence[Item], is_long: bool = True
) -> Iterator[Callable[[], list[Result]]]:
    """Map `work` over items in one forked copy while this process goes on, and yield what waits for the results.

    Work that is not long is done when its results are asked for, and so is all work on a single core.
    """
    if not is_long or _is_worker or count_cores() == 1:
        yield lambda: [work(item) for item in items]
        return
    worker = _Worker(work, items, list(range(len(items))))

    def wait() -> list[Result]:
        while not worker.is_done:
            worker.wait()
        results = worker.read_results()
        return [results[place] for place in range(len(items))]

    try:
        yield wait
    finally:
        worker.close()


def _is_worth_sharing(done: int, count: int, seconds: float) -> bool:
    """Return whether the items that are left take so long that other processes should do some of them.

    `seconds` is how long those that are done took.
    """
    if _is_worker or seconds < MEASURED_SECONDS or count_cores() == 1:
        return False
    return seconds / max(1, done) * (count - done) >= MIN_SHARED_SECONDS


def _deal_places(places: range, processes: int) -> list[list[int]]:
    """Return the places of each process's items: groups of adjacent items in turn."""
    size = max(1, len(places) // (processes * GROUPS_PER_PROCESS))
    dealt: list[list[int]] = [[] for _ in range(min(processes, len(places)))]
    for number, place in enumerate(places):
        dealt[number // size % len(dealt)].append(place)
    return dealt


class _Worker:
    """A forked copy of this process that does some of the work. It writes a byte to a pipe after each item."""

    def __init__(self, work: Callable[[Item], Result], items: Sequence[Item], places: list[int]) -> None:
        self._expected, self._done = len(places), 0
        # On disk, because the sandbox counts files. Shared memory would escape its limits.
        self._results = tempfile.TemporaryFile()  # noqa: SIM115  closed by `close`
        self._progress, report = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os.close(self._progress)
            self._run(work, items, places, report)
        os.close(report)
        os.set_blocking(self._progress, False)

    def _run(self, work: Callable[[Any], Any], items: Sequence[Any], places: list[int], report: int) -> None:
        """Do the work in the forked copy, then exit without the cleanup of the original process."""
        global _is_worker
        _is_worker = True
        try:
            for place in places:
                pickle.dump((place, work(items[place])), self._results, pickle.HIGHEST_PROTOCOL)
                self._results.flush()
                os.write(report, b".")
        except BaseException as problem:  # noqa: BLE001  raised again by the original process
            with suppress(Exception):
                pickle.dump((-1, problem), self._results)
                self._results.flush()
        finally:
            os._exit(0)

    @property
    def is_done(self) -> bool:
        return self._process == 0

    def count_done(self) -> int:
        """Return the number of items done so far."""
        with suppress(BlockingIOError):
            while not self.is_done:
                reported = os.read(self._progress, 4096)
                self._done += len(reported)
                if not reported:
                    os.waitpid(self._process, 0)
                    self._process = 0
        return self._done

    def wait(self) -> None:
        """Wait for progress."""
        select([self._progress], [], [])
        self.count_done()

    def read_results(self) -> dict[int, Any]:
        """Return the results by place. Raises what `work` raised, and RuntimeError if the copy was killed."""
        self._results.seek(0)
        results: dict[int, Any] = {}
        for _ in range(self._expected):
            try:
                place, result = pickle.load(self._results)  # noqa: S301  written by a copy of this process
            except EOFError as problem:
                raise RuntimeError("A worker process ended without a result.") from problem
            if place < 0:
                raise result
            results[place] = result
        return results

    def close(self) -> None:
        """End the copy if it still runs, and release its pipe and its results.

        The sandbox does not allow signals. There the copy ends when it next reports to the closed pipe.
        """
        os.close(self._progress)
        if not self.is_done:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            self._process = 0
        self._results.close()
