"""A grade over the whole pair: the tone curve and the change of colour that make A look like B."""

from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from videos.diff.descriptor import Indexes, Sampled
from videos.diff.fingerprint import CHROMA_SHAPE
from videos.diff.view import COLOURS, TERMS, Floats, Tones, mixed_terms, stretch

BIN_LEVELS = 8
FEWEST_IN_BIN = 0.0005  # of all cells; a bin with fewer says nothing
SAME_FIT_LEVELS = 6.0  # pairs graded otherwise than most do not count
STEADY_LEVELS = 10.0  # between neighbouring cells; livelier ones say more about sharpness than about tone
VISIBLE_LEVELS = 4.0  # how far typical levels must move
VISIBLE_COLOUR = 2.5
KEEP = 0.002  # how much evidence it takes to hold that colour matters, as a share of that for no change
ALIKE_LEVELS = 16  # within which cells have one colour
LEAST_GAIN = 0.01  # of a grade that leaves next to nothing, which cannot be told backwards
UNGRADED = 0.1  # of all pairs, from which a grade is one of a stretch
UNGRADED_LEVELS = 0.75  # by which such a pair must be more alike without it,
UNGRADED_TIMES = 1.7  # and so many times
EXPLAINED = 0.8  # of the differences in colour, at most, a change of colour must leave


LATTICE = 16  # steps of each plane at which what is left is learnt
FEW_CELLS = 30.0  # of a colour, at which what they are off by counts half
FAR = 0.1  # how much no change weighs between colours of the lattice
MOST_LEFT = 10.0  # levels; what is further off has been edited
ROUNDS = 3

Planes = tuple[Floats, Floats]  # luma and chroma of some frames


@dataclass(frozen=True, slots=True)
class Grade:
    """How B's levels came of A's: brightness is `gain` x + `offset` of 255, colours were turned by `hue` degrees,
    `saturation` times as strong, and then moved by `blue` and `red` levels of chroma (Cb and Cr)."""

    gain: float
    offset: float
    saturation: float
    hue: float
    blue: float
    red: float

    @property
    def inverse(self) -> Self:
        """How A's levels came of B's."""
        gain = 1 / max(self.gain, LEAST_GAIN)
        saturation = 1 / max(self.saturation, LEAST_GAIN)
        moved = -complex(self.blue, self.red) * saturation * np.exp(-1j * np.radians(self.hue))
        return type(self)(gain, -self.offset * gain, saturation, -self.hue, float(moved.real), float(moved.imag))

    def as_dict(self) -> dict[str, float]:
        return {name: round(value, 3 if name in ("gain", "saturation") else 1) for name, value in asdict(self).items()}


def tones_of(a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes) -> tuple[Tones, Grade] | None:
    """What makes A's frames look like those of B beside them, and how to say it; None where nobody would see it.

    Both are looked at without tones.
    """
    all_a, all_b = (a.luma(in_a), a.chroma(in_a)), (b.luma(in_b), b.chroma(in_b))
    alike = _shifted_alike(all_a[0], all_b[0])
    for _ in range(ROUNDS):
        (luma_a, chroma_a), (luma_b, chroma_b) = ([plane[alike] for plane in planes] for planes in (all_a, all_b))
        mix = _mix(_coarse(luma_a), chroma_a, _coarse(luma_b), chroma_b)
        mix[0, :3] = 0  # what depends on luma alone is the curve's
        coloured = Tones(np.zeros(256, np.float32), mix).of_luma(luma_a, chroma_a)
        curve, shift, line = _curve(luma_a, luma_b - coloured)
        alike = _toned_alike(all_a, all_b[0], Tones(curve, mix), alike)
    plain = np.arange(256, dtype=np.float32)
    toned = Tones(plain, mix).of_chroma(chroma_a, _coarse(luma_a))
    moved = float(np.sqrt(np.square(toned - chroma_a).sum(axis=1).mean()))
    explained = np.abs(toned - chroma_b).mean() < EXPLAINED * np.abs(chroma_a - chroma_b).mean()
    if shift < VISIBLE_LEVELS and not (moved > VISIBLE_COLOUR and explained):
        return None
    tones = Tones(curve, mix, _left((luma_a, chroma_a), (luma_b, chroma_b), Tones(curve, mix)))
    if _ungraded(all_a, all_b, tones) > UNGRADED:
        return None
    return tones, Grade(*line, *_turn(_coarse(luma_a), chroma_a, chroma_b))


