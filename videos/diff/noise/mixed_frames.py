"""Recognise a side whose frames mix two adjacent frames of the other side, and compare them with the same mix.

A conversion of the frame rate blends adjacent frames, or weaves their fields (2:3 pulldown). At the resolution of a
fingerprint a woven frame is a mix too, because a cell averages lines of both fields. A mix is (1 - s) * F + s * G with
one share s for the whole picture. The share is fitted by iteratively reweighted least squares with Cauchy weights
(Holland and Welsch, 1977), so that a local edit hardly moves it and remains as a difference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import DETAIL_VARIANCE_FLOOR, Floats, Indexes, SampledVideo

MOVED_LEVELS = 12.0  # levels by which a cell moves between adjacent frames, to tell a mix from a single frame
MIN_MOVED_CELLS = 60  # cells of 2304 that must move in a frame
MIN_SINGLE_LEVELS = 5.0  # levels by which moving cells of a mixed frame differ from each single frame, at least
MAX_MIX_RATIO = 0.3  # difference from the best mix relative to that from the best single frame, at most
MIN_MIXED_FRAMES = 12  # frames from which a side is mixed; fewer may be chance
MIN_MIXED_SHARE = 0.18  # share of the moving frames from which a side is mixed; a 2:3 pulldown weaves two in five
FIT_STEPS = 3  # of the reweighted least squares
FIT_LEVELS = 1.0  # levels added to the scale of the weights

MixedSide = Literal["a", "b"] | None


@dataclass(frozen=True, slots=True)
class Mixes:
    """Mixes of frames with a neighbour of each. `shares` (frames,), from 0 to 1, are those of the neighbours."""

    neighbours: Indexes
    shares: Floats

    def blend(self, own: Floats, beside: Floats) -> Floats:
        """Return the mix of planes of the frames and of their neighbours, both (frames, ...)."""
        shares = self.shares.reshape(-1, *[1] * (own.ndim - 1))
        blended: Floats = own + shares * (beside - own)
        return blended

    def bound_detail(self, video: SampledVideo, frames: Indexes) -> tuple[Floats, Floats]:
        """Return the least and the most detail (frames, 18, 32) that the mixes can have.

        A blend has the least where both frames are uncorrelated, with the squared shares as weights. A weave has the
        most: the variance of two groups of lines whose means differ.
        """
        share = self.shares[:, None, None]
        own, beside = (_measure_variance(video, each) for each in (frames, self.neighbours))
        step = np.abs(video.read_luma(self.neighbours) - video.read_luma(frames))
        rows, columns = own.shape[1:]
        step = step.reshape(len(step), rows, step.shape[1] // rows, columns, step.shape[2] // columns).max(axis=(2, 4))
        least = (1 - share) ** 2 * own + share**2 * beside
        most = (1 - share) * own + share * beside + share * (1 - share) * step**2
        floor = np.float32(DETAIL_VARIANCE_FLOOR)
        return np.log2(floor + least), np.log2(floor + most)


@dataclass(frozen=True, slots=True)
class MixedCount:
    """How many sampled frames move, and how many of these are mixes."""

    mixed: int
    moving: int

    @property
    def share(self) -> float:
        return self.mixed / self.moving if self.mixed >= MIN_MIXED_FRAMES else 0.0


def choose_mixed_side(a: MixedCount, b: MixedCount) -> MixedSide:
    """Return the side whose frames are mixes of frames of the other side, or None if there are too few mixes."""
    if max(a.share, b.share) < MIN_MIXED_SHARE:
        return None
    return "a" if a.share > b.share else "b"


def count_mixed_frames(one: SampledVideo, other: SampledVideo, in_one: Indexes, in_other: Indexes) -> MixedCount:
    """Count the frames of one side that a mix of two adjacent frames of the other explains much better than one frame.

    A frame of a higher rate lies between two frames and looks like their mix while it moves slowly. Cells that move by
    much tell both apart, because a mix shows what moves twice.
    """
    last = len(other.fingerprint) - 1
    mixes = fit_mixes(other, in_other, one.pooled_luma[in_one])
    pictures, own, beside = one.read_luma(in_one), other.read_luma(in_other), other.read_luma(mixes.neighbours)
    opposite = other.read_luma((2 * in_other - mixes.neighbours).clip(0, last))
    moved = np.abs(beside - own) >= MOVED_LEVELS
    moving = moved.sum(axis=(1, 2)) >= MIN_MOVED_CELLS
    single = np.min([_measure_moved(pictures - each, moved) for each in (own, beside, opposite)], axis=0)
    mixed = _measure_moved(pictures - mixes.blend(own, beside), moved)
    is_mixed = moving & (single >= MIN_SINGLE_LEVELS) & (mixed <= MAX_MIX_RATIO * single)
    return MixedCount(int(is_mixed.sum()), int(moving.sum()))


def fit_mixes(video: SampledVideo, frames: Indexes, pictures: Floats) -> Mixes:
    """Return the mix of each frame with the one before or after it that is most similar to `pictures` (frames, 144)."""
    last = len(video.fingerprint) - 1
    own = video.pooled_luma[frames]
    before, after = (frames - 1).clip(0, last), (frames + 1).clip(0, last)
    fits = [fit_shares(own, video.pooled_luma[beside], pictures) for beside in (before, after)]
    follows = fits[1][1] < fits[0][1]
    return Mixes(np.where(follows, after, before), np.where(follows, fits[1][0], fits[0][0]))


def fit_shares(own: Floats, beside: Floats, pictures: Floats) -> tuple[Floats, Floats]:
    """Return the shares (frames,) of `beside` in the pictures, and the mean differences (frames,) that remain."""
    step, off = beside - own, pictures - own
    weight = np.ones_like(off)
    for _ in range(FIT_STEPS):
        energy = np.maximum((weight * step * step).sum(axis=1), np.float32(1))
        share: Floats = ((weight * step * off).sum(axis=1) / energy).clip(0, 1)
        rest = np.abs(off - share[:, None] * step)
        weight = 1 / (1 + np.square(rest / (rest.mean(axis=1, keepdims=True) + np.float32(FIT_LEVELS))))
    return share, rest.mean(axis=1)


def fit_pair_mixes(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes, brightness: tuple[float, float], mixed: MixedSide
) -> tuple[Mixes | None, Mixes | None]:
    """Return the mixes of A's frames that show what a mixed B shows, or those of B's frames if A is mixed.

    `brightness` holds the typical gain and offset from A to B.
    """
    gain, offset = (np.float32(value) for value in brightness)
    if mixed == "b":
        return fit_mixes(a, in_a, (b.pooled_luma[in_b] - offset) / gain), None
    if mixed == "a":
        return None, fit_mixes(b, in_b, gain * a.pooled_luma[in_a] + offset)
    return None, None


def read_mixed(read: Callable[[Indexes], Floats], frames: Indexes, mixes: Mixes | None) -> Floats:
    """Return planes of the frames, or of their mixes."""
    return read(frames) if mixes is None else mixes.blend(read(frames), read(mixes.neighbours))


def _measure_variance(video: SampledVideo, frames: Indexes) -> Floats:
    """Return the variance (frames, 18, 32) inside small blocks."""
    return np.maximum(np.exp2(video.read_detail(frames)) - np.float32(DETAIL_VARIANCE_FLOOR), 0)


def _measure_moved(differences: Floats, moved: NDArray[np.bool_]) -> Floats:
    """Return the median absolute difference (frames,) of the cells that move, 0 where none does."""
    levels = np.abs(differences)
    return np.array([np.median(row[mask]) if mask.any() else 0 for row, mask in zip(levels, moved, strict=True)])
