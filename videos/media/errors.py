"""The one error that this package raises on purpose, and what it makes of those that decoders raise."""

import errno
import mmap

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})  # how a disk says that it has no room
LEAST_MEMORY = 64 * 1024**2


class MediaError(ValueError):
    """A file that cannot be used; its text is a plain sentence that says what is wrong and what to do."""


def pass_over(fault: Exception, picture_bytes: int = 0) -> None:
    """Call it for a packet that did not decode. Raises MemoryError where that is for want of memory, not for damage.

    FFmpeg's MemoryError is one of its errors as damage is, and some decoders, that of H.264 too, report damage
    instead. So whether there is room for another picture is tried.
    """
    if isinstance(fault, MemoryError):
        raise fault
    try:
        mmap.mmap(-1, LEAST_MEMORY + picture_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except OSError as full:
        raise MemoryError from full
