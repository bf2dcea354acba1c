"""Where files lie: on this machine's disk, or on S3 where `S3_BUCKET_NAME` names a bucket."""

from typing import cast

from django.conf import settings
from django.utils.functional import LazyObject

from sage.storage.base import FileLost, Part, PartMismatch, Storage, StorageAway, StorageError, Stored
from sage.storage.disk import DiskStorage

__all__ = [
    "DiskStorage",
    "FileLost",
    "Part",
    "PartMismatch",
    "Storage",
    "StorageAway",
    "StorageError",
    "Stored",
    "choose",
    "storage",
]


def choose() -> Storage:
    """The place that the settings name."""
    if not settings.S3_BUCKET_NAME:
        return DiskStorage(settings.MEDIA_ROOT)
    from sage.storage.s3 import S3Storage  # boto3 takes its time to load

    return S3Storage(settings.S3_BUCKET_NAME, settings.S3_REGION, settings.S3_PROFILE, settings.S3_ENDPOINT_URL)


class _Chosen(LazyObject):
    """Chosen when first asked, so that commands which touch no file need no place for them."""

    def _setup(self) -> None:
        self._wrapped = choose()


storage = cast(Storage, _Chosen())
