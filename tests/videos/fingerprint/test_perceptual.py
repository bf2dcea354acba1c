import numpy as np
import pytest

from tests import footage
from videos.fingerprint.perceptual import PerceptualEmbedder
from videos.fingerprint.records import RecordBuilder


def clips(frames, rate=10, duration=None, at_once=7):
    embedder = PerceptualEmbedder()
    planes = recorded(frames)
    times = np.arange(len(frames)) / rate
    for first in range(0, len(frames), at_once):
        few = slice(first, first + at_once)
        embedder.add(times[few], *(plane[few] for plane in planes))
    return embedder.clips(duration or len(frames) / rate)


def recorded(frames):
    """Return frames (count, 144, 256, 3) as a fingerprint stores them."""
    red, green, blue = (frames[..., channel].astype(np.float32) for channel in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    chroma = np.stack([128 + 0.56 * (each - luma)[:, ::2, ::2] for each in (blue, red)], axis=1)
    records = RecordBuilder(len(frames)).build(*(plane.clip(0, 255).astype(np.uint8) for plane in (luma, chroma)))
    return records["luma"], records["chroma"], records["detail"]


def pooled(cells, high, wide):
    rows, columns = cells.shape[-2:]
    return cells.reshape(*cells.shape[:-2], rows // high, high, columns // wide, wide).mean(axis=(-3, -1))


def vector(luma, chroma, detail, before):
    """Return one clip's vector by its definition: averages over its frames, in float64."""
    light = pooled(luma.mean(axis=0), 4, 4)
    fine = pooled(detail.mean(axis=0), 2, 4)
    motion = np.abs(np.diff(luma, axis=0, prepend=before)).mean(axis=0)
    joined = np.concatenate([
        ((light - light.mean()) / np.sqrt(light.var() + 9) / 12).ravel(),
        0.8 * ((pooled(chroma.mean(axis=0), 1, 2) - 128) / 144).ravel(),
        0.35 * (np.sqrt(pooled(motion, 4, 4) / 12) / 12).ravel(),
        0.3 * ((fine - fine.mean()) / 48 / np.sqrt(72)).ravel(),
        [(light.mean() - 128) / 512, 0.05],
    ])  # fmt: skip
    return joined / np.linalg.norm(joined)


@pytest.fixture(scope="module")
def bikes():
    return footage.pixels("bikes", 256, 144)[:50]


def apart(one, other):
    return 1 - (one.vectors * other.vectors).sum(axis=1)


def test_clips_are_two_seconds_half_open_and_the_last_may_be_shorter(bikes):
    created = clips(bikes[:45])
    assert (created.starts.tolist(), created.ends.tolist()) == ([0, 2, 4], [2, 4, 4.5])
    assert created.vectors.shape == (3, PerceptualEmbedder.dimensions)
    assert np.linalg.norm(created.vectors, axis=1) == pytest.approx(1)
    assert np.linalg.norm(created.whole) == pytest.approx(1)


@pytest.mark.parametrize("at_once", [1, 7, 50])
def test_a_vector_matches_its_definition_for_any_batch_size(bikes, at_once):
    luma, chroma, detail = (plane.astype(float) for plane in recorded(bikes[:45]))
    plain = [
        vector(*(plane[first : first + 20] for plane in (luma, chroma, detail)), luma[max(0, first - 1)][None])
        for first in (0, 20, 40)
    ]
    assert clips(bikes[:45], at_once=at_once).vectors == pytest.approx(np.array(plain), abs=1e-5)


def test_noise_changes_a_vector_little_and_other_footage_changes_it_much(bikes):
    rng = np.random.default_rng(1)
    noisy = (bikes + rng.normal(0, 4, bikes.shape)).clip(0, 255).astype(np.uint8)
    other = footage.pixels("bigbuckbunny", 256, 144)[:50]
    assert apart(clips(bikes), clips(noisy)).max() < 0.02
    assert apart(clips(bikes), clips(other)).min() > 0.3


def test_a_change_of_colour_alone_changes_the_vector(bikes):
    assert apart(clips(bikes), clips(bikes[..., ::-1])).min() > 0.02


def test_black_clips_are_equal_and_differ_from_other_footage(bikes):
    black = clips(np.zeros_like(bikes))
    assert apart(black, black).max() == pytest.approx(0, abs=1e-6)
    assert apart(black, clips(bikes)).min() > 0.3


def test_a_clip_without_a_frame_repeats_the_last_vector(bikes):
    created = clips(bikes[:2], rate=0.2, duration=10)
    assert len(created.vectors) == 5
    assert (created.vectors[1] == created.vectors[0]).all()
    assert (created.vectors[2] != created.vectors[0]).any()
