"""Define the interface of file storages. It follows S3: multipart uploads, range reads and signed URLs."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _typeshed import SupportsRead

CHUNK = 1024 * 1024  # bytes read at a time
ADDRESS_LIVES = timedelta(hours=1)  # how long a signed URL is valid
NO_LABELS: Mapping[str, str] = {}
PARTS_MISMATCH = "The named parts do not match the uploaded parts. List the parts, then send those that differ."
Tick = Callable[[], None]


def no_tick() -> None:
    """Do nothing. The default of `tick`."""


class StorageError(RuntimeError):
    """A file could not be stored or read. The message is shown to the user."""


class FileLost(StorageError):
    """The file does not exist, or is not the file that was uploaded. A retry does not help."""


class StorageUnavailable(StorageError):
    """The storage is unavailable, refuses the request, or is full. A later retry may succeed."""


class PartMismatch(StorageError):
    """A part does not have the announced size or the given ETag."""


@dataclasses.dataclass(frozen=True)
class Part:
    """A part that was received completely. `etag` is the MD5 of its bytes."""

    part_number: int
    size: int
    etag: str


@dataclasses.dataclass(frozen=True)
class Stored:
    """The `size` of a file in bytes and when it was `modified`, in seconds since the epoch."""

    size: int
    modified: float


class Readable(Protocol):
    """A stream of a file's bytes."""

    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


class Storage(Protocol):
    """Files by key. A key is a relative path that Sage generates, never a user's input.

    Every method may raise `StorageUnavailable`.
    """

    def put_file(
        self,
        key: str,
        source: Path,
        content_type: str = "",
        labels: Mapping[str, str] = NO_LABELS,
        tick: Tick = no_tick,
    ) -> None:
        """Store a copy of `source` under `key`, with `labels` if the storage supports them. The write is atomic.

        `tick` is called several times a second. If it raises an error, the transfer is cancelled and the error is
        passed on.
        """

    def put_stream(
        self,
        key: str,
        stream: "SupportsRead[bytes]",
        content_type: str = "",
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        """Store the rest of `stream` under `key`. Otherwise like `put_file`."""

    def stat(self, key: str) -> Stored:
        """Return the size and the modification time of a file. Raises FileNotFoundError."""

    def read(self, key: str) -> bytes:
        """Return the content of a small file. Raises FileNotFoundError."""

    def open(self, key: str, start: int = 0) -> Readable:
        """Return a stream of the bytes from `start`. Raises FileNotFoundError."""

    def keys(self, below: str) -> Iterator[str]:
        """Yield all keys below the folder `below`, in order."""

    def delete(self, key: str) -> None:
        """Delete a file, or all files below the folder `key`. It is not an error if there are none."""

    def local_copy(self, key: str, folder: Path, tick: Tick = no_tick) -> AbstractContextManager[Path]:
        """Provide a local path of the file within a `with` block. A remote file is copied to `folder`.

        `tick` is called during the copy, as in `put_file`. Raises `FileLost` if the file does not exist, and
        `StorageUnavailable` if the disk has no space for the copy.
        """

    def address(self, key: str, content_type: str, filename: str) -> str | None:
        """Return a signed URL of the file that is valid for `ADDRESS_LIVES`, or None if Sage serves the file."""

    def check(self) -> None:
        """Raise OSError or StorageError if nothing can be written."""

    def free_bytes(self) -> int | None:
        """Return the space in bytes that files may use, or None if it is unknown."""

    # --- Multipart uploads ---

    def begin_parts(self, key: str, content_type: str = "", labels: Mapping[str, str] = NO_LABELS) -> str:
        """Start a multipart upload. Return its ID, the `parts_id` of the methods below."""

    def part_address(self, key: str, parts_id: str, number: int, size: int) -> str | None:
        """Return a signed URL to PUT a part of `size` bytes to, or None if the client sends it to Sage.

        The URL is valid for `ADDRESS_LIVES`.
        """

    def allocated_bytes(self, key: str, parts_id: str) -> int:
        """Return how much of the disk the received bytes of an upload occupy. 0 if the space is unknown."""

    def list_parts(self, key: str, parts_id: str) -> list[Part]:
        """Return the parts that were received completely, by number. Empty for an unknown upload."""

    def complete_parts(self, key: str, parts_id: str, etags: dict[int, str]) -> None:
        """Join the parts to one file under `key`. `etags` must match the parts. Safe to repeat.

        Raises `PartMismatch`, or FileNotFoundError if the upload was aborted. Call `abort_parts` afterwards to delete
        the remaining data of the upload.
        """

    def abort_parts(self, key: str, parts_id: str) -> None:
        """Delete the parts. A completed file under `key` is kept."""

    def begun_parts(self, before: float) -> Iterator[tuple[str, str]]:
        """Yield the key and the ID of each multipart upload that was started before a time.

        `before` is in seconds since the epoch. The key is empty if the storage does not know it.
        """
