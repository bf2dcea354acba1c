from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.fingerprints import sampled
from videos.diff.sampling.recolouring import permute_channels
from videos.diff.transforms.recolouring import find_recolouring, recolour

PAIRS = 20
FRAMES = np.arange(PAIRS)


def coloured(seed, cells):
    """Return grey pictures, of which some cells of chroma have a colour."""
    rng = np.random.default_rng(seed)
    side = sampled(np.full((PAIRS, 36, 64), 120, np.uint8))
    chroma = side.fingerprint.records["chroma"].reshape(PAIRS, 2, -1)
    chroma[:, :, :cells] = rng.integers(90, 166, (PAIRS, 2, cells))
    return side


def exchanged(side):
    """Return the pictures with red, green and blue in another order."""
    there = recolour(side, permute_channels((1, 2, 0), "bt601"))
    other = sampled(there.read_luma(FRAMES).round().clip(0, 255).astype(np.uint8))
    other.fingerprint.records["chroma"] = there.read_chroma(FRAMES).round().clip(0, 255).astype(np.uint8)
    return other


@pytest.mark.parametrize("cells", [4, 144])
def test_a_few_coloured_cells_tell_that_channels_are_exchanged(cells):
    a = coloured(1, cells)
    *_, facts, explained = find_recolouring(a, exchanged(a), FRAMES, FRAMES)
    assert facts == [{"kind": "recolour", "value": "gbr"}]
    assert explained.all()


def test_without_a_change_of_colours_none_is_found():
    a = coloured(1, 40)
    *_, facts, explained = find_recolouring(a, a, FRAMES, FRAMES)
    assert facts == []
    assert explained.all()


def test_a_change_is_found_though_most_pairs_show_different_pages():
    a = coloured(1, 144)
    paired = np.where(FRAMES < PAIRS * 2 // 5, FRAMES, np.roll(FRAMES, 7))
    *_, facts, explained = find_recolouring(a, exchanged(a), FRAMES, paired)
    assert facts == [{"kind": "recolour", "value": "gbr"}]
    assert (explained == (paired == FRAMES)).all()


def test_a_box_with_exchanged_channels_is_no_change_of_the_whole():
    a = coloured(1, 144)
    b = replace(a, fingerprint=replace(a.fingerprint, records=a.fingerprint.records.copy()))
    b.fingerprint.records["chroma"][:, :, 2:4, 3:7] = exchanged(a).fingerprint.records["chroma"][:, :, 2:4, 3:7]
    *_, facts, _ = find_recolouring(a, b, FRAMES, FRAMES)
    assert facts == []


def plain_pages():
    """Return pages of two plain colours."""
    side = sampled(np.full((PAIRS, 36, 64), 150, np.uint8))
    chroma = side.fingerprint.records["chroma"]
    chroma[: PAIRS // 2] = np.array([110, 150])[:, None, None]
    chroma[PAIRS // 2 :] = np.array([150, 120])[:, None, None]
    return side


def test_a_grade_that_makes_one_page_look_as_if_channels_were_exchanged_is_no_exchange():
    a = plain_pages()
    there = exchanged(a)
    luma, chroma = (
        read(FRAMES[:1]) - of_a(FRAMES[:1])
        for read, of_a in ((there.read_luma, a.read_luma), (there.read_chroma, a.read_chroma))
    )
    b = sampled((a.read_luma(FRAMES) + luma).round().clip(0, 255).astype(np.uint8))
    b.fingerprint.records["chroma"] = (a.read_chroma(FRAMES) + chroma).round().clip(0, 255).astype(np.uint8)
    *_, facts, explained = find_recolouring(a, b, FRAMES, FRAMES)
    assert facts == []
    assert explained.all()
