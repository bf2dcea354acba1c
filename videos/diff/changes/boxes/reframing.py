"""Recognise a change of the whole picture at a moment: its negative, no colour, or a part of it at another size."""

import numpy as np

from videos.diff.changes.boxes.box_measures import correlate_pictures
from videos.diff.sampling.descriptor import Floats
from videos.diff.sampling.view import IDENTITY_VIEW
from videos.diff.script.kinds import MIN_CONFIDENCE, ChangeKind, rate_measure
from videos.diff.transforms.inset_search import SearchedFrames

# Values at which a measure is doubtful (confidence 0) and at which it is sure (confidence 1).
NEGATED_CORRELATION = 0.8, 0.95  # negative correlation of luma
GREY_LEVELS = 3.0, 1.5  # levels of chroma of the side without colour
COLOUR_LEVELS = 2.5, 5.0  # the same of the side with colours
GREY_CORRELATION = 0.9, 0.98  # correlation of luma
REFRAMED_CORRELATION = 0.75, 0.92  # correlation of luma with a part of the other side
REFRAMED_CONTRAST = 0.04, 0.2  # share of what the correlation of the same places lacks to 1

SEARCH_SHAPE = 54, 96  # rows and columns at which a part is searched
SIZES = tuple(0.96 * 0.96**step for step in range(26))  # of the part, as fractions of the frame
FINE_SIZES = tuple(1 + 0.01 * step for step in range(-2, 3))  # times the best of these


def name_reframed(a: Floats, b: Floats) -> ChangeKind | None:
    """Return that B is the negative of A, without its colour, or a part of its picture; None if it is neither.

    `a` and `b` are (moments, 3, height, width): luma and chroma of both sides. The kinds hold the other way round too.
    """
    correlation = correlate_pictures(a[:, 0], b[:, 0])
    rated = {
        "negated": rate_measure(-correlation, NEGATED_CORRELATION),
        "grey": _rate_grey(a, b, correlation),
        "not_grey": _rate_grey(b, a, correlation),
    }
    if max(rated.values()) < MIN_CONFIDENCE:
        rated["reframed"] = _rate_reframed(a[:, 0], b[:, 0])
    name = max(rated, key=lambda kind: rated[kind])
    return ChangeKind(name, round(rated[name], 2)) if rated[name] >= MIN_CONFIDENCE else None


def _rate_grey(a: Floats, b: Floats, correlation: float) -> float:
    """Return the confidence that B is A without its colours."""
    colour_a, colour_b = (float(np.abs(side[:, 1:] - 128).mean(axis=(0, 2, 3)).max()) for side in (a, b))
    return min(
        rate_measure(colour_b, GREY_LEVELS),
        rate_measure(colour_a, COLOUR_LEVELS),
        rate_measure(correlation, GREY_CORRELATION),
    )


def _rate_reframed(a: Floats, b: Floats) -> float:
    """Return the confidence that one side shows a part of the other at another size, from luma.

    The same places are compared at the small size too, because a picture that is only softer or in blocks correlates
    better there than at full size.
    """
    small_a, small_b = (_reduce(side) for side in (a, b))
    correlation = correlate_pictures(small_a, small_b)
    found = max(_find_part(small_a, small_b), _find_part(small_b, small_a))
    return min(
        rate_measure(found, REFRAMED_CORRELATION),
        rate_measure((found - correlation) / max(1 - correlation, 1e-3), REFRAMED_CONTRAST),
    )


def _find_part(whole: Floats, part: Floats) -> float:
    """Return the highest correlation of `part`, made smaller, with a place of `whole`, over all moments at once."""
    searched = [SearchedFrames(frame[None]) for frame in whole]

    def correlate_at(size: float) -> float:
        rows, columns = SEARCH_SHAPE
        template = IDENTITY_VIEW.resample(part, (round(rows * size), round(columns * size)), 0.5 / size)
        scores = [each.correlate(picture[None]) for each, picture in zip(searched, template, strict=True)]
        return float(np.mean(scores, axis=0).max())

    coarse = {size: correlate_at(size) for size in SIZES}
    best = max(coarse, key=lambda size: coarse[size])
    return max(coarse[best], *(correlate_at(min(best * fine, SIZES[0])) for fine in FINE_SIZES))


def _reduce(luma: Floats) -> Floats:
    rows, columns = SEARCH_SHAPE
    count, high, wide = luma.shape
    reduced: Floats = luma.reshape(count, rows, high // rows, columns, wide // columns).mean(axis=(2, 4))
    return reduced
