import numpy as np
import pytest

from tests import footage
from videos.fingerprint import shots
from videos.fingerprint.format import RECORD
from videos.fingerprint.shots import ShotDetector
from videos.processing.analysis import analyse

RATE = 25


def find_shots(luma: np.ndarray, batch: int = 8) -> list[float]:
    """Return the shots of pictures (frames, 36, 64)."""
    records = np.zeros(len(luma), RECORD)
    records["luma"], records["chroma"] = luma, 128
    detector = ShotDetector()
    for first in range(0, len(luma), batch):
        part = records[first : first + batch]
        detector.add([(first + number) / RATE for number in range(len(part))], part)
    return detector.find_shots()


def make_picture(seed: int, frames: int = 30) -> np.ndarray:
    """Return a noisy still picture (frames, 36, 64)."""
    draw = np.random.default_rng(seed)
    picture = draw.integers(20, 236, (1, 36, 64))
    return np.clip(picture + draw.integers(-3, 4, (frames, 36, 64)), 0, 255)


def test_shots_begin_at_the_cuts_of_an_encoded_film(tmp_path):
    path = footage.clip("film-of-shots", lambda: footage.film(4, 40))
    assert analyse(str(path), str(tmp_path), lambda share: None)["shots"] == pytest.approx(
        [0, 1.6, 3.2, 4.8], abs=0.001
    )


def test_hand_held_footage_and_animation_without_cuts_are_one_shot(tmp_path):
    assert analyse(str(footage.real("bigbuckbunny")), str(tmp_path), lambda share: None)["shots"] == [0]


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_the_size_of_the_batches_does_not_matter(batch):
    film = np.concatenate([make_picture(seed) for seed in range(3)])
    assert find_shots(film, batch) == [0, 1.2, 2.4]


@pytest.mark.parametrize("length", [1, shots.FLASH_FRAMES])
def test_a_flash_is_no_shot(length):
    film = make_picture(1, 60)
    film[30 : 30 + length] = 250
    assert find_shots(film) == [0]


def test_a_picture_that_lasts_longer_than_a_flash_is_a_shot():
    film = make_picture(1, 60)
    film[30:40] = 250
    assert find_shots(film) == [0, 1.2, 1.6]


def test_a_fade_is_no_cut():
    weights = np.concatenate([np.zeros(25), np.linspace(0, 1, 25), np.ones(25)])[:, None, None]
    film = make_picture(1, 75) * (1 - weights) + make_picture(2, 75) * weights
    assert find_shots(film) == [0]


def test_steady_fast_motion_is_no_cut():
    wide = np.random.default_rng(3).integers(20, 236, (36, 2000))
    assert find_shots(np.stack([wide[:, 10 * number : 10 * number + 64] for number in range(100)])) == [0]


@pytest.mark.parametrize("frames", [1, 2, 4])
def test_a_video_of_a_few_frames_is_one_shot(frames):
    assert find_shots(make_picture(1, frames)) == [0]


def test_no_frames_are_no_shots():
    assert ShotDetector().find_shots() == []


def test_the_clearest_cuts_are_kept_if_there_are_too_many(monkeypatch):
    monkeypatch.setattr(shots, "MAX_SHOTS", 3)
    levels = [100, 110, 200, 190, 20]
    film = np.concatenate([np.full((30, 36, 64), level) for level in levels])
    assert find_shots(film) == [0, 2.4, 4.8]
