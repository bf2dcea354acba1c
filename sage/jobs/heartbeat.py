"""Report the progress of a running job and keep its lease."""

import queue as queues
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager, suppress
from typing import Any, Generic, TypeVar

from django.db import InterfaceError, OperationalError, connection, connections

from sage.db_connections import close_idle_connections
from sage.jobs import queue, shutdown
from sage.jobs.errors import LostLease
from sage.jobs.models import AbstractJob
from sage.providers.interruption import Interruption

T = TypeVar("T")
REPORT_EVERY_SECONDS = 0.5  # the shortest time between two reports
RENEW_SECONDS = 5.0  # between two renewals of a lease while a generator yields
BUFFERED_SECONDS = 0.002  # a value that takes longer had not arrived yet
MAX_WAITING_RESULTS = 1000  # of an iterator in a thread, before it waits for its reader


class Heartbeat:
    """A callable that a step calls often, with the progress from 0 to 1 if that is known.

    It renews the lease and publishes the progress at most every `REPORT_EVERY_SECONDS`. It raises `LostLease` when
    the job is no longer held, and `WorkerStopping` when the worker shuts down.
    """

    def __init__(self, job: AbstractJob) -> None:
        self.job = job
        self._reported = self._renewed = time.monotonic()

    def __call__(self, progress: float | None = None) -> None:
        shutdown.check()
        if progress is not None:
            self.job.progress = min(max(progress, 0.0), 1.0)
        if time.monotonic() - self._reported < REPORT_EVERY_SECONDS:
            return
        self._reported = time.monotonic()
        if self._renew() and progress is not None:
            queue.publish(self.job)

    def _renew(self) -> bool:
        """Renew the lease. Return False if the database is unavailable; the work goes on until the lease expires."""
        began = time.monotonic()
        try:
            held = queue.heartbeat(self.job)
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or began - self._renewed > queue.LEASE.total_seconds():
                raise
            connection.close()  # the next query opens a new one
            return False
        if not held:
            raise LostLease
        self._renewed = began
        return True


@contextmanager
def take_place(places: threading.BoundedSemaphore, heartbeat: Callable[[], None]) -> Iterator[None]:
    """Wait for one of `places`, and keep the lease of the job meanwhile. For work of which a worker can do little."""
    close_idle_connections()
    while not places.acquire(timeout=1):
        heartbeat()
        close_idle_connections()
    try:
        yield
    finally:
        places.release()


def run_in_thread(work: Callable[[], T], heartbeat: Callable[[], None]) -> T:
    """Return the result of `work`, and keep the lease of the job meanwhile. For calls that wait for a server.

    If the job ends meanwhile, the error of `heartbeat` is raised as soon as `work` has ended.
    """

    def call() -> T:
        try:
            return work()
        finally:
            connections.close_all()  # those of this thread, which may have recorded the call

    with ThreadPoolExecutor(1, "job") as pool:
        future = pool.submit(call)
        while not wait([future], timeout=1).done:
            heartbeat()
        return future.result()


def iterate_in_thread(
    create: Callable[[], Generator[T, None, None]], heartbeat: Callable[[], None]
) -> Generator[T, None, None]:
    """Yield what a generator yields, and keep the lease of the job while it waits for a server.

    If the reader stops, the generator is closed as soon as it yields again, or its connection is `interruptible`.
    """
    with closing(iterate_in_groups(create, heartbeat)) as groups:
        for group in groups:
            yield from group


def iterate_in_groups(
    create: Callable[[], Generator[T, None, None]],
    heartbeat: Callable[[], None],
    choose_pause: Callable[[], float] = float,
) -> Generator[list[T], None, None]:
    """Do the same, in lists of what has come since the last list, at least `choose_pause()` seconds apart.

    The first value is never held back. After a value that had to be waited for, the generator pauses too, so that
    several values have arrived when it goes on: threads that wake up for each of them take most of the time. The lease
    is renewed every `RENEW_SECONDS` while values come, and more often while none come. Meanwhile this thread holds no
    database connection.
    """
    reader = _ThreadedReader(create, choose_pause)
    threading.Thread(target=reader.run, name="job-iterator", daemon=True).start()
    close_idle_connections()
    beaten = next_at = time.monotonic()
    try:
        while True:
            waiting = reader.take_results(next_at)
            if not waiting or time.monotonic() - beaten > RENEW_SECONDS:
                beaten = time.monotonic()
                heartbeat()
                close_idle_connections()
            if values := [value for kind, value in waiting if kind == "value"]:
                shutdown.check()
                next_at = time.monotonic() + choose_pause()
                yield values
            for kind, value in waiting[-1:]:
                if kind == "error":
                    raise value
                if kind == "end":
                    return
    finally:
        reader.stop()


class _ThreadedReader(Generic[T]):
    """Read a generator in another thread."""

    def __init__(self, create: Callable[[], Generator[T, None, None]], choose_pause: Callable[[], float]) -> None:
        self._create = create
        self._choose_pause = choose_pause
        self._results: queues.SimpleQueue[tuple[str, Any]] = queues.SimpleQueue()
        self._stopping, self._interruption = threading.Event(), Interruption()

    def run(self) -> None:
        """Read until the end or `stop`. Values, the end or an error become results."""
        self._interruption.enter()
        try:
            with closing(self._create()) as generator:
                asked = time.monotonic()
                for value in generator:
                    self._results.put(("value", value))
                    if self._pause(time.monotonic() - asked):
                        return
                    asked = time.monotonic()
            self._results.put(("end", None))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread of the job
            self._results.put(("error", error))
        finally:
            connections.close_all()  # those of this thread, which may have recorded the call

    def _pause(self, waited_seconds: float) -> bool:
        """Pause after a value that was waited for, and while too many results wait. Return whether to stop."""
        while self._results.qsize() > MAX_WAITING_RESULTS and not self._stopping.is_set():
            self._stopping.wait(REPORT_EVERY_SECONDS)
        return self._stopping.wait(self._choose_pause() if waited_seconds > BUFFERED_SECONDS else 0)

    def take_results(self, not_before: float) -> list[tuple[str, Any]]:
        """Return the results that have come, at `not_before` or later. Empty if none has come for a while."""
        try:
            waiting = [self._results.get(timeout=REPORT_EVERY_SECONDS)]
        except queues.Empty:
            return []
        time.sleep(max(0.0, not_before - time.monotonic()))
        with suppress(queues.Empty):
            while True:
                waiting.append(self._results.get_nowait())
        return waiting

    def stop(self) -> None:
        """Have the thread close the generator."""
        self._stopping.set()
        self._interruption.end()
