"""Affine changes of luma and chroma: another matrix or range, exchanged channels, a negative, and grey."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Matrix = NDArray[np.float64]

BLACK = np.array([16.0, 128.0, 128.0])  # luma, Cb and Cr of black in limited range
KR_KB = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}  # weights of red and blue in luma (H.273)


@dataclass(frozen=True, eq=False)
class Recolouring:
    """Multiplies (luma, Cb, Cr) by `matrix` (3, 3) and adds `offset` (3,), in levels."""

    matrix: Matrix
    offset: Matrix

    @property
    def mixes_planes(self) -> bool:
        """Return whether luma depends on chroma, which is stored at lower resolution."""
        return bool(np.abs(self.matrix[0, 1:]).max() > 0)

    def then(self, other: Self) -> Self:
        """Return this change followed by another one."""
        return type(self)(other.matrix @ self.matrix, other.matrix @ self.offset + other.offset)

    def recolour_luma(self, luma: Floats, chroma: Floats) -> Floats:
        """Return `luma` (..., rows, columns) recoloured; `chroma` (..., 2, rows, columns) has the same size."""
        (by_luma, by_blue, by_red), add = self.matrix[0], self.offset[0]
        recoloured: Floats = np.float32(by_luma) * luma + np.float32(add)
        if by_blue or by_red:
            recoloured += np.float32(by_blue) * chroma[..., 0, :, :] + np.float32(by_red) * chroma[..., 1, :, :]
        return recoloured

    def recolour_chroma(self, chroma: Floats, luma: Floats) -> Floats:
        """Return `chroma` (..., 2, rows, columns) recoloured; `luma` (..., rows, columns) has the same size."""
        planes = np.stack([luma, chroma[..., 0, :, :], chroma[..., 1, :, :]], axis=-1)
        recoloured = planes @ self.matrix[1:].T.astype(np.float32) + self.offset[1:].astype(np.float32)
        return np.moveaxis(recoloured, -1, -3)


def rgb_to_planes(standard: str) -> Matrix:
    """Return the matrix from RGB (0 to 255) to luma above black and chroma around 128, in limited range (BT.601-7)."""
    red, blue = KR_KB[standard]
    luma = np.array([red, 1 - red - blue, blue])
    rows = [luma, (np.array([0, 0, 1]) - luma) / (2 * (1 - blue)), (np.array([1, 0, 0]) - luma) / (2 * (1 - red))]
    return np.array(rows) * np.array([[219], [224], [224]]) / 255


def _around_black(matrix: Matrix, moved: Matrix | None = None) -> Recolouring:
    """Return the change by a matrix that keeps black, or moves it."""
    return Recolouring(matrix, BLACK - matrix @ BLACK + (np.zeros(3) if moved is None else moved))


def change_matrix(before: str, after: str) -> Recolouring:
    """Return the conversion of planes of one matrix to another."""
    return _around_black(rgb_to_planes(after) @ np.linalg.inv(rgb_to_planes(before)))


def permute_channels(order: tuple[int, ...], standard: str) -> Recolouring:
    """Return the change to red, green and blue of which each is the channel of that index."""
    to_planes = rgb_to_planes(standard)
    return _around_black(to_planes @ np.eye(3)[list(order)] @ np.linalg.inv(to_planes))


def remove_colour() -> Recolouring:
    """Return the change to grey."""
    return _around_black(np.diag([1.0, 0.0, 0.0]))


def negate() -> Recolouring:
    """Return the change to the negative."""
    return _around_black(-np.eye(3), np.array([219.0, 0.0, 0.0]))


def change_range(to_full: bool) -> Recolouring:
    """Return the conversion from limited to full range, or back."""
    gain = np.array([255 / 219, 255 / 224, 255 / 224])
    widened = Recolouring(np.diag(gain), np.array([0.0, 128.0, 128.0]) - gain * BLACK)
    if to_full:
        return widened
    return Recolouring(np.diag(1 / gain), -widened.offset / gain)
