"""Remember what was measured of pairs of frames: the steps of an alignment ask for the same pairs again and again."""

from collections.abc import Callable, Hashable

import numpy as np

from videos.diff.alignment.pairing import Indexes
from videos.diff.noise.model import PairMeasures

MAX_REMEMBERED = 60_000  # pairs, about 20 MB; beyond them everything is forgotten


class PairMemory:
    """The measures of pairs of a frame of A and one of B, by the method with which they were measured."""

    def __init__(self) -> None:
        self._known: dict[tuple[Hashable, int, int], tuple[float, ...]] = {}

    def recall(
        self, method: Hashable, in_a: Indexes, in_b: Indexes, measure: Callable[[Indexes, Indexes], PairMeasures]
    ) -> PairMeasures:
        """Return the measures of pairs of frames by a method. Only those that are not known are measured, at once."""
        pairs = [(method, *pair) for pair in zip(in_a.tolist(), in_b.tolist(), strict=True)]
        new = [place for place, pair in enumerate(pairs) if pair not in self._known]
        if new:
            if len(self._known) + len(new) > MAX_REMEMBERED:
                self._known.clear()
                new = list(range(len(pairs)))
            rows = np.stack(measure(in_a[new], in_b[new]), axis=1).tolist()
            self._known.update(zip((pairs[place] for place in new), map(tuple, rows), strict=True))
        return PairMeasures(*np.array([self._known[pair] for pair in pairs], np.float32).reshape(-1, 4).T)
