"""Looking at one side so that both show the same picture on the same cells, in the same tones.

Where one video is a crop, a letterboxed, mirrored or graded version of the other, every frame is looked at through
the same view before anything is compared: what the whole pair has in common is one fact and no difference.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from videos.diff.fingerprint import CHROMA_SHAPE

Floats = NDArray[np.float32]

BLUR = 0.6  # of the smoothing kernel, in cells of the side that shows the picture with fewer
NEARLY = 1e-6


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
    """The box of A that shows the same picture as the box of B, once A has been flipped across or upside down."""

    a: Box = WHOLE
    b: Box = WHOLE
    across: bool = False
    down: bool = False

    @property
    def is_plain(self) -> bool:
        return self.a.is_whole and self.b.is_whole and not (self.across or self.down)


@dataclass(frozen=True, slots=True, eq=False)
class Tones:
    """How A's brightness and colour are to be changed to look like B's.

    `luma` is what each of A's 256 levels becomes; `colour` (2, 4) makes chroma from the two chroma planes around 0,
    luma, and 1.
    """

    luma: Floats
    colour: Floats

    def of_luma(self, luma: Floats) -> Floats:
        toned: Floats = np.interp(luma, np.arange(256), self.luma).astype(np.float32)
        return toned

    def of_chroma(self, chroma: Floats, luma: Floats) -> Floats:
        """`chroma` (..., 2, rows, columns) around 128 and the untoned `luma` (..., rows, columns) beside it."""
        parts = (chroma[..., 0, :, :] - 128, chroma[..., 1, :, :] - 128, luma, np.ones_like(luma))
        toned = np.tensordot(np.stack(parts, axis=-1), self.colour.T, axes=1) + np.float32(128)
        return np.moveaxis(toned, -1, -3)


@dataclass(frozen=True, eq=False)
class View:
    """How one side's frames are looked at: `box`, beside the `other` side's box, flipped or not, and toned."""

    box: Box = WHOLE
    other: Box = WHOLE
    across: bool = False
    down: bool = False
    tones: Tones | None = field(default=None)

    @property
    def moves(self) -> bool:
        """Whether cells change places at all."""
        return not (self.box.is_whole and self.other.is_whole and not self.across and not self.down)

    def placed(self, planes: Floats, blur: float = BLUR) -> Floats:
        """Planes of any size (..., rows, columns) resampled to the picture, at the same size."""
        if not self.moves:
            return planes
        return self.resampled(planes, (planes.shape[-2], planes.shape[-1]), blur)

    def resampled(self, planes: Floats, size: tuple[int, int], blur: float = BLUR) -> Floats:
        """The picture at `size` rows and columns."""
        box, other = self.box, self.other
        down = _kernel(planes.shape[-2], size[0], (box.y, box.height), (other.y, other.height), self.down, blur)
        across = _kernel(planes.shape[-1], size[1], (box.x, box.width), (other.x, other.width), self.across, blur)
        seen: Floats = down @ (planes @ across.T)
        return seen

    def luma(self, luma: Floats) -> Floats:
        seen = self.placed(luma)
        return self.tones.of_luma(seen) if self.tones else seen

    def chroma(self, chroma: Floats, luma: Floats) -> Floats:
        """`chroma` (frames, 2, 9, 16) and the `luma` (frames, 36, 64) of the same frames, both as stored."""
        seen = self.placed(chroma)
        if not self.tones:
            return seen
        rows, columns = CHROMA_SHAPE[1:]
        beside = self.placed(luma).reshape(len(luma), rows, luma.shape[1] // rows, columns, luma.shape[2] // columns)
        return self.tones.of_chroma(seen, beside.mean(axis=(2, 4)))


PLAIN = View()


def views(geometry: Geometry) -> tuple[View, View]:
    """One for either side; A is the one that is flipped."""
    a, b = geometry.a, geometry.b
    turned = a.flipped(geometry.across, geometry.down)
    return View(turned, b, geometry.across, geometry.down), View(b, turned)


@lru_cache(maxsize=256)
def _kernel(
    cells: int, count: int, span: tuple[float, float], other: tuple[float, float], flip: bool, blur: float
) -> Floats:
    """(count, cells) weights that sample `count` places of the picture from one axis of a frame of `cells`.

    A Gaussian as wide on either side, in terms of the picture: `blur` cells of the side that has fewer of them.
    Cells that are not wholly inside the span weigh nothing: they may hold a bar.
    """
    if cells == count and span == other == (0.0, 1.0):
        return np.eye(cells, dtype=np.float32)[:, :: -1 if flip else 1]
    start, length = span
    places = (start + (np.arange(count) + 0.5) / count * length) * cells
    middles = np.arange(cells) + 0.5
    wide = max(blur * length / min(length, other[1]), 1e-3)
    apart = np.square((middles[None, :] - places[:, None]) / wide)
    outside = (middles - 0.5 < start * cells - 0.01) | (middles + 0.5 > (start + length) * cells + 0.01)
    apart[:, outside] = np.inf
    apart -= apart.min(axis=1, keepdims=True)  # at least one cell always weighs something
    weights = np.exp(-0.5 * apart)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.ascontiguousarray((weights[:, ::-1] if flip else weights).astype(np.float32))
