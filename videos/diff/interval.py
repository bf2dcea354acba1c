"""The interval mode: compare the clips of two videos at the same times, every 2 s, with one threshold.

It does not align the videos, so one insertion makes everything after it differ. It shows how similar two videos are at
each moment to an embedding model.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from videos.diff.script.edit_script import DIGITS, MatchedSegment, OneSidedSegment, Script, Segment, Span
from videos.diff.script.stored import SideName, StoredScript

INTERVAL_SECONDS = 2.0
BATCH_ROWS = 256  # rows of both sides that fit into a processor's cache, so that each number is loaded once
TOLERANCE = 1e-6  # seconds, or intervals; smaller differences are rounding

Metric = Literal["cosine", "euclidean"]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EmbeddedVideo:
    """One side: its duration in seconds and the (clips, dimensions) `vectors` of clips that begin at `starts`.

    A clip lasts until the next one begins.
    """

    duration: float
    starts: NDArray[np.float64]
    vectors: Vectors

    def vectors_at_intervals(self, count: int) -> Vectors:
        """Return the vector of the clip at the beginning of each of the first `count` intervals."""
        moments = np.arange(count) * INTERVAL_SECONDS + TOLERANCE
        places = (np.searchsorted(self.starts, moments, side="right") - 1).clip(0)
        if count and places[0] == 0 and places[-1] == count - 1 and (np.diff(places) == 1).all():
            return self.vectors[:count]
        return self.vectors[places]


def count_intervals(duration: float) -> int:
    """Return how many intervals cover a duration; the last may be shorter."""
    return int(np.ceil(duration / INTERVAL_SECONDS - TOLERANCE))


def compare_clips(a: EmbeddedVideo, b: EmbeddedVideo, metric: Metric, threshold: float) -> StoredScript:
    """Return the script of the interval mode.

    It has one segment for each interval up to the longer duration; intervals of one side only are inserted or deleted.
    `similarity_percent` is 100 minus 100 times the mean distance of the pairs, at least 0. Raises ValueError if the
    vectors of the two sides cannot be compared.
    """
    if a.vectors.shape[1:] != b.vectors.shape[1:]:
        raise ValueError("The vectors of the two sides come from different models and cannot be compared.")
    shared, total = sorted((count_intervals(a.duration), count_intervals(b.duration)))
    distances = compute_distances(a.vectors_at_intervals(shared), b.vectors_at_intervals(shared), metric)
    segments: list[Segment] = [
        MatchedSegment(
            "changed" if distance >= threshold else "equal",
            _span_of(index, a.duration),
            _span_of(index, b.duration),
            distance,
        )
        for index, distance in enumerate(np.round(distances.astype(float), DIGITS).tolist())
    ]
    side: SideName = "a" if a.duration > b.duration else "b"
    longer = max(a.duration, b.duration)
    segments += [OneSidedSegment(side, _span_of(index, longer)) for index in range(shared, total)]
    script = Script(a.duration, b.duration, threshold, segments).as_dict()
    similarity = max(0.0, 100 - 100 * float(distances.mean(dtype=float))) if shared else 0.0
    return {**script, "mode": "interval", "metric": metric, "similarity_percent": round(similarity, 2)}


def _span_of(index: int, duration: float) -> Span:
    start = index * INTERVAL_SECONDS
    return start, min(duration, start + INTERVAL_SECONDS)


def compute_distances(a: Vectors, b: Vectors, metric: Metric) -> Vectors:
    """Return (rows,) the distance of each row of `a` to the same row of `b`, at least 0.

    The cosine distance of two zero vectors is 0, that of a zero vector to any other is 1.
    """
    distances = np.empty(len(a), np.float32)
    for start in range(0, len(a), BATCH_ROWS):
        rows_a, rows_b = a[start : start + BATCH_ROWS], b[start : start + BATCH_ROWS]
        out = distances[start : start + len(rows_a)]
        if metric == "euclidean":
            difference = rows_a - rows_b
            np.sqrt(_multiply_rows(difference, difference), out=out)
            continue
        squares_a, squares_b = _multiply_rows(rows_a, rows_a), _multiply_rows(rows_b, rows_b)
        squares = squares_a * squares_b
        products = _multiply_rows(rows_a, rows_b)
        cosines = np.divide(products, np.sqrt(squares), out=np.zeros_like(squares), where=squares > 0)
        out[:] = np.where((squares_a == 0) & (squares_b == 0), 0, 1 - cosines)
    return np.maximum(distances, 0, out=distances)


def _multiply_rows(one: Vectors, other: Vectors) -> Vectors:
    """Return the dot product of each row with the other's."""
    products: Vectors = np.einsum("ij,ij->i", one, other)
    return products
