"""Measure the disk space that files of users may use."""

import errno
import shutil
from pathlib import Path

MB = 1024 * 1024
FULL = {errno.ENOSPC, errno.EDQUOT}
RESERVED_SHARE = 0.05  # of the disk, unless DISK_RESERVE_MB is set
MAX_DEFAULT_RESERVE_BYTES = 1024 * MB  # PostgreSQL keeps up to 1 GB of write-ahead log


def measure_usable_bytes(folder: Path, reserve_bytes: int | None = None, reserve_share: float = 1.0) -> int:
    """Return the free bytes on the disk of `folder` without the reserve for the database and the logs.

    Without `reserve_bytes` the reserve is 5 % of the disk, at most 1 GB. Only `reserve_share` of it is kept.
    """
    usage = shutil.disk_usage(folder)
    if reserve_bytes is None:
        reserve_bytes = min(int(usage.total * RESERVED_SHARE), MAX_DEFAULT_RESERVE_BYTES)
    return max(0, usage.free - int(reserve_bytes * reserve_share))


def is_disk_full_error(error: BaseException) -> bool:
    """Return whether a write failed because the disk or the quota is full."""
    return isinstance(error, OSError) and error.errno in FULL
