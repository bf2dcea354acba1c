"""Recognise a known change of all colours: a negative, exchanged channels, grey, or another matrix or range.

Each known change is tried on frames that show the same. It is accepted only if it explains the difference nearly
completely, so that a grade is never taken for one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from videos.diff.sampling.descriptor import Indexes, SampledVideo
from videos.diff.sampling.recolouring import (
    KR_KB,
    Recolouring,
    change_matrix,
    change_range,
    negate,
    permute_channels,
    remove_colour,
)
from videos.diff.script.stored import StoredTransform
from videos.fingerprint.format import CHROMA_SHAPE

MIN_CHANGED_LEVELS = 1.5  # mean difference of luma and chroma without the change, at least
MAX_EXPLAINED_RATIO = 0.45  # difference with the change against that without
MAX_LEFT_LEVELS = 2.5  # mean difference with the change, at most, unless the ratio is clear
MAX_TAGGED_RATIO = 0.75  # the same ratio if only one side has a tag, and the change agrees with it
CLEAR_RATIO = 0.1  # difference with the change against that without, which is always accepted
MATRIX_TAGS = {1: "bt709", 5: "bt601", 6: "bt601"}  # matrices as numbered in ITU-T H.273
FULL_RANGE = 2  # as numbered by FFmpeg; files without a tag have limited range
PAIR_QUANTILE = 0.5  # of the pairs; the others may show edits


@dataclass(frozen=True, eq=False)
class KnownChange:
    """A change of the colours of A, or of B if `of_b`, that makes the two equal, and its fact."""

    fact: StoredTransform
    recolouring: Recolouring
    of_b: bool = False


def list_known_changes() -> Iterator[KnownChange]:
    """Yield the known changes; the more common one first where two look alike."""
    yield KnownChange({"kind": "recolour", "value": "negative"}, negate())
    yield KnownChange({"kind": "recolour", "value": "grey"}, remove_colour())
    yield KnownChange({"kind": "recolour", "value": "coloured"}, remove_colour(), of_b=True)
    for standard in KR_KB:
        for order in list(permutations(range(3)))[1:]:
            name = "".join("rgb"[channel] for channel in order)
            yield KnownChange({"kind": "recolour", "value": name}, permute_channels(order, standard))
    yield KnownChange({"kind": "colour_matrix", "value": "601_to_709"}, change_matrix("bt601", "bt709"))
    yield KnownChange({"kind": "colour_matrix", "value": "709_to_601"}, change_matrix("bt709", "bt601"))
    yield KnownChange({"kind": "colour_range", "value": "limited_to_full"}, change_range(to_full=True))
    yield KnownChange({"kind": "colour_range", "value": "full_to_limited"}, change_range(to_full=False))


def recolour(video: SampledVideo, change: Recolouring) -> SampledVideo:
    """Return the video with its colours changed, after any earlier change."""
    known = video.view.recolouring
    return replace(video, view=replace(video.view, recolouring=known.then(change) if known else change))


def convert_by_tags(a: SampledVideo, b: SampledVideo) -> SampledVideo:
    """Return A converted to the matrix and the range of B, if the tags of both are known and differ."""
    before, after = (MATRIX_TAGS.get(side.fingerprint.matrix) for side in (a, b))
    full = [side.fingerprint.color_range == FULL_RANGE for side in (a, b)]
    if full[0] != full[1] and a.fingerprint.matrix and b.fingerprint.matrix:
        a = recolour(a, change_range(to_full=full[1]))
    return recolour(a, change_matrix(before, after)) if before and after and before != after else a


def _explains_tags(fact: StoredTransform, a: SampledVideo, b: SampledVideo) -> bool:
    """Return whether a change of the matrix only means that one side is tagged with its matrix and the other is not."""
    if fact["kind"] != "colour_matrix":
        return False
    tags = [MATRIX_TAGS.get(side.fingerprint.matrix, "").removeprefix("bt") for side in (a, b)]
    before, after = fact["value"].split("_to_")
    return tags in ([before, ""], ["", after])


def find_recolouring(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes
) -> tuple[SampledVideo, SampledVideo, list[StoredTransform]]:
    """Return both videos with equal colours, and the known change of colours between them as a fact, if there is one.

    `in_a` and `in_b` are frames that show the same.
    """
    plain = _measure_difference(a, b, in_a, in_b)
    if plain < MIN_CHANGED_LEVELS:
        return a, b, []
    tried = []
    for place, change in enumerate(list_known_changes()):
        pair = (a, recolour(b, change.recolouring)) if change.of_b else (recolour(a, change.recolouring), b)
        tried.append((_measure_difference(*pair, in_a, in_b), place, pair, change.fact))
    left, _, pair, fact = min(tried, key=lambda each: each[:2])
    is_tagged = _explains_tags(fact, a, b)
    limit = min(max(MAX_LEFT_LEVELS, CLEAR_RATIO * plain), MAX_EXPLAINED_RATIO * plain)
    if left > (MAX_TAGGED_RATIO * plain if is_tagged else limit):
        return a, b, []
    return *pair, [] if is_tagged else [fact]


def _measure_difference(a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes) -> float:
    """Return the typical mean difference of the pairs in luma and both planes of chroma, in levels."""
    rows, columns = CHROMA_SHAPE[1:]
    luma, chroma = b.read_luma(in_b) - a.read_luma(in_a), b.read_chroma(in_b) - a.read_chroma(in_a)
    coarse = luma.reshape(len(luma), rows, luma.shape[1] // rows, columns, -1).mean(axis=(2, 4))
    differences = np.abs(np.concatenate([coarse[:, None], chroma], axis=1)).sum(axis=1)
    return float(np.quantile(np.median(differences, axis=(1, 2)), PAIR_QUANTILE))
