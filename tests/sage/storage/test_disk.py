import io

import pytest

from sage.storage import DiskStorage, PartMismatch, StorageError


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
