import io
import os
import shutil
import signal
import stat
import subprocess
import sys
from contextlib import suppress

import pytest

from sage.storage import DiskStorage, PartMismatch, StorageError, StorageUnavailable
from sage.storage.free_space import measure_usable_bytes
from tests.servers import ROOT


@pytest.fixture
def disk(tmp_path):
    return DiskStorage(tmp_path / "files")


def send(disk, parts, number, data, size=None, part_size=4):
    return disk.write_part(
        parts, number, (number - 1) * part_size, len(data) if size is None else size, io.BytesIO(data)
    )


def etags(disk, parts):
    return {part.part_number: part.etag for part in disk.list_parts("k", parts)}


@pytest.mark.parametrize("data", [b"abc", b"abcde", b""])
def test_a_part_of_another_size_is_not_stored(disk, data):
    parts = disk.begin_parts("k")

    with pytest.raises(PartMismatch):
        send(disk, parts, 1, data, size=4)
    assert disk.list_parts("k", parts) == []


def test_no_part_is_accepted_after_completion(disk):
    parts = disk.begin_parts("k")
    send(disk, parts, 1, b"abcd")
    disk.complete_parts("k", parts, etags(disk, parts))

    with pytest.raises(FileNotFoundError):
        send(disk, parts, 1, b"evil")
    assert disk.read("k") == b"abcd"


@pytest.mark.parametrize("key", ["../outside", "/etc/passwd", "videos/../../x", ""])
def test_no_key_leaves_the_storage_folder(disk, key):
    with pytest.raises(StorageError):
        disk.read(key)


KILLED = """
import os, pathlib, signal, sys
from sage.storage import DiskStorage

class Stream:
    reads = 0
    def read(self, size):
        self.reads += 1
        return b"bytes" if self.reads < 3 else os.kill(os.getpid(), signal.SIGKILL)

DiskStorage(pathlib.Path(sys.argv[1])).put_stream("derived/film/poster.jpg", Stream())
"""


def test_a_killed_write_leaves_the_previous_file(disk):
    disk.put_stream("derived/film/poster.jpg", io.BytesIO(b"before"))

    killed = subprocess.run([sys.executable, "-c", KILLED, disk.root], cwd=ROOT, check=False)

    assert killed.returncode == -signal.SIGKILL
    assert [path.name for path in (disk.root / "derived/film").iterdir()] == ["poster.jpg"]
    assert disk.read("derived/film/poster.jpg") == b"before"


KILLED_AFTER_THE_LINK = """
import io, os, pathlib, signal, sys
from sage.storage import DiskStorage

link = os.link
def link_and_die(*names, **folders):
    link(*names, **folders)
    os.kill(os.getpid(), signal.SIGKILL)

os.link = link_and_die
DiskStorage(pathlib.Path(sys.argv[1])).put_stream("derived/film/poster.jpg", io.BytesIO(b"whole"))
"""


def test_a_new_file_never_has_another_name(disk):
    killed = subprocess.run([sys.executable, "-c", KILLED_AFTER_THE_LINK, disk.root], cwd=ROOT, check=False)

    assert killed.returncode == -signal.SIGKILL
    assert [path.name for path in (disk.root / "derived/film").iterdir()] == ["poster.jpg"]
    assert disk.read("derived/film/poster.jpg") == b"whole"


def test_a_file_system_without_o_tmpfile_is_supported(disk, monkeypatch):
    monkeypatch.setattr(os, "O_TMPFILE", os.O_DIRECTORY)  # such a file system refuses O_TMPFILE in the same way

    disk.put_stream("derived/film/poster.jpg", io.BytesIO(b"after"))

    assert [path.name for path in (disk.root / "derived/film").iterdir()] == ["poster.jpg"]
    assert disk.read("derived/film/poster.jpg") == b"after"


def test_the_check_fails_if_the_folder_is_not_writable(tmp_path):
    (tmp_path / "file").write_text("in the way")

    DiskStorage(tmp_path / "fine").check()
    with pytest.raises(OSError, match="file"):
        DiskStorage(tmp_path / "file").check()


def test_an_aborted_upload_accepts_no_part_and_leaves_no_file(disk):
    parts = disk.begin_parts("k")
    send(disk, parts, 1, b"abcd")

    disk.abort_parts("k", parts)

    assert list(disk.root.rglob("*.json")) == []
    with pytest.raises(FileNotFoundError):
        send(disk, parts, 2, b"abcd")


