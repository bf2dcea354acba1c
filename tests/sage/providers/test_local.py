import numpy as np
import pytest

from sage.providers.local import PerceptualEmbedder
from tests import footage
from videos.diff.fingerprint import summarise


def clips(frames, rate=10, duration=None):
    embedder = PerceptualEmbedder()
    for index, frame in enumerate(frames):
        embedder.add(index / rate, *planes(frame))
    return embedder.clips(duration or len(frames) / rate)


def planes(frame):
    """A frame (144, 256, 3) as a fingerprint keeps it."""
    red, green, blue = (frame[..., channel].astype(np.float32) for channel in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    half = [(128 + 0.56 * (each - luma))[::2, ::2] for each in (blue, red)]
    record = summarise(*(np.ascontiguousarray(plane.clip(0, 255).astype(np.uint8)) for plane in (luma, *half)))
    return record["luma"], record["chroma"], record["detail"]


@pytest.fixture(scope="module")
def bikes():
    return footage.pixels("bikes", 256, 144)[:50]


def apart(one, other):
    return 1 - (one.vectors * other.vectors).sum(axis=1)


def test_clips_are_two_seconds_half_open_and_the_last_may_be_shorter(bikes):
    made = clips(bikes[:45])
    assert (made.starts.tolist(), made.ends.tolist()) == ([0, 2, 4], [2, 4, 4.5])
    assert made.vectors.shape == (3, PerceptualEmbedder.dimensions)
    assert np.linalg.norm(made.vectors, axis=1) == pytest.approx(1)
    assert np.linalg.norm(made.whole) == pytest.approx(1)


def test_noise_moves_a_clip_little_and_other_footage_moves_it_far(bikes):
    rng = np.random.default_rng(1)
    noisy = (bikes + rng.normal(0, 4, bikes.shape)).clip(0, 255).astype(np.uint8)
    other = footage.pixels("bigbuckbunny", 256, 144)[:50]
    assert apart(clips(bikes), clips(noisy)).max() < 0.02
    assert apart(clips(bikes), clips(other)).min() > 0.3


def test_colour_alone_is_seen(bikes):
    assert apart(clips(bikes), clips(bikes[..., ::-1])).min() > 0.02


def test_black_is_like_black_and_unlike_a_picture(bikes):
    black = clips(np.zeros_like(bikes))
    assert apart(black, black).max() == pytest.approx(0, abs=1e-6)
    assert apart(black, clips(bikes)).min() > 0.3


def test_a_clip_without_a_frame_shows_what_the_last_one_showed(bikes):
    made = clips(bikes[:2], rate=0.2, duration=10)
    assert len(made.vectors) == 5
    assert (made.vectors[1] == made.vectors[0]).all()
    assert (made.vectors[2] != made.vectors[0]).any()
