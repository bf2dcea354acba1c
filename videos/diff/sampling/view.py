"""Map the frames of one video onto the picture and colours of the other.

If one video is a crop, a letterboxed, mirrored or graded version of the other, its frames are transformed before they
are compared. A transform of the whole video is then reported once and causes no differences.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.colour_transform import ColourTransform, enlarge_chroma, reduce_luma
from videos.diff.sampling.recolouring import Recolouring
from videos.diff.sampling.warp import Warp, find_warped_cells, warp_planes
from videos.diff.script.stored import StoredBox
from videos.fingerprint.format import LUMA_SHAPE

Floats = NDArray[np.float32]

BLUR_CELLS = 0.6  # standard deviation of the sampling kernel, in cells of the side with fewer cells of the picture
BORDER_CELLS = 1.0  # cells that are cut off at an edge of the picture that is inside a frame
WARPED_BORDER_CELLS = 1.0  # the same at an edge of a rotated picture, whose cells contain a part of the black corners
MIN_SPREAD = 0.05  # squared cells; with a smaller weighted variance of positions no slope is fitted
MIN_WEIGHT = 1e-9  # smaller weights change nothing, but products with subnormal numbers take a hundred times as long
# Cells beyond the centre of the outermost whole cell up to which a value is extrapolated.
MAX_EXTRAPOLATION_CELLS = 0.51
EDGE_SLACK_CELLS = 0.02  # cells by which the edge of a box may be wrong
WHOLE_TOLERANCE = 1e-6  # fraction of the frame; a box that differs by less is the whole frame

Extent = tuple[float, float]  # start and length in fractions of the frame


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a frame in fractions of its size, from the top left."""

    x: float = 0.0
    y: float = 0.0
    width: float = 1.0
    height: float = 1.0

    @property
    def is_whole(self) -> bool:
        """Return whether the box is the whole frame."""
        return max(abs(self.x), abs(self.y), abs(1 - self.width), abs(1 - self.height)) < WHOLE_TOLERANCE

    @property
    def bottom_right(self) -> tuple[float, float]:
        """Return x and y of the bottom right corner."""
        return self.x + self.width, self.y + self.height

    def flip(self, horizontal: bool, vertical: bool) -> Self:
        """Return the box in a frame that is flipped left to right (`horizontal`) or upside down (`vertical`)."""
        x = 1 - self.x - self.width if horizontal else self.x
        y = 1 - self.y - self.height if vertical else self.y
        return replace(self, x=x, y=y)

    def as_dict(self) -> StoredBox:
        """Return the box as a dictionary, rounded to four digits."""
        return {
            "x": round(self.x, 4),
            "y": round(self.y, 4),
            "width": round(self.width, 4),
            "height": round(self.height, 4),
        }


WHOLE_FRAME = Box()


@dataclass(frozen=True, slots=True)
class Geometry:
    """The box of A that shows the same picture as the box of B, after A has been flipped.

    If a side has bars, everything around its box is bars, or another picture if `is_inset`. Otherwise the picture
    continues around the box.
    """

    a: Box = WHOLE_FRAME
    b: Box = WHOLE_FRAME
    flip_horizontal: bool = False
    flip_vertical: bool = False
    a_has_bars: bool = True
    b_has_bars: bool = True
    is_inset: bool = False

    @property
    def is_identity(self) -> bool:
        """Return whether both boxes are whole frames and nothing is flipped."""
        return self.a.is_whole and self.b.is_whole and not (self.flip_horizontal or self.flip_vertical)


