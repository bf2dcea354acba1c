"""What holds wherever files lie."""

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
def begun(place, key):
    return place.begin_parts(key, "video/mp4", {"original_filename": "Füm.mp4"})


def test_a_file_that_is_put_is_read_back(place, key, tmp_path):
    (tmp_path / "one").write_bytes(b"one file")

    place.put_file(key, tmp_path / "one", "video/mp4")

    assert place.read(key) == b"one file"


def test_a_file_is_measured_and_read_from_any_place(place, key):
    place.put_stream(key, io.BytesIO(b"0123456789"))

    assert place.stat(key).size == 10
    assert place.read(key) == b"0123456789"
    rest = place.open(key, 4)
    assert (rest.read(3), rest.read(100)) == (b"456", b"789")
    rest.close()


@pytest.mark.parametrize("method", ["stat", "read", "open"])
def test_a_file_that_is_not_there_is_not_found(place, key, method):
    with pytest.raises(FileNotFoundError):
        getattr(place, method)(key)


def test_files_below_a_key_are_listed_and_go_with_it(place):
    folder = f"derived/{uuid.uuid4()}"
    for name in ("b", "a/1", "a/2"):
        place.put_stream(f"{folder}/{name}", io.BytesIO(b"x"))

    assert list(place.keys(folder)) == [f"{folder}/a/1", f"{folder}/a/2", f"{folder}/b"]
    place.delete(f"{folder}/b")
    place.delete(folder)
    place.delete(folder)

    assert list(place.keys(folder)) == []


def test_a_neighbour_whose_name_begins_alike_stays(place):
    name = f"derived/{uuid.uuid4()}"
    place.put_stream(f"{name}/x", io.BytesIO(b"x"))
    place.put_stream(f"{name}0/x", io.BytesIO(b"y"))

    place.delete(name)

    assert place.read(f"{name}0/x") == b"y"


def test_parts_in_any_order_become_one_file(place, key, begun, send):
    etags = {number: send(key, begun, number, data).etag for number, data in ((2, LAST), (1, FIRST))}

    place.complete_parts(key, begun, etags)

    assert place.read(key) == FIRST + LAST
    assert etags[2] == hashlib.md5(LAST, usedforsecurity=False).hexdigest()


def test_parts_that_arrived_are_listed(place, key, begun, send):
    sent = [send(key, begun, 2, LAST), send(key, begun, 1, FIRST)]

    assert place.list_parts(key, begun) == sent[::-1]


def test_a_part_sent_again_replaces_the_first(place, key, begun, send):
    send(key, begun, 1, b"first")
    again = send(key, begun, 1, b"other")

    assert [part.part_number for part in place.list_parts(key, begun)] == [1]
    place.complete_parts(key, begun, {1: again.etag})
    assert place.read(key) == b"other"


def test_another_part_than_the_one_that_is_named_makes_no_file(place, key, begun, send):
    send(key, begun, 1, b"first")

    with pytest.raises(PartMismatch, match="not those that arrived"):
        place.complete_parts(key, begun, {1: "0" * 32})
    with pytest.raises(FileNotFoundError):
        place.stat(key)


def test_completing_twice_is_harmless(place, key, begun, send):
    etags = {1: send(key, begun, 1, b"whole").etag}
    place.complete_parts(key, begun, etags)

    place.complete_parts(key, begun, etags)
    place.abort_parts(key, begun)

    assert place.read(key) == b"whole"


def test_aborted_parts_are_gone_and_make_no_file(place, key, begun, send):
    etags = {1: send(key, begun, 1, b"whole").etag}

    place.abort_parts(key, begun)
    place.abort_parts(key, begun)

    assert place.list_parts(key, begun) == []
    with pytest.raises(FileNotFoundError):
        place.complete_parts(key, begun, etags)


def test_decoders_get_a_path_and_no_copy_stays(place, key, tmp_path):
    place.put_stream(key, io.BytesIO(b"pictures"))
    folder = tmp_path / "scratch"

    with place.local_copy(key, folder) as path:
        assert path.read_bytes() == b"pictures"
        assert path.suffix == ".mp4"

    assert not folder.exists() or list(folder.iterdir()) == []
    assert place.read(key) == b"pictures"


def test_a_missing_file_is_told_in_a_sentence(place, key, tmp_path):
    with pytest.raises(FileLost, match="Upload it again"), place.local_copy(key, tmp_path):
        pass


def test_a_place_that_works_passes_its_check(place):
    place.check()
