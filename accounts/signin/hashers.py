"""Bound the password hashing of a process.

One hash takes about a quarter of a second of a processor. Without a bound, a burst of log-ins occupies every processor
and every database connection, and other visitors wait or get errors.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from sage.db_connections import close_idle_connections
from sage.errors import ServiceUnavailable

RUNNING = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
WAITING = 100  # hashes that wait for a processor, each in the thread of its request
WAIT_SECONDS = 20.0  # the longest wait for a processor
RETRY_AFTER_SECONDS = 10
TOO_MANY = "Too many people are logging in or signing up now. Nothing was changed. Try again in a few seconds."


class HashingQueue:
    """Let `running` threads hash at a time and `waiting` more wait for at most `wait_seconds`."""

    def __init__(self, running: int, waiting: int, wait_seconds: float) -> None:
        self._places = threading.BoundedSemaphore(running + waiting)
        self._processors = threading.BoundedSemaphore(running)
        self._wait_seconds = wait_seconds

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Wait for a processor. Raises `ServiceUnavailable` if too many threads wait, or if the wait is too long."""
        if not self._places.acquire(blocking=False):
            raise _too_busy()
        try:
            if not self._processors.acquire(timeout=self._wait_seconds):
                raise _too_busy()
            try:
                yield
            finally:
                self._processors.release()
        finally:
            self._places.release()


queue = HashingQueue(RUNNING, WAITING, WAIT_SECONDS)


class BoundedPasswordHasher(PBKDF2PasswordHasher):
    """Hash passwords as Django does by default, a few at a time and without a database connection.

    Django, allauth and the admin site create and verify every password through this class. A hash within a transaction
    keeps its connection.
    """

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Return the hash. Raises `ServiceUnavailable` if the process has too many passwords to hash."""
        close_idle_connections()
        with queue.enter():
            return super().encode(password, salt, iterations)


def _too_busy() -> ServiceUnavailable:
    return ServiceUnavailable(TOO_MANY, retry_after_seconds=RETRY_AFTER_SECONDS)
