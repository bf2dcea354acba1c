import io

import pytest

from sage.storage import DiskStorage, PartMismatch, StorageError


@pytest.fixture
def disk(tmp_path):
    return DiskStorage(tmp_path / "files")


def send(disk, number, data, size=None, part_size=4):
    return disk.write_part("u", number, (number - 1) * part_size, len(data) if size is None else size, io.BytesIO(data))


def etags(disk):
    return {part.part_number: part.etag for part in disk.list_parts("u")}


def test_other_parts_than_those_named_become_no_file(disk):
    disk.begin_parts("u")
    send(disk, 1, b"abcd")
    named = etags(disk)
    send(disk, 1, b"evil")

    with pytest.raises(PartMismatch, match="not those that arrived"):
        disk.complete_parts("u", "k", named)
    assert not (disk.root / "k").exists()


def test_parts_in_any_order_become_one_file(disk):
    disk.begin_parts("u")
    for number, data in ((3, b"ij"), (1, b"abcd"), (2, b"efgh")):
        send(disk, number, data)

    disk.complete_parts("u", "videos/whole", etags(disk))

    assert disk.read("videos/whole") == b"abcdefghij"
    assert disk.size("videos/whole") == 10


def test_an_etag_is_the_md5_of_the_part(disk):
    disk.begin_parts("u")

    assert send(disk, 1, b"abcd").etag == "e2fc714c4727ee9395f324cd2e7f331f"
    assert [part.part_number for part in disk.list_parts("u")] == [1]


@pytest.mark.parametrize("data", [b"abc", b"abcde", b""])
def test_a_part_of_another_size_does_not_count(disk, data):
    disk.begin_parts("u")

    with pytest.raises(PartMismatch):
        send(disk, 1, data, size=4)
    assert disk.list_parts("u") == []


def test_a_part_sent_again_replaces_the_first(disk):
    disk.begin_parts("u")
    send(disk, 1, b"abcd")
    send(disk, 1, b"wxyz")

    disk.complete_parts("u", "k", etags(disk))

    assert disk.read("k") == b"wxyz"


def test_completing_twice_is_harmless(disk):
    disk.begin_parts("u")
    send(disk, 1, b"abcd")
    disk.complete_parts("u", "k", etags(disk))

    disk.complete_parts("u", "k", etags(disk))

    assert disk.read("k") == b"abcd"


def test_no_part_is_taken_once_the_file_is_whole(disk):
    disk.begin_parts("u")
    send(disk, 1, b"abcd")
    disk.complete_parts("u", "k", etags(disk))

    with pytest.raises(FileNotFoundError):
        send(disk, 1, b"evil")
    assert disk.read("k") == b"abcd"


def test_an_aborted_upload_leaves_nothing(disk):
    disk.begin_parts("u")
    send(disk, 1, b"abcd")

    disk.abort_parts("u")

    assert list(disk.root.rglob("*.json")) == []
    with pytest.raises(FileNotFoundError):
        send(disk, 2, b"abcd")
    with pytest.raises(FileNotFoundError):
        disk.complete_parts("u", "k", {})


@pytest.mark.parametrize("key", ["../outside", "/etc/passwd", "videos/../../x", ""])
def test_no_key_leads_out_of_the_storage(disk, key):
    with pytest.raises(StorageError):
        disk.read(key)


def test_deleting_takes_a_file_or_a_folder_and_forgives_what_is_gone(disk):
    disk.put_stream("d/1", io.BytesIO(b"1"))
    disk.put_stream("d/2", io.BytesIO(b"2"))

    disk.delete("d/1")
    disk.delete("d")
    disk.delete("d")

    assert not (disk.root / "d").exists()


def test_a_missing_file_is_told_in_a_sentence(disk):
    with pytest.raises(StorageError, match="Upload it again"), disk.local_copy("videos/gone"):
        pass


def test_the_check_fails_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")

    DiskStorage(tmp_path / "fine").check()
    with pytest.raises(OSError, match="file"):
        DiskStorage(tmp_path / "file").check()
