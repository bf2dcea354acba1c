"""Count the large request bodies that this process is receiving, which it stores in temporary files.

The files have no name, so a process that ends frees their space, and the counts can stay in its memory.
"""

import tempfile
import threading
from collections.abc import Hashable
from pathlib import Path

from django.conf import settings

from sage.storage.free_space import measure_usable_bytes

COPIES = 3  # Daphne stores a body in one file, Django reads it into another, and the fields of a form into a third
# Bodies may use half of the reserve. An upload that was accepted can then send its last part on a disk whose other
# space is announced.
RESERVE_SHARE = 0.5


class IncomingBodies:
    """The announced sizes in bytes of the bodies that are on their way, by request."""

    def __init__(self) -> None:
        self._sizes: dict[Hashable, int] = {}
        self._lock = threading.Lock()

    def admit(self, request: Hashable, size: int, free_bytes: int) -> bool:
        """Count the body of a request. Return False if the announced bodies would need more than `free_bytes`."""
        with self._lock:
            if COPIES * (sum(self._sizes.values()) + size) > free_bytes:
                return False
            self._sizes[request] = size
            return True

    def release(self, request: Hashable) -> None:
        """Stop counting the body of a request that has ended. Safe to repeat."""
        with self._lock:
            self._sizes.pop(request, None)

    def count_bytes(self) -> int:
        """Return the announced bytes of all bodies on their way."""
        with self._lock:
            return sum(self._sizes.values())


incoming_bodies = IncomingBodies()


def measure_temporary_space() -> int:
    """Return the bytes that temporary files may use."""
    return measure_usable_bytes(Path(tempfile.gettempdir()), settings.DISK_RESERVE_BYTES, RESERVE_SHARE)