def test_parts_without_a_valid_record_are_not_listed(disk):
    parts = disk.begin_parts("k")
    for number in (1, 2, 3):
        send(disk, parts, number, b"abcd")
    folder = disk.root / "uploads" / parts
    (folder / "1.json").unlink()
    (folder / "1.json").symlink_to("gone")  # listed by its folder, but deleted when it is read
    (folder / "2.json").write_text("")  # as after a power failure

    assert [part.part_number for part in disk.list_parts("k", parts)] == [3]


# --- A full disk ---


@pytest.fixture
def small_disk(tmp_path):
    """Mount a disk of 64 kB with 16 inodes."""
    backend = tmp_path / "small"
    backend.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=16", "none", backend]
    if os.getuid() or subprocess.run(mount, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield DiskStorage(backend)
    subprocess.run(["umount", backend], check=True)


def fill_disk(disk):
    with suppress(OSError):
        for number in range(100):
            (disk.root / f"ballast-{number}").write_bytes(bytes(8192))
    with suppress(OSError):
        for number in range(100):
            (disk.root / f"ballast-empty-{number}").touch()


def test_a_full_disk_is_reported_by_every_operation(small_disk):
    parts = small_disk.begin_parts("videos/k")
    etags_by_number = {1: send(small_disk, parts, 1, b"abcd").etag}
    fill_disk(small_disk)

    operations = [
        lambda: small_disk.put_stream("videos/whole", io.BytesIO(bytes(100_000))),
        lambda: small_disk.begin_parts("videos/another"),
        lambda: send(small_disk, parts, 2, bytes(100_000), part_size=4096),
        lambda: small_disk.complete_parts("videos/k", parts, etags_by_number),
    ]
    for operation in operations:
        with pytest.raises(StorageUnavailable, match="disk of this site is full"):
            operation()

    for ballast in small_disk.root.glob("ballast-*"):
        ballast.unlink()
    small_disk.complete_parts("videos/k", parts, etags_by_number)
    assert small_disk.read("videos/k") == b"abcd"


def test_files_leave_the_reserve_of_the_disk_free(tmp_path):
    free = DiskStorage(tmp_path).free_bytes()
    reserving = DiskStorage(tmp_path, reserve_bytes=10 * free)
    source = tmp_path / "source"
    source.write_bytes(b"film")

    parts = reserving.begin_parts("k")
    for write in (
        lambda: reserving.put_file("k", source),
        lambda: reserving.put_stream("k", io.BytesIO(b"film")),
        lambda: send(reserving, parts, 1, b"abcd"),
    ):
        with pytest.raises(StorageUnavailable, match="disk of this site is full"):
            write()
    assert reserving.free_bytes() == 0


def test_the_default_reserve_is_a_share_of_the_disk(tmp_path):
    usage = shutil.disk_usage(tmp_path)
    reserve = min(usage.total // 20, 1024**3)

    assert measure_usable_bytes(tmp_path) == pytest.approx(max(0, usage.free - reserve), abs=256 * 1024**2)


def test_parts_may_use_most_of_the_reserve_because_their_space_was_announced(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    nearly_full = DiskStorage(tmp_path, reserve_bytes=120)

    assert nearly_full.free_bytes() == 0
    assert send(nearly_full, nearly_full.begin_parts("k"), 1, b"abcd").part_number == 1


def test_a_joined_upload_still_counts_as_received(disk):
    parts = disk.begin_parts("k")
    part = send(disk, parts, 1, os.urandom(8192))
    received = disk.allocated_bytes("k", parts)

    disk.complete_parts("k", parts, {1: part.etag})

    assert disk.allocated_bytes("k", parts) == received > 0


def test_the_received_bytes_of_an_upload_are_measured(disk):
    parts = disk.begin_parts("k")
    assert disk.allocated_bytes("k", parts) == 0
    disk.write_part(parts, 3, 2 * 1024**2, 1024**2, io.BytesIO(os.urandom(1024**2)))

    assert 1024**2 <= disk.allocated_bytes("k", parts) < 2 * 1024**2
    assert disk.allocated_bytes("k", "unknown") == 0


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o700, 0o600), (0o750, 0o640)])
def test_other_users_of_the_machine_cannot_read_files(tmp_path, folder_mode, file_mode):
    disk = DiskStorage(tmp_path / "media", folder_mode)
    disk.put_stream("videos/one", io.BytesIO(b"film"))
    parts = disk.begin_parts("videos/two")
    send(disk, parts, 1, b"abcd")
    disk.complete_parts("videos/two", parts, etags(disk, parts))

    videos = tmp_path / "media" / "videos"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "media", videos)} == {folder_mode}
    assert {stat.S_IMODE(path.stat().st_mode) for path in videos.iterdir()} == {file_mode}
