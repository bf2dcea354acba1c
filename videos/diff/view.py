"""Looking at one side so that both show the same picture on the same cells, in the same tones.

Where one video is a crop, a letterboxed, mirrored or graded version of the other, every frame is looked at through
the same view before anything is compared: what the whole pair has in common is one fact and no difference.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from videos.diff.fingerprint import CHROMA_SHAPE, LUMA_SHAPE

Floats = NDArray[np.float32]

BLUR = 0.6  # of the smoothing kernel, in cells of the side that shows the picture with fewer
BORDER_CELLS = 1.0  # of that side, at the border of a picture that ends inside a frame
LEAST_SPREAD = 0.05  # square cells by which the cells around a place must be spread to tell a slope
MOST_BEYOND = 0.51  # cells past the middle of the last whole one that may be guessed
SLACK = 0.02  # cells by which an edge may be off
NEARLY = 1e-6

Extent = tuple[float, float]  # start and length


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a frame in fractions of it, from the top left."""

    x: float = 0.0
    y: float = 0.0
    width: float = 1.0
    height: float = 1.0

    @property
    def is_whole(self) -> bool:
        return max(abs(self.x), abs(self.y), abs(1 - self.width), abs(1 - self.height)) < NEARLY

    @property
    def far(self) -> tuple[float, float]:
        return self.x + self.width, self.y + self.height

    def flipped(self, across: bool, down: bool) -> Self:
        x = 1 - self.x - self.width if across else self.x
        y = 1 - self.y - self.height if down else self.y
        return replace(self, x=x, y=y)

    def as_dict(self) -> dict[str, float]:
        return {name: round(getattr(self, name), 4) for name in ("x", "y", "width", "height")}


WHOLE = Box()


@dataclass(frozen=True, slots=True)
class Geometry:
    """The box of A that shows the same picture as the box of B, once A has been flipped across or upside down.

    Around a box that is `barred` there is nothing that belongs to the picture; around another it goes on.
    """

    a: Box = WHOLE
    b: Box = WHOLE
    across: bool = False
    down: bool = False
    a_barred: bool = True
    b_barred: bool = True

    @property
    def is_plain(self) -> bool:
        return self.a.is_whole and self.b.is_whole and not (self.across or self.down)


@dataclass(frozen=True, slots=True, eq=False)
class Tones:
    """How A's brightness and colour are to be changed to look like B's.

    `curve` is what each of A's 256 levels of luma becomes; `mix` (3, TERMS) is added to luma and to the two chroma
    planes, for each of the terms that `mixed_terms` gives; `left` (3, COLOURS ** 3) is what these leave over of each
    plane, by colour: by luma, then Cb, then Cr, in even steps of 256 / COLOURS.
    """

    curve: Floats
    mix: Floats
    left: Floats | None = None

    def of_luma(self, luma: Floats, chroma: Floats) -> Floats:
        """`luma` (..., rows, columns) toned by itself and by the untoned `chroma` (..., 2, fewer, fewer) around 128."""
        chroma = _enlarged(chroma, luma.shape[-2:])
        curved = np.interp(luma, np.arange(256), self.curve).astype(np.float32)
        curved += mixed_terms(luma, chroma) @ self.mix[0]
        if self.left is not None:
            curved += self.left[0][_colours(luma, chroma)]
        return curved

    def of_chroma(self, chroma: Floats, luma: Floats) -> Floats:
        """`chroma` (..., 2, rows, columns) around 128 and the untoned `luma` (..., rows, columns) beside it."""
        toned = chroma + np.moveaxis(mixed_terms(luma, chroma) @ self.mix[1:].T, -1, -3)
        if self.left is not None:
            toned += np.moveaxis(self.left[1:, _colours(luma, chroma)], 0, -3)
        return toned


COLOURS = 64  # steps of each plane


def _colours(luma: Floats, chroma: Floats) -> NDArray[np.intp]:
    """(..., rows, columns): places in a table of colours."""
    y, u, v = ((plane * (COLOURS / 256)).clip(0, COLOURS - 1).astype(np.intp) for plane in (luma, *_planes(chroma)))
    return (y * COLOURS + u) * COLOURS + v


def _planes(chroma: Floats) -> Floats:
    """Cb and Cr one after the other."""
    return np.moveaxis(chroma, -3, 0)


