"""Recognise a known change of all colours: a negative, exchanged channels, grey, or another matrix or range.

Each known change is tried on frames that show the same. It is accepted only if it explains the difference nearly
completely, so that a grade is never taken for one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo
from videos.diff.sampling.neighbourhood import average_blocks
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
from videos.diff.transforms.grading import fit_grade
from videos.fingerprint.format import CHROMA_SHAPE

MIN_CHANGED_LEVELS = 1.5  # difference of luma and chroma together without the change, at least
MIN_CELL_LEVELS = 4.0  # the same from which a cell differs clearly
MIN_CELLS = 3  # such cells, of 144, in a pair that counts
MIN_TELLING_SHARE = 0.5  # share of pairs that count
MAX_HARM_LEVELS = 1.0  # by which the change may increase the mean difference of the other cells
MAX_EXPLAINED_RATIO = 0.45  # difference with the change against that without
MAX_LEFT_LEVELS = 3.5  # difference with the change, at most, unless the ratio is clear
MAX_TAGGED_RATIO = 0.75  # the same ratio if only one side has a tag, and the change agrees with it
CLEAR_RATIO = 0.1  # difference with the change against that without, which is always accepted
CLEAR_LEVELS = 1.5  # difference with the change up to which a pair is explained clearly too,
CLEAR_LEVELS_RATIO = 0.25  # if it is at most this share of that without
MIN_CLEAR_SHARE = 0.25  # share of pairs that are explained clearly, from which the others may stay unexplained
MAX_GRADED_LEVELS = 1.5  # that a grade leaves of pairs which it explains
MATRIX_TAGS = {1: "bt709", 5: "bt601", 6: "bt601"}  # matrices as numbered in ITU-T H.273
FULL_RANGE = 2  # as numbered by FFmpeg; files without a tag have limited range


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


@dataclass(frozen=True, eq=False)
class TriedChange:
    """A known change, both videos with it, and the difference in levels that it leaves (pairs,) of `plain` (pairs,)."""

    change: KnownChange
    a: SampledVideo
    b: SampledVideo
    left: Floats
    plain: Floats

    @property
    def is_of_channels(self) -> bool:
        """Whether it exchanges or removes channels, which changes colours much more than another matrix or range."""
        return self.change.fact["kind"] == "recolour"

    @property
    def typically_left(self) -> float:
        """The difference in levels that it leaves of the typical pair."""
        return float(np.median(self.left))

    @property
    def is_clear(self) -> NDArray[np.bool_]:
        """Which pairs the change explains nearly completely."""
        limit = np.minimum(np.maximum(CLEAR_LEVELS, CLEAR_RATIO * self.plain), CLEAR_LEVELS_RATIO * self.plain)
        clear: NDArray[np.bool_] = self.left <= limit
        return clear

    @property
    def clear_share(self) -> float:
        return float(np.mean(self.is_clear))

    def is_accepted(self, is_tagged: bool) -> bool:
        """Return whether it explains the typical pair. `is_tagged`: the tags of the files say that it is there."""
        plain = float(np.median(self.plain))
        limit = min(max(MAX_LEFT_LEVELS, CLEAR_RATIO * plain), MAX_EXPLAINED_RATIO * plain)
        return self.typically_left <= (MAX_TAGGED_RATIO * plain if is_tagged else limit)


def find_recolouring(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes
) -> tuple[SampledVideo, SampledVideo, list[StoredTransform], NDArray[np.bool_]]:
    """Return both videos with equal colours, the known change of colours as a fact, and the pairs that show the same.

    Most of the pairs `in_a` and `in_b` do. Of pages of the same layout, fewer may: then a change of channels must be
    exact for some of them, and no grade may explain all of them. It is judged by the cells that differ clearly, because
    much of a picture may be grey or white, and otherwise by all cells.
    """
    cells = _measure_cells(a, b, in_a, in_b)
    same = np.ones(len(in_a), bool)
    for is_evidence in (cells >= MIN_CELL_LEVELS, np.ones_like(cells, bool)):
        telling = is_evidence.sum(axis=1) >= MIN_CELLS
        if telling.mean() < MIN_TELLING_SHARE:
            continue
        tried = list(_try_changes(a, b, in_a[telling], in_b[telling], cells[telling], is_evidence[telling]))
        if not tried:
            continue
        best = min(tried, key=attrgetter("typically_left"))
        clearest = max((each for each in tried if each.is_of_channels), key=attrgetter("clear_share"))
        is_tagged = _explains_tags(best.change.fact, a, b)
        if best.is_accepted(is_tagged):
            return best.a, best.b, [] if is_tagged else [best.change.fact], same
        if clearest.clear_share >= MIN_CLEAR_SHARE and not _is_graded(a, b, in_a, in_b):
            same = telling.copy()
            same[telling] = clearest.is_clear
            return clearest.a, clearest.b, [clearest.change.fact], same
    return a, b, [], same


def _is_graded(a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes) -> bool:
    """Return whether a grade explains the frame pairs, which it cannot if some of them show other pages."""
    grade = fit_grade(a, b, in_a, in_b)
    return grade is not None and grade.left <= MAX_GRADED_LEVELS


def _try_changes(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes, cells: Floats, is_evidence: NDArray[np.bool_]
) -> Iterator[TriedChange]:
    """Yield the known changes with what they leave of the evidence, if there is enough that differs.

    `cells` (pairs, cells) are the differences without a change.
    """
    plain, elsewhere = _summarise(cells, is_evidence)
    if np.median(plain) < MIN_CHANGED_LEVELS:
        return
    for change in list_known_changes():
        pair = (a, recolour(b, change.recolouring)) if change.of_b else (recolour(a, change.recolouring), b)
        left, left_elsewhere = _summarise(_measure_cells(*pair, in_a, in_b), is_evidence)
        left[left_elsewhere > elsewhere + MAX_HARM_LEVELS] = np.inf
        yield TriedChange(change, *pair, left, plain)


def _measure_cells(a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes) -> Floats:
    """Return the differences (pairs, cells) of frames in luma and both planes of chroma together, in levels."""
    luma, chroma = b.read_luma(in_b) - a.read_luma(in_a), b.read_chroma(in_b) - a.read_chroma(in_a)
    differences = np.concatenate([average_blocks(luma, CHROMA_SHAPE[1:])[:, None], chroma], axis=1)
    cells: Floats = np.abs(differences).sum(axis=1).reshape(len(luma), -1)
    return cells


def _summarise(cells: Floats, is_evidence: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the median (pairs,) of the cells (pairs, cells) that are evidence, and the mean of the others."""
    medians = [np.median(row[mask]) for row, mask in zip(cells, is_evidence, strict=True)]
    others = np.where(is_evidence, 0, cells).sum(axis=1) / np.maximum((~is_evidence).sum(axis=1), 1)
    return np.array(medians, np.float32), others
