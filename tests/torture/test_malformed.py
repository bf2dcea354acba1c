import av
import pytest

from tests.torture.malformed import elsewhere, files, film

SEED, COUNT = 7, 30


@pytest.fixture
def lure(tmp_path):
    (tmp_path / "lure.mov").write_bytes(film("mov"))
    return tmp_path / "lure.mov"


def test_a_seed_makes_the_same_files(lure):
    assert list(files(SEED, COUNT, lure)) == list(files(SEED, COUNT, lure))
    assert list(files(SEED, COUNT, lure)) != list(files(SEED + 1, COUNT, lure))


def test_a_film_that_keeps_its_pictures_elsewhere_would_find_them_if_it_were_let(lure, tmp_path):
    (tmp_path / "elsewhere.mov").write_bytes(elsewhere(lure))
    follow = {"enable_drefs": "1", "use_absolute_path": "1"}
    with av.open(str(tmp_path / "elsewhere.mov"), options=follow) as container:
        assert len(list(container.decode(video=0))) == 24
