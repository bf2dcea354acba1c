"""Files below one folder.

A file in parts is written into one sparse file at each part's place, with a small record beside it for every part that
arrived whole, so that completing it is one rename whatever its size.
"""

import dataclasses
import errno
import fcntl
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sage.storage.base import (
    CHUNK,
    NO_LABELS,
    FileLost,
    Part,
    PartMismatch,
    StorageAway,
    StorageError,
    Stored,
    Tick,
    no_tick,
)

if TYPE_CHECKING:
    from _typeshed import SupportsRead


NO_NAMELESS_FILES = {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL}
FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def _saying_when_full() -> Iterator[None]:
    """A disk or a quota without room is a place that is away: it may pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise StorageAway("The disk of this site is full. Try again when there is room.") from error


class DiskStorage:
    """Keeps no content types and no labels: the rows that name the files have them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    # --- Whole files ---

    def put_file(
        self,
        key: str,
        source: Path,
        content_type: str = "",
        labels: Mapping[str, str] = NO_LABELS,
        tick: Tick = no_tick,
    ) -> None:
        with source.open("rb") as stream:
            self.put_stream(key, _Ticking(stream, tick))

    @_saying_when_full()
    def put_stream(
        self,
        key: str,
        stream: "SupportsRead[bytes]",
        content_type: str = "",
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _appearing(target) as out:
            shutil.copyfileobj(stream, out, CHUNK)
            out.flush()
            os.fsync(out.fileno())

    def stat(self, key: str) -> Stored:
        found = self._path(key).stat()
        return Stored(found.st_size, found.st_mtime)

    def read(self, key: str) -> bytes:
        return self._path(key).read_bytes()

    def open(self, key: str, start: int = 0) -> BinaryIO:
        file = self._path(key).open("rb")
        file.seek(start)
        return file

    def keys(self, below: str) -> Iterator[str]:
        for path in sorted(self._path(below).rglob("*")):
            if path.is_file():
                yield str(path.relative_to(self.root.resolve()))

    def delete(self, key: str) -> None:
        path = self._path(key)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    @contextmanager
    def local_copy(self, key: str, folder: Path, tick: Tick = no_tick) -> Iterator[Path]:
        """The file itself."""
        path = self._path(key)
        if not path.is_file():
            raise FileLost("The file of this video is missing from storage. Upload it again.")
        yield path

    def address(self, key: str, content_type: str, filename: str) -> None:
        return None

    def check(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        probe = self.root / f".check-{os.getpid()}"
        probe.write_bytes(b"well")
        probe.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free

    # --- Files in parts ---

    @_saying_when_full()
    def begin_parts(self, key: str, content_type: str = "", labels: Mapping[str, str] = NO_LABELS) -> str:
        parts_id = uuid.uuid4().hex
        self._upload(parts_id).mkdir(parents=True)
        return parts_id

    def part_address(self, key: str, parts_id: str, number: int, size: int) -> None:
        return None

    @_saying_when_full()
    def write_part(self, parts_id: str, number: int, offset: int, size: int, stream: "SupportsRead[bytes]") -> Part:
        """Write part `number` at `offset`; it counts only once all its `size` bytes are on disk.

        The same part may come again, also twice at once: the last one counts.
        """
        folder = self._upload(parts_id)
        record = folder / f"{number}.json"
        with _locked(folder / "lock", fcntl.LOCK_SH), _locked(folder / f"{number}.lock", fcntl.LOCK_EX):
            if (folder / "complete").exists():
                raise FileNotFoundError(parts_id)
            record.unlink(missing_ok=True)
            digest, written = hashlib.md5(usedforsecurity=False), 0
            descriptor = os.open(folder / "data", os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                while chunk := stream.read(CHUNK):
                    if written + len(chunk) > size:
                        raise PartMismatch(f"Part {number} is longer than the {size} bytes it should have.")
                    digest.update(chunk)
                    while chunk:
                        done = os.pwrite(descriptor, chunk, offset + written)
                        written += done
                        chunk = chunk[done:]
                if written != size:
                    raise PartMismatch(f"Part {number} has {written} bytes where {size} were announced.")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            part = Part(number, size, digest.hexdigest())
            aside = folder / f"{number}.new"
            aside.write_text(json.dumps(dataclasses.asdict(part)))
            aside.replace(record)
        return part

    def list_parts(self, key: str, parts_id: str) -> list[Part]:
        arrived = []
        for record in self._upload(parts_id).glob("*.json"):
            with suppress(FileNotFoundError, ValueError):  # the part is just sent again, or a power cut emptied this
                arrived.append(Part(**json.loads(record.read_text())))
        return sorted(arrived, key=lambda part: part.part_number)

    @_saying_when_full()
    def complete_parts(self, key: str, parts_id: str, etags: dict[int, str]) -> None:
        """It waits for parts that are being written; none is taken after it."""
        folder, target = self._upload(parts_id), self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder / "lock", fcntl.LOCK_EX):
            if {part.part_number: part.etag for part in self.list_parts(key, parts_id)} != etags:
                raise PartMismatch(
                    "The parts that were named are not those that arrived. List them, send what differs."
                )
            (folder / "complete").touch()
            if (folder / "data").exists():
                (folder / "data").replace(target)
            elif not target.exists():
                raise FileNotFoundError(parts_id)

    def abort_parts(self, key: str, parts_id: str) -> None:
        folder = self._upload(parts_id)
        gone = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}.gone")
        with suppress(FileNotFoundError):
            folder.rename(gone)  # a part on its way in finds no folder any more
        shutil.rmtree(gone, ignore_errors=True)

    def begun_parts(self, before: float) -> Iterator[tuple[str, str]]:
        for folder in sorted(self._path("uploads").glob("*")):
            with suppress(FileNotFoundError):  # it may go meanwhile
                if folder.stat().st_mtime < before:
                    yield "", folder.name

    def _upload(self, parts_id: str) -> Path:
        return self._path(f"uploads/{parts_id}")

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()) or path == self.root.resolve():
            raise StorageError("This key leads out of the storage.")
        return path


@dataclasses.dataclass(frozen=True)
class _Ticking:
    """A stream that says so each time that it is read from."""

    stream: BinaryIO
    tick: Tick

    def read(self, size: int = -1, /) -> bytes:
        self.tick()
        return self.stream.read(size)


@contextmanager
def _appearing(target: Path) -> Iterator[BinaryIO]:
    """A file that stands at `target` once the block ends, whole; one that is killed before leaves nothing behind.

    It has no name until then (`O_TMPFILE`, open(2)), where the file system knows such files.
    """
    aside = target.with_name(f"{target.name}.{uuid.uuid4().hex}.part")
    try:
        nameless = os.open(target.parent, os.O_WRONLY | os.O_TMPFILE, 0o666)
    except OSError as error:
        if error.errno not in NO_NAMELESS_FILES:
            raise
        nameless = None
    try:
        with aside.open("wb") if nameless is None else os.fdopen(nameless, "wb") as out:
            yield out
            if nameless is not None:  # to a name of its own first, since a link takes no other file's place
                with _opened(target.parent) as folder:  # without a folder Python would link the link in /proc
                    os.link(f"/proc/self/fd/{nameless}", aside.name, dst_dir_fd=folder)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    """Hold an advisory lock, shared or exclusive. Raises FileNotFoundError where the folder is gone."""
    with path.open("w") as file:
        fcntl.flock(file, how)
        yield
