"""A rotation with zoom and lens distortion between two frames, and resampling through it."""

from dataclasses import astuple, dataclass, replace
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

TAPS = (-1, 0, 1, 2)  # cells around a position, on each axis, from which it is sampled
PARAMETERS = 6  # that are fitted: angle, scale, shift and lens
INVERSION_ROUNDS = 20  # of the fixed-point iteration that inverts the lens distortion
EDGE_POINTS = 9  # points on each edge of a box that are mapped


@dataclass(frozen=True, slots=True)
class Warp:
    """Maps positions of the first frame, in fractions, to the frame that shows the same picture warped.

    Around the centre, in units in which half the diagonal is 1: multiplied by 1 + `lens` r² + `lens_2` r⁴ and by
    exp(`zoom`), and rotated clockwise by `angle` radians; then shifted by `x` and `y`, as fractions of the frame.
    `aspect` is width over height.
    """

    angle: float = 0.0
    zoom: float = 0.0
    x: float = 0.0
    y: float = 0.0
    lens: float = 0.0
    lens_2: float = 0.0
    aspect: float = 16 / 9

    @property
    def is_straight(self) -> bool:
        """Whether it has no lens distortion."""
        return self.lens == 0 and self.lens_2 == 0

    def move(self, by: tuple[float, ...]) -> Self:
        """Return the warp with its first parameters changed."""
        return replace(self, **{name: getattr(self, name) + step for name, step in zip(_NAMES, by, strict=False)})

    def map_points(self, points: Points) -> Points:
        """Return where points (..., 2), as x and y in fractions of the first frame, are in the other frame."""
        at = (points - 0.5) * self._units
        square = np.square(at).sum(axis=-1, keepdims=True)
        return self._rotate(at * (1 + self.lens * square + self.lens_2 * square**2), self.angle, np.exp(self.zoom))

    def map_back(self, points: Points) -> Points:
        """Return the points of the first frame that `map_points` maps to these."""
        turned = (points - 0.5 - np.array([self.x, self.y])) * self._units * np.exp(-self.zoom)
        wanted = _turn(turned, -self.angle)
        at = wanted
        for _ in range(INVERSION_ROUNDS):
            square = np.square(at).sum(axis=-1, keepdims=True).clip(0, 2)
            at = wanted / (1 + self.lens * square + self.lens_2 * square**2).clip(0.5, 2)
        mapped: Points = at / self._units + 0.5
        return mapped

    @property
    def _units(self) -> Points:
        return np.array([self.aspect, 1.0]) * 2 / np.hypot(self.aspect, 1.0)

    def _rotate(self, at: Points, angle: float, scale: float) -> Points:
        mapped: Points = _turn(at, angle) * scale / self._units + 0.5 + np.array([self.x, self.y])
        return mapped


_NAMES = ("angle", "zoom", "x", "y", "lens", "lens_2")


def _turn(at: Points, angle: float) -> Points:
    cosine, sine = np.cos(angle), np.sin(angle)
    turned: Points = np.stack(
        [cosine * at[..., 0] - sine * at[..., 1], sine * at[..., 0] + cosine * at[..., 1]], axis=-1
    )
    return turned


def map_box(points_of: tuple[float, float, float, float], warp: Warp) -> tuple[float, float, float, float]:
    """Return the box (x, y, width, height) around a box that is mapped by a warp, within the frame."""
    x, y, width, height = points_of
    along = np.linspace(0, 1, EDGE_POINTS)
    edges = [(along, 0 * along), (along, 0 * along + 1), (0 * along, along), (0 * along + 1, along)]
    points = np.concatenate([np.stack([x + width * across, y + height * down], axis=-1) for across, down in edges])
    mapped = warp.map_points(points)
    low, high = mapped.min(axis=0).clip(0, 1), mapped.max(axis=0).clip(0, 1)
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


def warp_planes(planes: Floats, warp: Warp, size: tuple[int, int], blur: float) -> Floats:
    """Return planes (..., rows, columns) sampled at `size` positions of the first frame, smoothed by `blur` cells."""
    cells, weights = _sampling_taps(astuple(warp), (planes.shape[-2], planes.shape[-1]), size, blur)
    flat = planes.reshape(*planes.shape[:-2], planes.shape[-2] * planes.shape[-1])
    sampled = np.zeros((*planes.shape[:-2], size[0] * size[1]), np.float32)
    for place, weight in zip(cells, weights, strict=True):
        sampled += flat.take(place, axis=-1) * weight
    return sampled.reshape(*planes.shape[:-2], *size)


def find_warped_cells(warp: Warp, cells: tuple[int, int], size: tuple[int, int], beyond: float) -> NDArray[np.bool_]:
    """Return a mask (*size) of positions at most `beyond` cells outside the centres of the outermost cells.

    The outermost positions are left out: there the other frame may show what lies around the warped picture.
    """
    places = _find_places(astuple(warp), cells, size)
    inside: NDArray[np.bool_] = np.zeros(size, bool)
    inside[1:-1, 1:-1] = True
    for axis, count in enumerate((cells[1], cells[0])):
        inside &= (places[..., axis] >= 0.5 - beyond) & (places[..., axis] <= count - 0.5 + beyond)
    return inside


@lru_cache(maxsize=16)
def _find_places(warp: tuple[float, ...], cells: tuple[int, int], size: tuple[int, int]) -> Points:
    """Return the positions (*size, 2) in cells of the other frame, as x and y."""
    across, down = (np.arange(count) + 0.5 for count in (size[1], size[0]))
    grid = np.stack(np.meshgrid(across / size[1], down / size[0]), axis=-1)
    return Warp(*warp).map_points(grid) * np.array([cells[1], cells[0]])


@lru_cache(maxsize=16)
def _sampling_taps(
    warp: tuple[float, ...], cells: tuple[int, int], size: tuple[int, int], blur: float
) -> tuple[NDArray[np.intp], Floats]:
    """Return the cells (taps, positions) that are summed for each position, and their weights."""
    places = _find_places(warp, cells, size).reshape(-1, 2).T[:, None]  # (axis, 1, positions): across and down
    at = np.floor(places - 0.5).astype(np.intp) + np.array(TAPS)[:, None]
    apart = np.square(at + 0.5 - places)
    counts = np.array([cells[1], cells[0]])[:, None, None]
    inside = (at >= 0) & (at < counts)
    (column, row), (of_column, of_row), (across, down) = at.clip(0, counts - 1), inside, apart
    weights = np.exp(-0.5 * (across + down[:, None]) / max(blur, 0.3) ** 2) * (of_column & of_row[:, None])
    total = weights.sum(axis=(0, 1))
    taps = len(TAPS) ** 2
    indexes = (row[:, None] * cells[1] + column).reshape(taps, -1)
    return indexes, (weights / np.maximum(total, 1e-9)).astype(np.float32).reshape(taps, -1)
