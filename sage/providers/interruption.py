"""Let one thread end the wait of another thread for bytes from a server.

Closing a generator that reads from a server works only once it yields, and a model may be silent for a minute.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any


class Interruption:
    """The connections that a thread reads from. `end` shuts them down, also those that are added later."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self.has_ended = False

    def enter(self) -> None:
        """Collect the connections of this thread from now on."""
        _current.set(self)

    def end(self) -> None:
        with self._lock:
            self.has_ended = True
            for one in self._sockets:
                _shut_down(one)

    def add(self, one: socket.socket) -> None:
        with self._lock:
            self._sockets.add(one)
            if self.has_ended:
                _shut_down(one)

    def discard(self, one: socket.socket) -> None:
        with self._lock:
            self._sockets.discard(one)


_current: ContextVar[Interruption | None] = ContextVar("interruption", default=None)


@contextmanager
def interruptible(one: Any) -> Iterator[None]:
    """Let the current `Interruption` shut down a socket while the block reads from it.

    Raises GeneratorExit instead of the error that this causes, because the reader needs no more.
    """
    current = _current.get()
    if current is None or not isinstance(one, socket.socket):
        yield
        return
    current.add(one)
    try:
        yield
    except Exception as error:
        if current.has_ended:
            raise GeneratorExit from error
        raise
    finally:
        current.discard(one)


def _shut_down(one: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        one.shutdown(socket.SHUT_RDWR)
