"""Store files in a folder of this machine.

The parts of an upload are written to one sparse file, each at its offset. A small JSON file records each part that was
received completely. Completing an upload is therefore one rename for a file of any size.
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

from sage.processes.private_folders import OWNER_ONLY, create_below
from sage.storage.base import (
    CHUNK,
    NO_LABELS,
    PARTS_MISMATCH,
    FileLost,
    Part,
    PartMismatch,
    StorageError,
    StorageUnavailable,
    Stored,
    Tick,
    no_tick,
)
from sage.storage.free_space import is_disk_full_error, measure_usable_bytes

if TYPE_CHECKING:
    from _typeshed import SupportsRead


NO_UNNAMED_FILES = {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL}  # errors of file systems without O_TMPFILE
DISK_FULL = "The disk of this site is full. Try again later."
BLOCK_BYTES = 512  # the unit of st_blocks (stat(2))
# Parts may use most of the reserve: their space was reserved when the upload was announced, and the temporary files of
# their own bodies occupy some of it.
PART_RESERVE_SHARE = 0.25


@contextmanager
def _convert_disk_full() -> Iterator[None]:
    """Raise `StorageUnavailable` if the disk or the quota is full."""
    try:
        yield
    except OSError as error:
        if not is_disk_full_error(error):
            raise
        raise StorageUnavailable(DISK_FULL) from error


class DiskStorage:
    """Files below the folder `root`. Content types and labels are not stored; the database has them.

    `folder_mode` is the mode of all folders. Files have the same access without the right to execute. No file is
    written into the last `reserve_bytes` of the disk: see `measure_usable_bytes`.
    """

    def __init__(self, root: Path, folder_mode: int = OWNER_ONLY, reserve_bytes: int | None = 0) -> None:
        self.root = root
        self.reserve_bytes = reserve_bytes
        self.folder_mode = folder_mode
        self.file_mode = folder_mode & 0o666

    # --- Whole files ---

    def put_file(
        self,
        key: str,
        source: Path,
        content_type: str = "",
        labels: Mapping[str, str] = NO_LABELS,
        tick: Tick = no_tick,
    ) -> None:
        self._require_space(source.stat().st_size)
        with source.open("rb") as stream:
            self.put_stream(key, _TickingStream(stream, tick))

    @_convert_disk_full()
    def put_stream(
        self,
        key: str,
        stream: "SupportsRead[bytes]",
        content_type: str = "",
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        self._require_space()
        target = self._path(key)
        self._create_folder(target.parent)
        with _write_atomically(target, self.file_mode) as out:
            shutil.copyfileobj(stream, out, CHUNK)

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
        """Provide the path of the stored file itself."""
        path = self._path(key)
        if not path.is_file():
            raise FileLost("The file of this video is missing from storage. Upload it again.")
        yield path

    def address(self, key: str, content_type: str, filename: str) -> None:
        return None

    def check(self) -> None:
        self._create_folder(self.root)
        probe = self.root / f".check-{os.getpid()}"
        try:
            probe.write_bytes(b"test")
        finally:
            probe.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        return self._measure_space(1.0)

    def _measure_space(self, reserve_share: float) -> int:
        with _convert_disk_full():
            self._create_folder(self.root)
        return measure_usable_bytes(self.root, self.reserve_bytes, reserve_share)

    # --- Multipart uploads ---

    @_convert_disk_full()
    def begin_parts(self, key: str, content_type: str = "", labels: Mapping[str, str] = NO_LABELS) -> str:
        parts_id = uuid.uuid4().hex
        self._create_folder(self._upload(parts_id))
        return parts_id

    def part_address(self, key: str, parts_id: str, number: int, size: int) -> None:
        return None

    @_convert_disk_full()
    def write_part(self, parts_id: str, number: int, offset: int, size: int, stream: "SupportsRead[bytes]") -> Part:
        """Write part `number` at `offset`. It is recorded once all of its `size` bytes are on disk.

        A part can be sent again, even at the same time; the last one is kept.
        """
        self._require_space(size, PART_RESERVE_SHARE)
        folder = self._upload(parts_id)
        record = folder / f"{number}.json"
        with _locked(folder / "lock", fcntl.LOCK_SH), _locked(folder / f"{number}.lock", fcntl.LOCK_EX):
            if (folder / "complete").exists():
                raise FileNotFoundError(parts_id)
            record.unlink(missing_ok=True)
            digest, written = hashlib.md5(usedforsecurity=False), 0
            descriptor = os.open(folder / "data", os.O_WRONLY | os.O_CREAT, self.file_mode)
            try:
                os.fchmod(descriptor, self.file_mode)  # the umask does not apply
                while chunk := stream.read(CHUNK):
                    if written + len(chunk) > size:
                        raise PartMismatch(f"Part {number} is larger than the announced {size} bytes.")
                    digest.update(chunk)
                    while chunk:
                        done = os.pwrite(descriptor, chunk, offset + written)
                        written += done
                        chunk = chunk[done:]
                if written != size:
                    raise PartMismatch(f"Part {number} has {written} bytes, but {size} were announced.")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            part = Part(number, size, digest.hexdigest())
            temporary = folder / f"{number}.new"
            temporary.write_text(json.dumps(dataclasses.asdict(part)))
            temporary.replace(record)
        return part

    def allocated_bytes(self, key: str, parts_id: str) -> int:
        # Complete uploads are renamed. Until their transaction ends, they count as open.
        for path in (self._upload(parts_id) / "data", self._path(key)):
            with suppress(FileNotFoundError):
                return path.stat().st_blocks * BLOCK_BYTES
        return 0

    def list_parts(self, key: str, parts_id: str) -> list[Part]:
        arrived = []
        for record in self._upload(parts_id).glob("*.json"):
            with suppress(FileNotFoundError, ValueError):  # being sent again, or emptied by a power failure
                arrived.append(Part(**json.loads(record.read_text())))
        return sorted(arrived, key=lambda part: part.part_number)

    @_convert_disk_full()
    def complete_parts(self, key: str, parts_id: str, etags: dict[int, str]) -> None:
        """Join the parts after waiting for those that are being written. Later parts are refused."""
        folder, target = self._upload(parts_id), self._path(key)
        self._create_folder(target.parent)
        with _locked(folder / "lock", fcntl.LOCK_EX):
            if {part.part_number: part.etag for part in self.list_parts(key, parts_id)} != etags:
                raise PartMismatch(PARTS_MISMATCH)
            (folder / "complete").touch()
            if (folder / "data").exists():
                (folder / "data").replace(target)
            elif not target.exists():
                raise FileNotFoundError(parts_id)

    def abort_parts(self, key: str, parts_id: str) -> None:
        folder = self._upload(parts_id)
        aborted = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}.gone")
        with suppress(FileNotFoundError):
            folder.rename(aborted)  # so that a part that arrives now is refused
        shutil.rmtree(aborted, ignore_errors=True)

    def begun_parts(self, before: float) -> Iterator[tuple[str, str]]:
        for folder in sorted(self._path("uploads").glob("*")):
            with suppress(FileNotFoundError):  # deleted meanwhile
                if folder.stat().st_mtime < before:
                    yield "", folder.name

    def _require_space(self, size: int = 1, reserve_share: float = 1.0) -> None:
        """Raise `StorageUnavailable` if `size` bytes would use the reserve of the disk, or this share of it."""
        if size > self._measure_space(reserve_share):
            raise StorageUnavailable(DISK_FULL)

    def _create_folder(self, folder: Path) -> None:
        create_below(self.root.resolve(), folder.resolve(), self.folder_mode)

    def _upload(self, parts_id: str) -> Path:
        return self._path(f"uploads/{parts_id}")

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()) or path == self.root.resolve():
            raise StorageError("This key is outside the storage folder.")
        return path


@dataclasses.dataclass(frozen=True)
class _TickingStream:
    """A stream that calls `tick` before each read."""

    stream: BinaryIO
    tick: Tick

    def read(self, size: int = -1, /) -> bytes:
        self.tick()
        return self.stream.read(size)


@contextmanager
def _write_atomically(target: Path, mode: int) -> Iterator[BinaryIO]:
    """Provide a file with this mode to write. It gets the name `target` when the `with` block ends without an error.

    Until then it is unnamed (`O_TMPFILE`, open(2)) if the file system supports that, so that a killed process leaves no
    file behind.
    """
    temporary = target.with_name(f"{target.name}.{uuid.uuid4().hex}.part")
    try:
        unnamed = os.open(target.parent, os.O_WRONLY | os.O_TMPFILE, mode)
    except OSError as error:
        if error.errno not in NO_UNNAMED_FILES:
            raise
        unnamed = None
    try:
        with temporary.open("wb") if unnamed is None else os.fdopen(unnamed, "wb") as out:
            os.fchmod(out.fileno(), mode)  # the umask does not apply
            yield out
            out.flush()
            os.fsync(out.fileno())
            if unnamed is not None:
                with _open_folder(target.parent) as folder:  # with dst_dir_fd, os.link follows the link in /proc
                    try:
                        os.link(f"/proc/self/fd/{unnamed}", target.name, dst_dir_fd=folder)
                        return
                    except FileExistsError:  # a link cannot replace a file, so the new one needs a temporary name
                        os.link(f"/proc/self/fd/{unnamed}", temporary.name, dst_dir_fd=folder)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _open_folder(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _locked(path: Path, mode: int) -> Iterator[None]:
    """Hold an advisory lock, shared or exclusive. Raises FileNotFoundError if the folder was deleted."""
    with path.open("w") as file:
        fcntl.flock(file, mode)
        yield
