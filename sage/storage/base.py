"""What any place for files can do. Its protocol is that of S3: multipart uploads, ranged reads, signed addresses."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _typeshed import SupportsRead

CHUNK = 1024 * 1024
ADDRESS_LIVES = timedelta(hours=1)
NO_LABELS: Mapping[str, str] = {}
Tick = Callable[[], None]


def no_tick() -> None:
    """Nobody waits for news of a transfer."""


class StorageError(RuntimeError):
    """A file could not be kept or found; the message says which, and why."""


class FileLost(StorageError):
    """There is no such file, or it is not the one that was sent. Trying again does not help."""


class StorageAway(StorageError):
    """The place does not answer, refuses, or is full. It may pass."""


class PartMismatch(StorageError):
    """A part has another size than was announced, or is not the one that was named."""


@dataclasses.dataclass(frozen=True)
class Part:
    """A part that arrived whole. `etag` is the MD5 of its bytes."""

    part_number: int
    size: int
    etag: str


@dataclasses.dataclass(frozen=True)
class Stored:
    """`size` in bytes; `modified` in seconds since the epoch."""

    size: int
    modified: float


class Readable(Protocol):
    """Bytes on their way out."""

    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


class Storage(Protocol):
    """Files by key. A key is a relative path made by Sage, never by a visitor; what is below it shares its prefix.

    Every method may raise `StorageAway`.
    """

    def put_file(
        self,
        key: str,
        source: Path,
        content_type: str = "",
        labels: Mapping[str, str] = NO_LABELS,
        tick: Tick = no_tick,
    ) -> None:
        """Keep a copy of `source` under `key`, with `labels` where the place can; it appears whole or not at all.

        `tick` is called several times a second; whatever it raises ends the transfer and goes on to the caller.
        """

    def put_stream(
        self,
        key: str,
        stream: "SupportsRead[bytes]",
        content_type: str = "",
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        """The same, of a stream read to its end."""

    def stat(self, key: str) -> Stored:
        """Raises FileNotFoundError."""

    def read(self, key: str) -> bytes:
        """The whole of a small file. Raises FileNotFoundError."""

    def open(self, key: str, start: int = 0) -> Readable:
        """The bytes from `start` on. Raises FileNotFoundError."""

    def keys(self, below: str) -> Iterator[str]:
        """Every key below one, in order."""

    def delete(self, key: str) -> None:
        """Remove a file, or everything below `key`. What is gone already is no error."""

    def local_copy(self, key: str, folder: Path, tick: Tick = no_tick) -> AbstractContextManager[Path]:
        """A path that decoders may read, for a while; a copy in `folder` where the place is elsewhere.

        `tick` is called while it is copied, as `put_file` does.
        Raises FileLost where there is no such file, and StorageAway where there is no room for a copy.
        """

    def address(self, key: str, content_type: str, filename: str) -> str | None:
        """Where a browser gets the file itself, for `ADDRESS_LIVES`; None where it must ask Sage."""

    def check(self) -> None:
        """Raise OSError or StorageError where nothing can be written."""

    def free_bytes(self) -> int | None:
        """How much more can be kept; None where there is no saying."""

    # --- Files in parts ---

    def begin_parts(self, key: str, content_type: str = "", labels: Mapping[str, str] = NO_LABELS) -> str:
        """Announce a file that comes in parts; the answer names it in all the calls below."""

    def part_address(self, key: str, parts_id: str, number: int, size: int) -> str | None:
        """Where a client PUTs the `size` bytes of a part, for `ADDRESS_LIVES`; None where Sage takes them itself."""

    def list_parts(self, key: str, parts_id: str) -> list[Part]:
        """The parts that arrived whole, by number; none where nothing is known of them."""

    def complete_parts(self, key: str, parts_id: str, etags: dict[int, str]) -> None:
        """Make the parts, which must be those of `etags`, one file under `key`. Harmless when done before.

        Raises PartMismatch, or FileNotFoundError where they were freed. `abort_parts` clears what is left.
        """

    def abort_parts(self, key: str, parts_id: str) -> None:
        """Free the parts; the file under `key`, if it was completed, stays."""

    def begun_parts(self, before: float) -> Iterator[tuple[str, str]]:
        """Key and name of every file in parts that was announced before a moment, in seconds since the epoch.

        The key is empty where the place keeps none for parts.
        """
