"""Where files lie. The protocol is S3's multipart upload and ranged reads; this is its form on disk.

A file in parts is written into one sparse file at each part's place, with a small record beside it for every part that
arrived whole, so that completing it is one rename whatever its size.
"""

import dataclasses
import fcntl
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings

if TYPE_CHECKING:
    from _typeshed import SupportsRead

CHUNK = 1024 * 1024


class StorageError(RuntimeError):
    """A file could not be kept or found; the message says which, and why."""


class PartMismatch(StorageError):
    """A part has another size than was announced."""


@dataclasses.dataclass(frozen=True)
class Part:
    """A part that arrived whole. `etag` is the MD5 of its bytes, as on S3."""

    part_number: int
    size: int
    etag: str


class DiskStorage:
    """Files below one folder. Keys are relative paths made by Sage, never by a visitor."""

    def __init__(self, root: Path) -> None:
        self.root = root

    # --- Whole files ---

    def put_file(self, key: str, source: Path) -> None:
        """Keep a copy of `source` under `key`; it appears whole or not at all."""
        with source.open("rb") as stream:
            self.put_stream(key, stream)

    def put_stream(self, key: str, stream: "SupportsRead[bytes]") -> None:
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f"{target.name}.{uuid.uuid4().hex}.part")
        try:
            with aside.open("wb") as out:
                shutil.copyfileobj(stream, out, CHUNK)
                out.flush()
                os.fsync(out.fileno())
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)

    def size(self, key: str) -> int:
        """Bytes under `key`. Raises FileNotFoundError."""
        return self.stat(key)[0]

    def stat(self, key: str) -> tuple[int, float]:
        """Bytes under `key`, and when they were written, in seconds since the epoch. Raises FileNotFoundError."""
        found = self._path(key).stat()
        return found.st_size, found.st_mtime

    def read(self, key: str) -> bytes:
        """The whole of a small file. Raises FileNotFoundError."""
        return self._path(key).read_bytes()

    def open(self, key: str) -> BinaryIO:
        return self._path(key).open("rb")

    def delete(self, key: str) -> None:
        """Remove a file, or everything below `key`. What is gone already is no error."""
        path = self._path(key)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        """A path that decoders may read. On disk that is the file itself."""
        path = self._path(key)
        if not path.is_file():
            raise StorageError("The file of this video is missing from storage. Upload it again.")
        yield path

    def check(self) -> None:
        """Raise OSError where nothing can be written."""
        self.root.mkdir(parents=True, exist_ok=True)
        probe = self.root / f".check-{os.getpid()}"
        probe.write_bytes(b"well")
        probe.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """How much more can be kept."""
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free

    # --- Files in parts ---

    def begin_parts(self, upload_id: str) -> None:
        self._upload(upload_id).mkdir(parents=True, exist_ok=True)

    def write_part(self, upload_id: str, number: int, offset: int, size: int, stream: "SupportsRead[bytes]") -> Part:
        """Write part `number` at `offset`; it counts only once all its `size` bytes are on disk.

        The same part may come again, also twice at once: the last one counts.
        """
        folder = self._upload(upload_id)
        record = folder / f"{number}.json"
        with _locked(folder / "lock", fcntl.LOCK_SH), _locked(folder / f"{number}.lock", fcntl.LOCK_EX):
            if (folder / "complete").exists():
                raise FileNotFoundError(upload_id)
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

    def list_parts(self, upload_id: str) -> list[Part]:
        """The parts that arrived whole, by number."""
        records = self._upload(upload_id).glob("*.json")
        return sorted((Part(**json.loads(path.read_text())) for path in records), key=lambda part: part.part_number)

    def complete_parts(self, upload_id: str, key: str, etags: dict[int, str]) -> None:
        """Make the parts, which must be those of `etags`, one file under `key`. Harmless when done before.

        It waits for parts that are being written; none is taken after it. `abort_parts` clears what is left.
        """
        folder, target = self._upload(upload_id), self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder / "lock", fcntl.LOCK_EX):
            if {part.part_number: part.etag for part in self.list_parts(upload_id)} != etags:
                raise PartMismatch(
                    "The parts that were named are not those that arrived. List them, send what differs."
                )
            (folder / "complete").touch()
            if (folder / "data").exists():
                (folder / "data").replace(target)
            elif not target.exists():
                raise FileNotFoundError(upload_id)

    def abort_parts(self, upload_id: str) -> None:
        folder = self._upload(upload_id)
        gone = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}.gone")
        with suppress(FileNotFoundError):
            folder.rename(gone)  # a part on its way in finds no folder any more
        shutil.rmtree(gone, ignore_errors=True)

    def _upload(self, upload_id: str) -> Path:
        return self._path(f"uploads/{upload_id}")

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()) or path == self.root.resolve():
            raise StorageError("This key leads out of the storage.")
        return path


@contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    """Hold an advisory lock, shared or exclusive. Raises FileNotFoundError where the folder is gone."""
    with path.open("w") as file:
        fcntl.flock(file, how)
        yield


storage = DiskStorage(settings.MEDIA_ROOT)