@dataclass(frozen=True, eq=False)
class View:
    """How the frames of one side are mapped onto the common picture.

    `box` is the part of this side's frame that both sides show, and `other` that of the other side. `picture` is the
    whole picture in this side's frame. The box excludes cells at an edge of the picture that is inside a frame, because
    they also contain other things. Only one side shows the positions that the warp `shared` maps outside of the frame.
    """

    box: Box = WHOLE_FRAME
    other: Box = WHOLE_FRAME
    picture: Box = WHOLE_FRAME
    has_bars: bool = True
    flip_horizontal: bool = False
    flip_vertical: bool = False
    colour: ColourTransform | None = field(default=None)
    recolouring: Recolouring | None = None
    warp: Warp | None = None
    shared: Warp | None = None

    @property
    def changes_colour(self) -> bool:
        """Return whether the view changes luma or chroma."""
        return self.colour is not None or self.recolouring is not None

    @property
    def moves_cells(self) -> bool:
        """Return whether the view moves any cell."""
        return self.resamples_cells or self.flip_horizontal or self.flip_vertical

    @property
    def resamples_cells(self) -> bool:
        """Return whether the picture's cells lie between the frame's cells."""
        return self.warp is not None or not (self.box.is_whole and self.other.is_whole)

    def resample_to_picture(self, planes: Floats) -> Floats:
        """Return planes (..., rows, columns) of any size, mapped onto the picture at the same size."""
        if not self.resamples_cells:
            return (
                planes[..., :: -1 if self.flip_vertical else 1, :: -1 if self.flip_horizontal else 1]
                if self.moves_cells
                else planes
            )
        return self.resample(planes, (planes.shape[-2], planes.shape[-1]))

    def resample(self, planes: Floats, size: tuple[int, int], blur: float = BLUR_CELLS) -> Floats:
        """Return the picture at `size` (rows, columns), smoothed by `blur` cells."""
        if self.warp:
            return warp_planes(planes, self.warp, size, blur)
        box, shown, other = self.box, self.picture, self.other
        high = (box.y, box.height), (shown.y, shown.height), other.height
        wide = (box.x, box.width), (shown.x, shown.width), other.width
        down = find_sampling_weights(planes.shape[-2], size[0], *high, self.has_bars, self.flip_vertical, blur)
        across = find_sampling_weights(planes.shape[-1], size[1], *wide, self.has_bars, self.flip_horizontal, blur)
        seen: Floats = down @ (planes @ across.T)
        return seen

    def blank_unshared(self, planes: Floats) -> Floats:
        """Return planes (..., rows, columns) in which what one side alone shows has the mean level of the rest."""
        if self.shared is None:
            return planes
        size = planes.shape[-2], planes.shape[-1]
        inside = find_warped_cells(self.shared, size, size, 0.0)
        if not inside.any():
            return planes
        blank: Floats = planes[..., inside].mean(axis=-1)
        return np.where(inside, planes, blank[..., None, None])

    def find_supported_cells(
        self, cells: tuple[int, int], size: tuple[int, int], beyond: float = MAX_EXTRAPOLATION_CELLS
    ) -> NDArray[np.bool_]:
        """Return a mask (*size) of the picture's cells for which a frame of `cells` (rows, columns) has enough data.

        Cells at an edge are excluded if they are more than `beyond` cells outside the centre of the outermost whole
        cell.
        """
        if self.warp:
            return find_warped_cells(self.warp, cells, size, beyond - WARPED_BORDER_CELLS)
        box, whole = self.box, self.picture if self.has_bars else WHOLE_FRAME
        down = _find_supported(cells[0], size[0], (box.y, box.height), (whole.y, whole.height), beyond)
        across = _find_supported(cells[1], size[1], (box.x, box.width), (whole.x, whole.width), beyond)
        both: NDArray[np.bool_] = down[:, None] & across[None, :]
        return both

    def transform_luma(self, luma: Floats, chroma: Floats | None = None) -> Floats:
        """Return `luma` (frames, 36, 64) through the view; `chroma` (frames, 2, 9, 16) is needed for colour."""
        seen = self.resample_to_picture(luma)
        if not self.changes_colour or chroma is None:
            return seen
        beside = self.resample_to_picture(chroma)
        if self.recolouring:
            enlarged = enlarge_chroma(beside, seen)
            before, seen = seen, self.recolouring.recolour_luma(seen, enlarged)
            beside = self.recolouring.recolour_chroma(beside, reduce_luma(before))
        return seen if self.colour is None else self.colour.transform_luma(seen, beside)

    def transform_chroma(self, chroma: Floats, luma: Floats | None = None) -> Floats:
        """Return `chroma` (frames, 2, 9, 16) through the view; `luma` (frames, 36, 64) is needed for colour."""
        seen = self.resample_to_picture(chroma)
        if not self.changes_colour or luma is None:
            return seen
        beside = reduce_luma(self.resample_to_picture(luma))
        if self.recolouring:
            before, seen = seen, self.recolouring.recolour_chroma(seen, beside)
            beside = self.recolouring.recolour_luma(beside, before)
        return seen if self.colour is None else self.colour.transform_chroma(seen, beside)

    def transform_planes(self, planes: list[Floats]) -> list[Floats]:
        """Return luma and both chroma planes of one frame through the view; all have one size."""
        luma, *colours = (self.resample_to_picture(plane) for plane in planes)
        if not self.changes_colour:
            return [luma, *colours]
        chroma = np.stack(colours)
        if self.recolouring:
            before, luma = luma, self.recolouring.recolour_luma(luma, chroma)
            chroma = self.recolouring.recolour_chroma(chroma, before)
        if self.colour is None:
            return [luma, *chroma]
        return [self.colour.transform_luma(luma, chroma), *self.colour.transform_chroma(chroma, luma)]