TERMS = 10


def mixed_terms(luma: Floats, chroma: Floats) -> Floats:
    """(..., rows, columns, TERMS): what a smooth grade may depend on, each about as large as 1 at most."""
    y = (luma - np.float32(128)) / np.float32(128)
    u, v = (_planes(chroma) - np.float32(128)) / np.float32(128)
    return np.stack([np.ones_like(y), y, y * y, u, v, y * u, y * v, u * u, u * v, v * v], axis=-1)


def _enlarged(chroma: Floats, size: tuple[int, ...]) -> Floats:
    """Chroma at the size of luma."""
    if chroma.shape[-2:] == size:
        return chroma
    down, across = (stretch(small, large) for small, large in zip(chroma.shape[-2:], size, strict=True))
    enlarged: Floats = down @ (chroma @ across.T)
    return enlarged


@lru_cache(maxsize=8)
def stretch(small: int, large: int) -> Floats:
    """(large, small) weights of linear interpolation between the middles of cells."""
    places = ((np.arange(large) + 0.5) / large * small - 0.5).clip(0, small - 1)
    weights = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(small)[None, :]))
    return weights.astype(np.float32)


@dataclass(frozen=True, eq=False)
class View:
    """How one side's frames are looked at: `box`, beside the `other` side's box, flipped or not, and toned.

    `shown` is the whole of the picture in this side's frame; the box leaves out its border where that lies inside a
    frame, since cells across it hold other things as well.
    """

    box: Box = WHOLE
    other: Box = WHOLE
    shown: Box = WHOLE
    barred: bool = True
    across: bool = False
    down: bool = False
    tones: Tones | None = field(default=None)

    @property
    def moves(self) -> bool:
        """Whether cells change places at all."""
        return not (self.box.is_whole and self.other.is_whole and not self.across and not self.down)

    @property
    def resamples(self) -> bool:
        """Whether cells of the picture lie between those of the frame."""
        return not (self.box.is_whole and self.other.is_whole)

    def placed(self, planes: Floats) -> Floats:
        """Planes of any size (..., rows, columns) resampled to the picture, at the same size."""
        if not self.resamples:
            return planes[..., :: -1 if self.down else 1, :: -1 if self.across else 1] if self.moves else planes
        return self.resampled(planes, (planes.shape[-2], planes.shape[-1]))

    def resampled(self, planes: Floats, size: tuple[int, int], blur: float = BLUR) -> Floats:
        """The picture at `size` rows and columns."""
        box, shown, other = self.box, self.shown, self.other
        high = (box.y, box.height), (shown.y, shown.height), other.height
        wide = (box.x, box.width), (shown.x, shown.width), other.width
        down = _kernel(planes.shape[-2], size[0], *high, self.barred, self.down, blur)
        across = _kernel(planes.shape[-1], size[1], *wide, self.barred, self.across, blur)
        seen: Floats = down @ (planes @ across.T)
        return seen

    def support(self, cells: tuple[int, int], size: tuple[int, int], beyond: float = MOST_BEYOND) -> NDArray[np.bool_]:
        """Which of `size` rows and columns of the picture a frame of `cells` tells enough of: not those at a border
        that lie more than so many cells `beyond` the middle of the last whole one."""
        box, whole = self.box, self.shown if self.barred else WHOLE
        down = _told(cells[0], size[0], (box.y, box.height), (whole.y, whole.height), beyond)
        across = _told(cells[1], size[1], (box.x, box.width), (whole.x, whole.width), beyond)
        both: NDArray[np.bool_] = down[:, None] & across[None, :]
        return both

    def luma(self, luma: Floats, chroma: Floats | None = None) -> Floats:
        """`luma` (frames, 36, 64) and, where there are tones, `chroma` (frames, 2, 9, 16), as stored."""
        seen = self.placed(luma)
        return seen if self.tones is None or chroma is None else self.tones.of_luma(seen, self.placed(chroma))

    def chroma(self, chroma: Floats, luma: Floats | None = None) -> Floats:
        """The same of chroma."""
        seen = self.placed(chroma)
        if self.tones is None or luma is None:
            return seen
        rows, columns = CHROMA_SHAPE[1:]
        beside = self.placed(luma).reshape(len(luma), rows, luma.shape[1] // rows, columns, luma.shape[2] // columns)
        return self.tones.of_chroma(seen, beside.mean(axis=(2, 4)))

    def planes(self, planes: list[Floats]) -> list[Floats]:
        """Luma and both chroma planes of one frame, all of one size."""
        luma, *colours = (self.placed(plane) for plane in planes)
        if self.tones is None:
            return [luma, *colours]
        chroma = np.stack(colours)
        return [self.tones.of_luma(luma, chroma), *self.tones.of_chroma(chroma, luma)]


PLAIN = View()


def views(geometry: Geometry) -> tuple[View, View]:
    """One for either side; A is the one that is flipped."""
    across, down = geometry.across, geometry.down
    a, b = geometry.a.flipped(across, down), geometry.b
    inner_a, inner_b = _inner(a, b), _inner(b, a)
    return (
        View(inner_a, inner_b, a, geometry.a_barred, across, down),
        View(inner_b, inner_a, b, geometry.b_barred),
    )


def _inner(box: Box, other: Box) -> Box:
    """A box without the cells at those of its edges that lie inside either frame."""
    (left, right), (top, bottom) = (
        _trimmed(start, length, start_of_other, length_of_other, count)
        for start, length, start_of_other, length_of_other, count in (
            (box.x, box.width, other.x, other.width, LUMA_SHAPE[1]),
            (box.y, box.height, other.y, other.height, LUMA_SHAPE[0]),
        )
    )
    return Box(left, top, right - left, bottom - top)


def _trimmed(start: float, length: float, other: float, length_of_other: float, count: int) -> tuple[float, float]:
    border = BORDER_CELLS / (count * min(length, length_of_other)) * length
    low = border if max(start, other) > NEARLY else 0.0
    high = border if max(1 - start - length, 1 - other - length_of_other) > NEARLY else 0.0
    return start + low, start + length - high


@lru_cache(maxsize=256)
def _kernel(
    cells: int, count: int, span: Extent, shown: Extent, other: float, barred: bool, flip: bool, blur: float
) -> Floats:
    """(count, cells) weights that sample `count` places of a span from one axis of a frame of `cells`.

    A Gaussian as wide on either side, in terms of the picture: `blur` cells of the side that has fewer of them.
    `other` is the length of the other side's span. Cells that are not wholly inside the picture weigh nothing where it
    is `barred`, since they may hold a bar; elsewhere they weigh less, since the other side lacks what is outside.
    """
    start, length = span
    places = (start + (np.arange(count) + 0.5) / count * length) * cells
    middles = np.arange(cells) + 0.5
    wide = max(blur * length / min(length, other), 1e-3)
    apart = np.square((middles[None, :] - places[:, None]) / wide)
    within = np.minimum(middles + 0.5, sum(shown) * cells) - np.maximum(middles - 0.5, shown[0] * cells)
    within = np.where(within >= 1 - SLACK, 1.0, 0.0 if barred else within.clip(0, 1))
    apart[:, within == 0] = np.inf
    apart -= apart.min(axis=1, keepdims=True)  # at least one cell always weighs something
    weights = _straight(np.exp(-0.5 * apart) * within, middles[None, :] - places[:, None])
    return np.ascontiguousarray((weights[:, ::-1] if flip else weights).astype(np.float32))


def _told(cells: int, count: int, span: Extent, whole: Extent, beyond: float) -> NDArray[np.bool_]:
    places = (span[0] + (np.arange(count) + 0.5) / count * span[1]) * cells
    first, last = np.ceil(whole[0] * cells - SLACK) + 0.5, np.floor(sum(whole) * cells + SLACK) - 0.5
    told: NDArray[np.bool_] = (places >= first - beyond) & (places <= last + beyond)
    return told


def _straight(weights: NDArray[np.float64], away: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights that give a slope its value at the place itself, wherever the cells lie (local linear regression)."""
    none, one, two = (
        (weights * moment).sum(axis=1, keepdims=True) for moment in (np.ones_like(away), away, np.square(away))
    )
    spread = none * two - np.square(one)
    sloped = np.where(spread > LEAST_SPREAD * np.square(none), weights * (two - one * away), weights)
    straight: NDArray[np.float64] = sloped / sloped.sum(axis=1, keepdims=True)
    return straight
