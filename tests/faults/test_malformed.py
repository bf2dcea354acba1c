import av
import pytest

from tests.faults.malformed import build_film, build_film_with_external_data, generate_files

SEED, COUNT = 7, 30


@pytest.fixture
def target(tmp_path):
    (tmp_path / "target.mov").write_bytes(build_film("mov"))
    return tmp_path / "target.mov"


def test_a_seed_gives_the_same_files(target):
    assert list(generate_files(SEED, COUNT, target)) == list(generate_files(SEED, COUNT, target))
    assert list(generate_files(SEED, COUNT, target)) != list(generate_files(SEED + 1, COUNT, target))


def test_the_film_with_external_data_plays_if_external_references_are_allowed(target, tmp_path):
    (tmp_path / "elsewhere.mov").write_bytes(build_film_with_external_data(target))
    follow = {"enable_drefs": "1", "use_absolute_path": "1"}
    with av.open(str(tmp_path / "elsewhere.mov"), options=follow) as container:
        assert len(list(container.decode(video=0))) == 24
