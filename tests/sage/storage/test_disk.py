import io
import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from sage.storage import DiskStorage, PartMismatch, StorageAway, StorageError
from tests.stage import ROOT


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
def test_a_part_of_another_size_does_not_count(disk, data):
    parts = disk.begin_parts("k")

    with pytest.raises(PartMismatch):
        send(disk, parts, 1, data, size=4)
    assert disk.list_parts("k", parts) == []


def test_no_part_is_taken_once_the_file_is_whole(disk):
    parts = disk.begin_parts("k")
    send(disk, parts, 1, b"abcd")
    disk.complete_parts("k", parts, etags(disk, parts))

    with pytest.raises(FileNotFoundError):
        send(disk, parts, 1, b"evil")
    assert disk.read("k") == b"abcd"


@pytest.mark.parametrize("key", ["../outside", "/etc/passwd", "videos/../../x", ""])
def test_no_key_leads_out_of_the_storage(disk, key):
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


def test_a_write_that_is_killed_leaves_nothing_and_what_was_there(disk):
    disk.put_stream("derived/film/poster.jpg", io.BytesIO(b"before"))

    killed = subprocess.run([sys.executable, "-c", KILLED, disk.root], cwd=ROOT, check=False)

    assert killed.returncode == -signal.SIGKILL
    assert [path.name for path in (disk.root / "derived/film").iterdir()] == ["poster.jpg"]
    assert disk.read("derived/film/poster.jpg") == b"before"


def test_a_file_system_without_nameless_files_serves_as_well(disk, monkeypatch):
    monkeypatch.setattr(os, "O_TMPFILE", os.O_DIRECTORY)  # refused as such a file system refuses the other

    disk.put_stream("derived/film/poster.jpg", io.BytesIO(b"after"))

    assert [path.name for path in (disk.root / "derived/film").iterdir()] == ["poster.jpg"]
    assert disk.read("derived/film/poster.jpg") == b"after"


def test_the_check_fails_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")

    DiskStorage(tmp_path / "fine").check()
    with pytest.raises(OSError, match="file"):
        DiskStorage(tmp_path / "file").check()


def test_an_aborted_upload_takes_no_part_and_leaves_nothing(disk):
    parts = disk.begin_parts("k")
    send(disk, parts, 1, b"abcd")

    disk.abort_parts("k", parts)

    assert list(disk.root.rglob("*.json")) == []
    with pytest.raises(FileNotFoundError):
        send(disk, parts, 2, b"abcd")


def test_parts_that_are_sent_again_or_lost_their_record_are_not_listed(disk):
    parts = disk.begin_parts("k")
    for number in (1, 2, 3):
        send(disk, parts, number, b"abcd")
    folder = disk.root / "uploads" / parts
    (folder / "1.json").unlink()
    (folder / "1.json").symlink_to("gone")  # listed by its folder, and not there any more when it is read
    (folder / "2.json").write_text("")  # as a power cut leaves it

    assert [part.part_number for part in disk.list_parts("k", parts)] == [3]


# --- A disk without room ---


@pytest.fixture
def small_disk(tmp_path):
    """Of 64 kB, with as many files as it has blocks."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=16", "none", place]
    if os.getuid() or subprocess.run(mount, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield DiskStorage(place)
    subprocess.run(["umount", place], check=True)


def fill_up(disk):
    with suppress(OSError):
        for number in range(100):
            (disk.root / f"ballast-{number}").write_bytes(bytes(8192))


def test_a_full_disk_is_a_place_that_is_away_whatever_is_asked_of_it(small_disk):
    parts = small_disk.begin_parts("videos/k")
    named = {1: send(small_disk, parts, 1, b"abcd").etag}
    fill_up(small_disk)

    asks = [
        lambda: small_disk.put_stream("videos/whole", io.BytesIO(bytes(100_000))),
        lambda: small_disk.begin_parts("videos/another"),
        lambda: send(small_disk, parts, 2, bytes(100_000), part_size=4096),
        lambda: small_disk.complete_parts("videos/k", parts, named),
    ]
    for ask in asks:
        with pytest.raises(StorageAway, match="disk of this site is full"):
            ask()

    for ballast in small_disk.root.glob("ballast-*"):
        ballast.unlink()
    small_disk.complete_parts("videos/k", parts, named)
    assert small_disk.read("videos/k") == b"abcd"
