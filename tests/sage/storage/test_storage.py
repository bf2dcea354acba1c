"""Behaviour that all storage backends share."""

import hashlib
import io
import uuid

import pytest

from sage.storage import FileLost, PartMismatch
from tests.sage.storage.conftest import PART_SIZE

FIRST, LAST = b"a" * PART_SIZE, b"the end"


@pytest.fixture
def key():
    return f"videos/{uuid.uuid4()}_film.mp4"


@pytest.fixture
def begun(backend, key):
    return backend.begin_parts(key, "video/mp4", {"original_filename": "Füm.mp4"})


def test_a_stored_file_can_be_read(backend, key, tmp_path):
    (tmp_path / "one").write_bytes(b"one file")

    backend.put_file(key, tmp_path / "one", "video/mp4")

    assert backend.read(key) == b"one file"


def test_a_file_has_a_size_and_can_be_read_from_any_offset(backend, key):
    backend.put_stream(key, io.BytesIO(b"0123456789"))

    assert backend.stat(key).size == 10
    assert backend.read(key) == b"0123456789"
    rest = backend.open(key, 4)
    assert (rest.read(3), rest.read(100)) == (b"456", b"789")
    rest.close()


@pytest.mark.parametrize("method", ["stat", "read", "open"])
def test_a_missing_file_raises_file_not_found(backend, key, method):
    with pytest.raises(FileNotFoundError):
        getattr(backend, method)(key)


def test_files_below_a_key_are_listed_and_deleted_with_it(backend):
    folder = f"derived/{uuid.uuid4()}"
    for name in ("b", "a/1", "a/2"):
        backend.put_stream(f"{folder}/{name}", io.BytesIO(b"x"))

    assert list(backend.keys(folder)) == [f"{folder}/a/1", f"{folder}/a/2", f"{folder}/b"]
    backend.delete(f"{folder}/b")
    backend.delete(folder)
    backend.delete(folder)

    assert list(backend.keys(folder)) == []


def test_a_key_with_the_same_prefix_is_not_deleted(backend):
    name = f"derived/{uuid.uuid4()}"
    backend.put_stream(f"{name}/x", io.BytesIO(b"x"))
    backend.put_stream(f"{name}0/x", io.BytesIO(b"y"))

    backend.delete(name)

    assert backend.read(f"{name}0/x") == b"y"


def test_parts_in_any_order_become_one_file(backend, key, begun, send):
    etags = {number: send(key, begun, number, data).etag for number, data in ((2, LAST), (1, FIRST))}

    backend.complete_parts(key, begun, etags)

    assert backend.read(key) == FIRST + LAST
    assert etags[2] == hashlib.md5(LAST, usedforsecurity=False).hexdigest()


def test_stored_parts_are_listed(backend, key, begun, send):
    sent = [send(key, begun, 2, LAST), send(key, begun, 1, FIRST)]

    assert backend.list_parts(key, begun) == sent[::-1]


def test_a_part_sent_again_replaces_the_first(backend, key, begun, send):
    send(key, begun, 1, b"first")
    again = send(key, begun, 1, b"other")

    assert [part.part_number for part in backend.list_parts(key, begun)] == [1]
    backend.complete_parts(key, begun, {1: again.etag})
    assert backend.read(key) == b"other"


def test_a_wrong_etag_creates_no_file(backend, key, begun, send):
    send(key, begun, 1, b"first")

    with pytest.raises(PartMismatch, match="do not match the uploaded parts"):
        backend.complete_parts(key, begun, {1: "0" * 32})
    with pytest.raises(FileNotFoundError):
        backend.stat(key)


def test_completing_twice_gives_the_same_file(backend, key, begun, send):
    etags = {1: send(key, begun, 1, b"whole").etag}
    backend.complete_parts(key, begun, etags)

    backend.complete_parts(key, begun, etags)
    backend.abort_parts(key, begun)

    assert backend.read(key) == b"whole"


def test_aborted_parts_are_deleted_and_create_no_file(backend, key, begun, send):
    etags = {1: send(key, begun, 1, b"whole").etag}

    backend.abort_parts(key, begun)
    backend.abort_parts(key, begun)

    assert backend.list_parts(key, begun) == []
    with pytest.raises(FileNotFoundError):
        backend.complete_parts(key, begun, etags)


def test_a_local_copy_is_deleted_after_use(backend, key, tmp_path):
    backend.put_stream(key, io.BytesIO(b"pictures"))
    folder = tmp_path / "scratch"

    with backend.local_copy(key, folder) as path:
        assert path.read_bytes() == b"pictures"
        assert path.suffix == ".mp4"

    assert not folder.exists() or list(folder.iterdir()) == []
    assert backend.read(key) == b"pictures"


def test_a_missing_file_is_reported_with_advice(backend, key, tmp_path):
    with pytest.raises(FileLost, match="Upload it again"), backend.local_copy(key, tmp_path):
        pass


def test_a_working_backend_passes_its_check(backend):
    backend.check()
