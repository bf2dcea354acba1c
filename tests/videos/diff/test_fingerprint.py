import numpy as np
import pytest

from tests.videos.diff.prints import scenery, stored
from videos.diff.fingerprint import read_fingerprint

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
def test_frames_are_read_wherever_they_lie(tmp_path, frames):
    film = read_fingerprint(stored(tmp_path / "film.bin", FILM))
    assert (film.read("luma", frames) == FILM[frames]).all()


def test_what_was_let_go_of_is_read_again(tmp_path):
    film = read_fingerprint(stored(tmp_path / "film.bin", FILM))
    film.release()
    assert (film.read("luma", slice(10, 20)) == FILM[10:20]).all()
