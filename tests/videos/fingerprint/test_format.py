import numpy as np
import pytest

from tests.videos.diff.fingerprints import fingerprint, scenery, write_fingerprint
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


def test_the_nearest_frame_and_the_nearest_border_are_the_first_of_two():
    video = fingerprint(scenery(5), rate=2)
    times = np.array([-1.0, 0.2, 0.25, 0.3, 1.9, 2.3, 9.0])
    assert video.nearest(times).tolist() == [0, 0, 0, 1, 4, 4, 4]
    assert video.nearest_borders(times).tolist() == [0, 0, 0, 1, 4, 5, 5]


def test_one_frame_is_the_nearest_to_all_times():
    video = fingerprint(scenery(1))
    assert video.nearest(np.array([-1.0, 0.0, 3.0])).tolist() == [0, 0, 0]
