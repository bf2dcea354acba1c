import numpy as np
import pytest

from tests.videos.diff.fingerprints import scenery
from videos.diff.sampling.colour_transform import (
    GRADE_TERMS,
    ColourTransform,
    enlarge_chroma,
    index_colours,
    reduce_luma,
)


def test_tones_map_levels_by_a_curve_and_colours_by_a_mix():
    mix = np.zeros((3, GRADE_TERMS), np.float32)
    mix[1, 0], mix[2, 3] = 3, 64  # Cb three levels up, Cr up with Cb
    tones = ColourTransform(np.arange(256, dtype=np.float32) / 2, mix)
    luma, chroma = np.full((1, 36, 64), 100, np.float32), np.full((1, 2, 9, 16), 128, np.float32)
    chroma[:, 0] += 16
    assert np.allclose(tones.transform_luma(luma, chroma), 50)
    assert np.allclose(tones.transform_chroma(chroma, luma[:, ::4, ::4])[0, :, 0, 0], [147, 136])


def test_an_edge_between_two_colours_stays_sharp():
    luma = np.full((1, 36, 64), 60, np.float32)
    luma[:, :, 30:] = 160
    fine = np.where(luma > 100, 182, 90)
    chroma = np.stack([fine, 128 + 0 * fine], axis=1).reshape(1, 2, 9, 4, 16, 4).mean(axis=(3, 5))
    colours = index_colours(luma, chroma.astype(np.float32))
    expected = index_colours(luma, np.stack([fine, 128 + 0 * fine], axis=1).astype(np.float32))
    assert (colours == expected).mean() > 0.99


def test_enlarged_chroma_keeps_the_mean_of_each_cell():
    rng = np.random.default_rng(5)
    chroma = rng.integers(60, 200, (3, 2, 9, 16)).astype(np.float32)
    enlarged = enlarge_chroma(chroma, scenery(3).astype(np.float32))
    means = np.stack([reduce_luma(enlarged[:, plane]) for plane in (0, 1)], axis=1)
    assert means == pytest.approx(chroma, abs=0.01)