def _turn(luma: Floats, chroma_a: Floats, chroma_b: Floats) -> tuple[float, float, float, float]:
    """How colours were turned and moved, as Grade says it: `saturation`, `hue`, `blue` and `red`.

    By least squares reweighted against outliers. Tones lean to no change where there is little to learn from; what is
    told must not.
    """
    u, v, *wanted = (
        np.moveaxis(chroma, 1, 0)[plane].ravel() - 128.0 for chroma in (chroma_a, chroma_b) for plane in (0, 1)
    )
    terms = np.stack([u, v, np.ones_like(u)], axis=-1)
    even = _evened(luma, chroma_a)
    fits = []
    for change in (wanted[0] - u, wanted[1] - v):
        fit = np.zeros(3)
        for _ in range(5):
            left = np.abs(change - terms @ fit)
            by = terms * (even / (1 + np.square(left / (left.mean() + 0.5))))[:, None]
            fit = np.linalg.solve(by.T @ terms + np.diag([0.1, 0.1, 0.0]) * by[:, 2].sum(), by.T @ change)
        fits.append(fit)
    (uu, uv, blue), (vu, vv, red) = fits
    turn = np.array([[1 + uu, uv], [vu, 1 + vv]])
    hue = float(np.degrees(np.arctan2(turn[1, 0] - turn[0, 1], turn[0, 0] + turn[1, 1])))
    return float(np.sqrt(max(0.0, np.linalg.det(turn)))), hue, float(blue), float(red)


def _ungraded(a: Planes, b: Planes, tones: Tones) -> float:
    """The share of pairs that are alike as they are, and not under the tones: those change a stretch, not the whole."""
    toned = _toned(a, tones)
    plain, graded = (
        sum(np.abs(there - here).reshape(len(here), -1).mean(axis=1) for here, there in zip(planes, b, strict=True))
        for planes in (a, toned)
    )
    return float(np.mean((UNGRADED_TIMES * plain < graded) & (graded - plain > UNGRADED_LEVELS)))


