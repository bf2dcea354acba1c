"""The interval mode: clips held against each other at the same times, 2 s by 2 s, with one threshold.

It knows no alignment, so that one insertion makes everything after it differ. Its use is to say how alike two videos
are at each moment in the eyes of an embedding model.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from videos.diff.script import DIGITS, Op, Script, Segment, Span

INTERVAL_SECONDS = 2.0
ROWS_AT_ONCE = 256  # of both sides fit a processor's cache together, so that every number is fetched once

Metric = Literal["cosine", "euclidean"]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Embedded:
    """One side: its duration in seconds and its clips' `vectors`, (clips, dimensions); one begins at each of `starts`.

    A clip stands for the time until the next one begins.
    """

    duration: float
    starts: NDArray[np.float64]
    vectors: Vectors

    def at_intervals(self, count: int) -> Vectors:
        """The clip at the begin of each of the first `count` intervals."""
        places = np.searchsorted(self.starts, np.arange(count) * INTERVAL_SECONDS + 1e-6, side="right") - 1
        places = places.clip(0)
        if count and places[0] == 0 and places[-1] == count - 1 and (np.diff(places) == 1).all():
            return self.vectors[:count]
        return self.vectors[places]


def intervals(duration: float) -> int:
    """How many intervals cover a duration; the last may be shorter."""
    return int(np.ceil(duration / INTERVAL_SECONDS - 1e-6))


def compare_clips(a: Embedded, b: Embedded, metric: Metric, threshold: float) -> dict[str, object]:
    """The script of the interval mode, as plain types.

    One segment for each interval up to the longer duration; what one side alone covers is inserted or deleted.
    `similarity_percent` is 100 less 100 times the mean distance of the pairs, never below 0. Raises ValueError where
    the vectors of the two sides cannot be compared.
    """
    if a.vectors.shape[1:] != b.vectors.shape[1:]:
        raise ValueError("vectors of two models cannot be compared")
    shared, total = sorted((intervals(a.duration), intervals(b.duration)))
    apart = distances(a.at_intervals(shared), b.at_intervals(shared), metric)
    spans = [[_span(index, side.duration) for index in range(total)] for side in (a, b)]
    segments = [
        Segment("changed" if distance >= threshold else "equal", in_a, in_b, distance)
        for in_a, in_b, distance in zip(*spans, np.round(apart.astype(float), DIGITS).tolist(), strict=False)
    ]
    op: Op = "deleted" if a.duration > b.duration else "inserted"
    segments += [Segment(op, in_a, in_b) for in_a, in_b in list(zip(*spans, strict=True))[shared:]]
    script = Script(a.duration, b.duration, threshold, segments).as_dict()
    similarity = max(0.0, 100 - 100 * float(apart.mean(dtype=float))) if shared else 0.0
    return {**script, "mode": "interval", "metric": metric, "similarity_percent": round(similarity, 2)}


def _span(index: int, duration: float) -> Span | None:
    start = index * INTERVAL_SECONDS
    return (start, min(duration, start + INTERVAL_SECONDS)) if index < intervals(duration) else None


def distances(a: Vectors, b: Vectors, metric: Metric) -> Vectors:
    """(rows,) distance of each row of `a` to the same row of `b`, never below 0.

    Two vectors of zeros are at cosine distance 0, one of them at 1 from any other.
    """
    found = np.empty(len(a), np.float32)
    for start in range(0, len(a), ROWS_AT_ONCE):
        one, other = a[start : start + ROWS_AT_ONCE], b[start : start + ROWS_AT_ONCE]
        out = found[start : start + len(one)]
        if metric == "euclidean":
            apart = one - other
            np.sqrt(_products(apart, apart), out=out)
            continue
        lengths, others = _products(one, one), _products(other, other)
        square = lengths * others
        alike = np.divide(_products(one, other), np.sqrt(square), out=np.zeros_like(square), where=square > 0)
        out[:] = np.where((lengths == 0) & (others == 0), 0, 1 - alike)
    return np.maximum(found, 0, out=found)


def _products(one: Vectors, other: Vectors) -> Vectors:
    """Dot product of each row with the other's."""
    products: Vectors = np.einsum("ij,ij->i", one, other)
    return products
