"""Report the progress of a running job and keep its lease."""

import queue as queues
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager, suppress
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection, connections

from sage.db_connections import close_idle_connections
from sage.interruption import Interruption
from sage.jobs import queue, shutdown
from sage.jobs.errors import LostLease
from sage.jobs.models import AbstractJob

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
    create: Callable[[], Generator[T, None, None]], heartbeat: Callable[[], None], pause_seconds: float = 0.0
) -> Generator[list[T], None, None]:
    """Do the same, in lists of what has come since the last list, at least `pause_seconds` apart.

    The first value is never held back. After a value that had to be waited for, the generator pauses too, so that
    several values have arrived when it goes on: threads that wake up for each of them take most of the time. The lease
    is renewed every `RENEW_SECONDS` while values come, and more often while none come. Meanwhile this thread holds no
    database connection.
    """
    results: queues.SimpleQueue[tuple[str, Any]] = queues.SimpleQueue()
    stopping, interruption = threading.Event(), Interruption()

    def run() -> None:
        interruption.enter()
        try:
            with closing(create()) as generator:
                asked = time.monotonic()
                for value in generator:
                    results.put(("value", value))
                    has_waited = time.monotonic() - asked > BUFFERED_SECONDS
                    while results.qsize() > MAX_WAITING_RESULTS and not stopping.is_set():
                        stopping.wait(REPORT_EVERY_SECONDS)
                    if stopping.wait(pause_seconds if has_waited else 0):
                        return
                    asked = time.monotonic()
            results.put(("end", None))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread of the job
            results.put(("error", error))
        finally:
            connections.close_all()  # those of this thread, which may have recorded the call

    threading.Thread(target=run, name="job-iterator", daemon=True).start()
    close_idle_connections()
    beaten = next_at = time.monotonic()
    try:
        while True:
            try:
                waiting = [results.get(timeout=REPORT_EVERY_SECONDS)]
            except queues.Empty:
                waiting = []
            time.sleep(max(0.0, next_at - time.monotonic()))
            with suppress(queues.Empty):
                while waiting:
                    waiting.append(results.get_nowait())
            if not waiting or time.monotonic() - beaten > RENEW_SECONDS:
                beaten = time.monotonic()
                heartbeat()
                close_idle_connections()
            if values := [value for kind, value in waiting if kind == "value"]:
                shutdown.check()
                next_at = time.monotonic() + pause_seconds
                yield values
            for kind, value in waiting[-1:]:
                if kind == "error":
                    raise value
                if kind == "end":
                    return
    finally:
        stopping.set()
        interruption.end()
