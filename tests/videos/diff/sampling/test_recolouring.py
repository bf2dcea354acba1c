import numpy as np
import pytest

from videos.diff.sampling.recolouring import (
    BLACK,
    Recolouring,
    change_matrix,
    change_range,
    negate,
    permute_channels,
    remove_colour,
    rgb_to_planes,
)

COLOUR = np.array([200.0, 60.0, 30.0])  # red, green and blue


def planes_of(rgb: np.ndarray, standard: str = "bt601") -> np.ndarray:
    return rgb_to_planes(standard) @ rgb + BLACK


def apply(change: Recolouring, planes: np.ndarray) -> list[float]:
    luma = np.full((1, 1), planes[0], np.float32)
    chroma = planes[1:].reshape(2, 1, 1).astype(np.float32)
    new_luma, new_chroma = change.recolour_luma(luma, chroma), change.recolour_chroma(chroma, luma)
    return [float(new_luma[0, 0]), *map(float, new_chroma.ravel())]


def test_white_and_black_have_the_levels_of_limited_range():
    assert planes_of(np.array([255.0, 255, 255])) == pytest.approx([235, 128, 128])
    assert planes_of(np.zeros(3)) == pytest.approx([16, 128, 128])


def test_channels_are_exchanged():
    assert apply(permute_channels((2, 1, 0), "bt601"), planes_of(COLOUR)) == pytest.approx(
        planes_of(COLOUR[::-1]), abs=0.01
    )


def test_a_negative_has_the_complementary_colours():
    assert apply(negate(), planes_of(COLOUR)) == pytest.approx(planes_of(255 - COLOUR), abs=0.01)


def test_grey_keeps_luma():
    luma = planes_of(COLOUR)[0]
    assert apply(remove_colour(), planes_of(COLOUR)) == pytest.approx([luma, 128, 128], abs=0.01)


def test_another_matrix_shows_the_same_colour():
    assert apply(change_matrix("bt601", "bt709"), planes_of(COLOUR)) == pytest.approx(
        planes_of(COLOUR, "bt709"), abs=0.01
    )


def test_full_range_uses_all_levels():
    assert apply(change_range(to_full=True), planes_of(np.array([255.0, 255, 255]))) == pytest.approx(
        [255, 128, 128], abs=0.01
    )


def test_two_changes_in_a_row_are_one_change():
    there_and_back = change_range(to_full=True).then(change_range(to_full=False))
    assert apply(there_and_back, planes_of(COLOUR)) == pytest.approx(planes_of(COLOUR), abs=0.01)
