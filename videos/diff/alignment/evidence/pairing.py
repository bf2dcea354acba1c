"""Pair frames of A with frames of B, given the time map between them."""

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.time_map import TimeMap
from videos.diff.noise.medians import find_medians
from videos.diff.sampling.descriptor import Floats, SampledVideo

Indexes = NDArray[np.intp]

COMPARED_MOMENTS = 64  # moments at which a run is compared with random pairs
ENCODING_LEVELS = 1.5  # levels by which encoding alone changes the same footage
MAX_RANDOM_RATIO = 0.75  # difference relative to random pairs, up to which two runs show the same footage
RATE_TOLERANCE = 0.01  # relative difference of two frame rates that count as equal
MAX_PARTNER_FRAMES = 0.6  # frames of distance up to which two frames at equal rate can be the same
NEAREST_BONUS_LEVELS = 0.05  # levels by which another frame must be more similar than the nearest one
CHANGED_LEVELS = 4.0  # levels by which a cell differs from all compared frames, so that it does not count
MEDIAN_EVERY = 5  # one in so many cells is used for the median of a frame


def rates_differ(a: SampledVideo, b: SampledVideo) -> bool:
    """Return whether frames of the two lie between each other's, so that the nearest may be a different one."""
    steps = [np.diff(video.fingerprint.times) for video in (a, b)]
    if min(map(len, steps)) == 0:
        return False
    typical = [float(np.median(step)) for step in steps]
    if abs(typical[0] - typical[1]) > RATE_TOLERANCE * typical[0]:
        return True
    return any(
        float(np.mean(np.abs(step - of) > 0.3 * of)) > RATE_TOLERANCE for step, of in zip(steps, typical, strict=True)
    )


def find_partners(a: SampledVideo, b: SampledVideo, in_a: Indexes, time_map: TimeMap, search: bool) -> Indexes:
    """Return the frame of B for each of the frames `in_a`.

    It is the nearest in time or, with `search`, the most similar of the three nearest.
    """
    nearest = b.fingerprint.nearest(time_map.times_to_b(a.fingerprint.times[in_a]))
    if not search:
        return nearest
    last = len(b.fingerprint) - 1
    options = np.stack([nearest, (nearest - 1).clip(0, last), (nearest + 1).clip(0, last)])
    differences = np.abs(b.pooled_luma[options] - a.pooled_luma[in_a][None]).mean(axis=2)
    differences[1:] += np.float32(NEAREST_BONUS_LEVELS)
    best: Indexes = options[differences.argmin(axis=0), np.arange(len(in_a))]
    return best


def pair_frames(
    a: SampledVideo, b: SampledVideo, times: NDArray[np.float64], time_map: TimeMap, search: bool
) -> tuple[Indexes, Indexes]:
    """Return frames of A near `times` and frames of B that show the same.

    Pairing starts from the side with the lower frame rate.
    """
    if b.fingerprint.mean_step > a.fingerprint.mean_step * (1 + RATE_TOLERANCE):
        in_b = np.unique(b.fingerprint.nearest(time_map.times_to_b(times)))
        in_a = find_partners(b, a, in_b, time_map.inverse, search)
    else:
        in_a = np.unique(a.fingerprint.nearest(times))
        in_b = find_partners(a, b, in_a, time_map, search)
    if (
        search
        and time_map.slope == 1
        and abs(a.fingerprint.step - b.fingerprint.step) <= RATE_TOLERANCE * a.fingerprint.step
    ):
        has_partner = (
            np.abs(time_map.times_to_b(a.fingerprint.times[in_a]) - b.fingerprint.times[in_b])
            <= MAX_PARTNER_FRAMES * b.fingerprint.step
        )
        if has_partner.any():  # a frame that one side dropped has no partner
            return in_a[has_partner], in_b[has_partner]
    return in_a, in_b


def shows_same_footage(
    a: SampledVideo, b: SampledVideo, time_map: TimeMap, span: tuple[float, float], search: bool
) -> bool:
    """Return whether frames on a time map match clearly better than random pairs of the same run.

    A difference that is constant over the run is ignored. Two recordings of one person in one room look similar at all
    moments, but match exactly at none.
    """
    times = np.linspace(*span, COMPARED_MOMENTS + 2)[1:-1]
    in_a, in_b = pair_frames(a, b, times, time_map, search)
    ours, theirs = a.pooled_luma[in_a], b.pooled_luma[in_b]
    matched = _measure_levels(theirs - ours)
    random = _measure_levels(np.roll(theirs, max(1, len(theirs) // 2), axis=0) - ours)
    return matched <= max(ENCODING_LEVELS, MAX_RANDOM_RATIO * random)


def _measure_levels(differences: Floats) -> float:
    """Return the median difference in levels, without brightness and without what is constant over time."""
    differences = differences - differences.mean(axis=1, keepdims=True)
    differences -= np.median(differences, axis=0)
    return float(np.median(np.abs(differences).mean(axis=1)))


def correlate_frames(a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes) -> Floats:
    """Return the correlation (len(in_a),) of whole frames. A colour grade hardly lowers it."""
    ours, theirs = (
        side.pooled_luma[frames] - side.pooled_luma[frames].mean(axis=1, keepdims=True)
        for side, frames in ((a, in_a), (b, in_b))
    )
    lengths = np.sqrt(np.square(ours).sum(axis=1) * np.square(theirs).sum(axis=1) + 1)
    correlation: Floats = (ours * theirs).sum(axis=1) / lengths
    return correlation


def read_shared_luma(video: SampledVideo, frames: Indexes) -> Floats:
    """Return the luma (frames, cells) that both sides show."""
    luma: Floats = video.view.blank_unshared(video.read_levels(frames).astype(np.float32)).reshape(len(frames), -1)
    return luma


def compare_cells(a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes, most: float) -> Floats:
    """Return by how many levels, `most` at most, cells differ (frames, n, cells) from n frames `in_b` (n, frames) of B.

    Brightness is ignored: the median of the differences, of which a box over the picture changes little.
    """
    frames_a = read_shared_luma(a, in_a)
    apart = np.empty((len(in_a), len(in_b), frames_a.shape[1]), np.float32)
    for place, frames in enumerate(in_b):
        np.subtract(read_shared_luma(b, frames), frames_a, out=apart[:, place])
    apart -= find_medians(apart[..., ::MEDIAN_EVERY])[..., None]
    np.abs(apart, out=apart)
    return np.minimum(apart, most, out=apart)


def find_telling_cells(apart: Floats) -> NDArray[np.bool_]:
    """Return a mask (frames, cells) of the cells that differ (frames, n, cells) little from at least one of n frames.

    The others, as those of a box that was laid over the picture, do not tell which frame is the right one.
    """
    is_telling: NDArray[np.bool_] = apart.min(axis=1) < CHANGED_LEVELS
    return is_telling