def _left(a: Planes, b: Planes, tones: Tones) -> Floats:
    """(3, COLOURS ** 3): by how many levels each colour of A, once toned, is still off.

    What a curve and a few terms cannot say, as where a channel is clipped. A lattice of medians, which leans to 0 where
    few cells have a colour.
    """
    y, u, v = ((plane * (LATTICE / 256)).clip(0, LATTICE - 1).astype(np.intp) for plane in _three(a))
    colours = ((y * LATTICE + u) * LATTICE + v).ravel()
    known, counts = np.unique(colours, return_counts=True)
    sure = np.zeros(LATTICE**3, np.float32)
    sure[known] = counts / (counts + FEW_CELLS)
    total = _fine(sure) + FAR
    left = np.zeros((3, COLOURS**3), np.float32)
    for place, (here, there) in enumerate(zip(_three(_toned(a, tones)), _three(b), strict=True)):
        off = (there - here).ravel()
        middle = np.zeros(LATTICE**3, np.float32)
        middle[known] = off[np.lexsort((off, colours))][np.cumsum(counts) - 1 - counts // 2]
        left[place] = _fine(sure * middle.clip(-MOST_LEFT, MOST_LEFT)) / total
    return left


def _three(planes: Planes) -> tuple[Floats, Floats, Floats]:
    """Luma, Cb and Cr, all at the size of chroma."""
    return _coarse(planes[0]), planes[1][:, 0], planes[1][:, 1]


def _fine(lattice: Floats) -> Floats:
    """(COLOURS ** 3,): a lattice brought to all colours."""
    up = stretch(LATTICE, COLOURS)
    cube = lattice.reshape(LATTICE, LATTICE, LATTICE)
    fine: Floats = np.einsum("yuv,iy,ju,kv->ijk", cube, up, up, up, optimize=True)
    return fine.ravel()


def _toned(planes: Planes, tones: Tones) -> Planes:
    luma, chroma = planes
    return tones.of_luma(luma, chroma), tones.of_chroma(chroma, _coarse(luma))


def _coarse(luma: Floats) -> Floats:
    """Luma at the size of chroma."""
    rows, columns = CHROMA_SHAPE[1:]
    coarse: Floats = luma.reshape(len(luma), rows, 4, columns, 4).mean(axis=(2, 4))
    return coarse


def _shifted_alike(luma_a: Floats, luma_b: Floats) -> np.ndarray:
    """Pairs whose brightness changed as that of most."""
    shift = np.median(luma_b - luma_a, axis=(1, 2))
    near = np.abs(shift - np.median(shift)) <= SAME_FIT_LEVELS + 0.25 * np.abs(np.median(shift))
    return near if near.any() else np.ones(len(shift), bool)


def _toned_alike(a: Planes, luma_b: Floats, tones: Tones, before: np.ndarray) -> np.ndarray:
    """Pairs that tones make alike in brightness, as those before did: what is darker than most shifts otherwise."""
    near: np.ndarray = np.median(np.abs(luma_b - tones.of_luma(*a)), axis=(1, 2)) <= SAME_FIT_LEVELS
    return near if near.any() else before


def _curve(luma_a: Floats, luma_b: Floats) -> tuple[Floats, float, tuple[float, float]]:
    """(256,) what A's levels become; by how much typical levels move; and gain and offset of a straight line."""
    lively = np.maximum(np.abs(np.gradient(luma_a, axis=1)), np.abs(np.gradient(luma_a, axis=2)))
    still = lively < STEADY_LEVELS
    x, y = luma_a[still], luma_b[still]
    if len(x) < 100:
        x, y = luma_a.ravel(), luma_b.ravel()
    which = (x / BIN_LEVELS).astype(int)
    levels, values, weights = [], [], []
    for bin_ in np.unique(which):
        inside = which == bin_
        if inside.sum() >= max(20, FEWEST_IN_BIN * len(x)):
            levels.append(float(np.median(x[inside])))
            values.append(float(np.median(y[inside])))
            weights.append(float(inside.sum()))
    at, to, weight = np.array(levels), np.array(values), np.array(weights)
    if not len(at):
        return np.arange(256, dtype=np.float32), 0.0, (1.0, 0.0)
    gain, offset = _line(at, to, weight)
    to = np.maximum.accumulate(to)
    ends = np.array([-1.0, 256.0])
    outer = gain * ends + offset
    outer[0] = min(outer[0] + to[0] - (gain * at[0] + offset), to[0])
    outer[1] = max(outer[1] + to[-1] - (gain * at[-1] + offset), to[-1])
    curve = np.interp(np.arange(256), [ends[0], *at, ends[1]], [outer[0], *to, outer[1]])
    shift = float(np.sqrt(np.average(np.square(to - at), weights=weight)))
    return curve.astype(np.float32), shift, (gain, offset)


def _line(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    mean_x, mean_y = np.average(x, weights=weight), np.average(y, weights=weight)
    spread = np.average(np.square(x - mean_x), weights=weight) + 4
    gain = (np.average((x - mean_x) * (y - mean_y), weights=weight) + 4) / spread
    return float(gain), float(mean_y - gain * mean_x)


def _mix(luma_a: Floats, chroma_a: Floats, luma_b: Floats, chroma_b: Floats) -> Floats:
    """(3, TERMS) by least squares reweighted against outliers, leaning to no change; planes at the size of chroma."""
    terms = mixed_terms(luma_a, chroma_a).reshape(-1, TERMS).astype(float)
    change = np.concatenate([(luma_b - luma_a)[:, None], chroma_b - chroma_a], axis=1)
    wanted = np.moveaxis(change, 1, -1).reshape(-1, 3).astype(float)
    even = _evened(luma_a, chroma_a)
    mix = np.zeros((TERMS, 3))
    for _ in range(5):
        left = np.abs(wanted - terms @ mix)
        for plane in range(3):
            weight = even / (1 + np.square(left[:, plane] / (left[:, plane].mean() + 0.5)))
            by = terms * weight[:, None]
            normal = by.T @ terms + np.eye(TERMS) * KEEP * weight.sum()
            mix[:, plane] = np.linalg.solve(normal, by.T @ wanted[:, plane])
    return mix.T.astype(np.float32)


def _evened(luma: Floats, chroma: Floats) -> np.ndarray:
    """Weights of cells by which a wall of one colour counts little more than what stands before it."""
    planes = (luma / ALIKE_LEVELS, chroma[:, 0] * 2 / ALIKE_LEVELS, chroma[:, 1] * 2 / ALIKE_LEVELS)
    keys = sum(plane.astype(np.int64).ravel() << (8 * place) for place, plane in enumerate(planes))
    _, which, count = np.unique(keys, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(count[which])
    evened: np.ndarray = weights / weights.mean()
    return evened
