"""Store files on this machine's disk, or on S3 if `S3_BUCKET_NAME` is set."""

from typing import cast

from django.conf import settings
from django.utils.functional import LazyObject

from sage.storage.base import (
    PARTS_MISMATCH,
    FileLost,
    Part,
    PartMismatch,
    Storage,
    StorageError,
    StorageUnavailable,
    Stored,
)
from sage.storage.disk import DiskStorage

__all__ = [
    "PARTS_MISMATCH",
    "DiskStorage",
    "FileLost",
    "Part",
    "PartMismatch",
    "Storage",
    "StorageError",
    "StorageUnavailable",
    "Stored",
    "create_storage",
    "storage",
]


def create_storage() -> Storage:
    """Return the storage that the settings define."""
    if not settings.S3_BUCKET_NAME:
        return DiskStorage(settings.MEDIA_ROOT, settings.FOLDER_MODE, settings.DISK_RESERVE_BYTES)
    from sage.storage.s3 import S3Storage  # boto3 is slow to import

    return S3Storage(settings.S3_BUCKET_NAME, settings.S3_REGION, settings.S3_PROFILE, settings.S3_ENDPOINT_URL)


class _LazyStorage(LazyObject):
    """The storage, created on first use, so that commands that use no files need no storage."""

    def _setup(self) -> None:
        self._wrapped = create_storage()


storage = cast(Storage, _LazyStorage())