IDENTITY_VIEW = View()


def make_views(geometry: Geometry) -> tuple[View, View]:
    """Return the views of A and of B for a geometry. A is the side that is flipped."""
    horizontal, vertical = geometry.flip_horizontal, geometry.flip_vertical
    a, b = geometry.a.flip(horizontal, vertical), geometry.b
    inner_a, inner_b = _shrink_box(a, b), _shrink_box(b, a)
    return (
        View(inner_a, inner_b, a, geometry.a_has_bars, horizontal, vertical),
        View(inner_b, inner_a, b, geometry.b_has_bars),
    )


def _shrink_box(box: Box, other: Box) -> Box:
    """Return a box without the cells at those of its edges that are inside either frame."""
    (left, right), (top, bottom) = (
        _trim_span(start, length, start_of_other, length_of_other, count)
        for start, length, start_of_other, length_of_other, count in (
            (box.x, box.width, other.x, other.width, LUMA_SHAPE[1]),
            (box.y, box.height, other.y, other.height, LUMA_SHAPE[0]),
        )
    )
    return Box(left, top, right - left, bottom - top)


def _trim_span(start: float, length: float, other: float, length_of_other: float, count: int) -> tuple[float, float]:
    """Return start and end of one axis of a box, without the cells at edges inside either frame."""
    border = BORDER_CELLS / (count * min(length, length_of_other)) * length
    low = border if max(start, other) > WHOLE_TOLERANCE else 0.0
    high = border if max(1 - start - length, 1 - other - length_of_other) > WHOLE_TOLERANCE else 0.0
    return start + low, start + length - high


@lru_cache(maxsize=256)
def find_sampling_weights(
    cells: int, count: int, span: Extent, shown: Extent, other: float, barred: bool, flip: bool, blur: float
) -> Floats:
    """Return weights (count, cells) that sample `count` positions of a span from one axis of a frame of `cells`.

    The kernel is a Gaussian of the same width on both sides in terms of the picture: `blur` cells of the side with
    fewer cells. `other` is the length of the other side's span. Cells that are not entirely inside the picture have
    weight 0 if there are bars, because they may contain a bar. Otherwise their weight is reduced, because the other
    side lacks what is outside.
    """
    start, length = span
    places = (start + (np.arange(count) + 0.5) / count * length) * cells
    middles = np.arange(cells) + 0.5
    wide = max(blur * length / min(length, other), 1e-3)
    apart = np.square((middles[None, :] - places[:, None]) / wide)
    within = np.minimum(middles + 0.5, sum(shown) * cells) - np.maximum(middles - 0.5, shown[0] * cells)
    within = np.where(within >= 1 - EDGE_SLACK_CELLS, 1.0, 0.0 if barred else within.clip(0, 1))
    apart[:, within == 0] = np.inf
    apart -= apart.min(axis=1, keepdims=True)  # at least one cell always has a positive weight
    weights = _make_locally_linear(np.exp(-0.5 * apart) * within, middles[None, :] - places[:, None])
    weights[np.abs(weights) < MIN_WEIGHT] = 0
    return np.ascontiguousarray((weights[:, ::-1] if flip else weights).astype(np.float32))


def _find_supported(cells: int, count: int, span: Extent, whole: Extent, beyond: float) -> NDArray[np.bool_]:
    """Return a mask (count,) of the positions of a span that are supported on one axis."""
    places = (span[0] + (np.arange(count) + 0.5) / count * span[1]) * cells
    first, last = (
        np.ceil(whole[0] * cells - EDGE_SLACK_CELLS) + 0.5,
        np.floor(sum(whole) * cells + EDGE_SLACK_CELLS) - 0.5,
    )
    supported: NDArray[np.bool_] = (places >= first - beyond) & (places <= last + beyond)
    return supported


def _make_locally_linear(weights: NDArray[np.float64], away: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correct kernel weights so that they reproduce a slope exactly (local linear regression)."""
    none, one, two = (
        (weights * moment).sum(axis=1, keepdims=True) for moment in (np.ones_like(away), away, np.square(away))
    )
    spread = none * two - np.square(one)
    sloped = np.where(spread > MIN_SPREAD * np.square(none), weights * (two - one * away), weights)
    normalised: NDArray[np.float64] = sloped / sloped.sum(axis=1, keepdims=True)
    return normalised
