"""Remember what was measured of pairs of frames: the steps of an alignment ask for the same pairs again and again."""

from collections.abc import Callable, Hashable

import numpy as np

from videos.diff.alignment.evidence.pairing import Indexes
from videos.diff.noise.model import PairMeasures

MAX_REMEMBERED = 60_000  # pairs, about 20 MB; beyond them everything is forgotten


class PairMemory:
    """The measures of pairs of a frame of A and one of B, by the method with which they were measured."""

    def __init__(self) -> None:
        self._by_method: dict[Hashable, dict[tuple[int, int], tuple[float, ...]]] = {}

    def recall(
        self, method: Hashable, in_a: Indexes, in_b: Indexes, measure: Callable[[Indexes, Indexes], PairMeasures]
    ) -> PairMeasures:
        """Return the measures of pairs of frames by a method. Only those that are not known are measured, at once."""
        pairs = list(zip(in_a.tolist(), in_b.tolist(), strict=True))
        known = self._by_method.setdefault(method, {})
        new = {pair: place for place, pair in enumerate(pairs) if pair not in known}
        if new and sum(map(len, self._by_method.values())) + len(new) > MAX_REMEMBERED:
            known, new = {}, {pair: place for place, pair in enumerate(pairs)}
            self._by_method = {method: known}
        if new:
            places = list(new.values())
            rows = np.stack(measure(in_a[places], in_b[places]), axis=1).tolist()
            known.update(zip(new, map(tuple, rows), strict=True))
        return PairMeasures(*np.array([known[pair] for pair in pairs], np.float32).reshape(-1, 4).T)
