"""Define the error that this package raises on purpose, and tell lack of memory from damaged data."""

import errno
import mmap

DISK_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT})  # error numbers that mean a full disk
MIN_FREE_BYTES = 64 * 1024**2  # bytes that must be available after a packet failed to decode


class MediaError(ValueError):
    """A file that cannot be used. Its text is a sentence for the user that says what is wrong and what to do."""


def raise_if_out_of_memory(fault: Exception, picture_bytes: int = 0) -> None:
    """Raise MemoryError if a packet failed to decode for lack of memory rather than because of damage.

    FFmpeg's MemoryError is one of its errors, and some decoders, including H.264, report damage instead. Therefore the
    function tries to allocate `picture_bytes` and a reserve.
    """
    if isinstance(fault, MemoryError):
        raise fault
    try:
        mmap.mmap(-1, MIN_FREE_BYTES + picture_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except OSError as failure:
        raise MemoryError from failure
