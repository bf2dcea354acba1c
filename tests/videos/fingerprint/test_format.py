import numpy as np
import pytest

from tests.videos.diff.fingerprints import scenery, write_fingerprint
from videos.fingerprint.format import read_fingerprint

FILM = scenery(900)


@pytest.mark.parametrize(
    "frames",
    [
        np.arange(0, 900, 9),
        np.arange(899, 0, -11),
        np.roll(np.arange(0, 900, 9), 40),
        np.arange(100, 300),
        np.array([7]),
    ],
    ids=["apart", "backwards", "rolled", "together", "one"],
)
def test_frames_are_read_at_any_indexes(tmp_path, frames):
    film = read_fingerprint(write_fingerprint(tmp_path / "film.bin", FILM))
    assert (film.read("luma", frames) == FILM[frames]).all()


def test_released_frames_are_read_again(tmp_path):
    film = read_fingerprint(write_fingerprint(tmp_path / "film.bin", FILM))
    film.release()
    assert (film.read("luma", slice(10, 20)) == FILM[10:20]).all()
