"""The cost of pairing frames of A with frames of B: how badly they match beyond the noise of the pair."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.pair_memory import PairMemory
from videos.diff.alignment.evidence.pairing import find_partners
from videos.diff.alignment.time_map import TimeMap
from videos.diff.noise.model import NoiseModel, PairMeasures
from videos.diff.sampling.descriptor import Floats, Indexes, SampledVideo
from videos.diff.script.edit_script import Span

UNMATCHED_COST = 0.5  # cost of an unmatched frame; a matched frame that does not match costs 1
SAME_DEVIATIONS = 1.0  # typical deviations by which a part of the picture differs where the rest is noise
OTHER_DEVIATIONS = 3.0  # the same from which the part certainly shows something else
MIN_SPREAD = 0.08  # smallest difference between the random and the typical mismatch
NEAR_BEST_COST = 0.3  # cost by which a frame may match worse than on the best map and count as matching as well


@dataclass(frozen=True, slots=True)
class MismatchCost:
    """How badly frames of A match frames of B on a time map: 0 for a typical match, 1 for random frames.

    `cells` (n, 36, 64) are parts of the picture. A frame in which one of them certainly differs costs at least
    `cells_cost`, even if the rest of the picture matches.
    `explained` are spans of A in which a transition makes the frames on a time map differ; they cost nothing there.
    `roughest`, one number for each frame of A, limits by how much it is excused for coarse encoding.
    `memory` keeps what was measured without that limit.
    """

    a: SampledVideo
    b: SampledVideo
    noise: NoiseModel
    search: bool
    typical: float
    random: float
    cells: NDArray[np.bool_] | None = None
    cells_cost: float = 1.0
    explained: tuple[tuple[Span, TimeMap], ...] = ()
    roughest: Floats | None = None
    memory: PairMemory = field(default_factory=PairMemory, repr=False, compare=False)

    @property
    def tolerates_grades(self) -> bool:
        """Whether frames that differ by a grade alone may match: not if only parts of the picture are evidence."""
        return self.cells is None or self.cells_cost < 1

    def compute_costs(self, first: int, last: int, time_map: TimeMap, every: int = 1) -> Floats:
        """Return the costs (last - first,) of A's frames; with `every`, only one in so many is compared."""
        compared = np.arange(first, last, every)
        costs = self._excuse(self._compute_frame_costs(compared, time_map), compared, time_map)
        return np.repeat(costs, every)[: last - first]

    def compute_evidence(self, first: int, last: int, time_map: TimeMap, every: int = 1) -> Floats:
        """Return the costs (last - first,) by `compare_frames`; with `every`, only one frame in so many is compared."""
        evidence = self.compare_frames(np.arange(first, last, every), time_map)
        return np.repeat(evidence, every)[: last - first]

    def compare_frames(self, in_a: Indexes, time_map: TimeMap) -> Floats:
        """Return the costs (frames,) of frames of A, 0 to 1, in which small and local differences weigh more."""
        costs: Floats = self.compare_on_maps(in_a, [time_map])[0]
        return costs

    def compare_on_maps(self, in_a: Indexes, maps: Sequence[TimeMap]) -> Floats:
        """Return the costs (maps, frames) by `compare_frames` on several maps, which are compared together."""
        measures = self._measure(in_a, maps)
        costs: Floats = np.sqrt(np.maximum(self._scale(measures.mismatch, in_a, maps).clip(0), measures.share))
        evidence = self._raise_by_parts(costs, measures).reshape(len(maps), len(in_a))
        return np.array([self._excuse(row, in_a, each) for row, each in zip(evidence, maps, strict=True)])

    def limit_roughness(self, in_a: Indexes, maps: Sequence[TimeMap], costs: Floats) -> Self:
        """Return the cost in which no map excuses a frame for coarse encoding more than the best maps do.

        Where footage moves slowly, the excuse would make a map that is some frames off match as well. `costs` (frames,
        maps) are those of the frames of A, which are excused as before where they match on no map.
        """
        limit = np.minimum(costs.min(axis=1, keepdims=True) + NEAR_BEST_COST, UNMATCHED_COST)
        roughest = np.full(len(self.a.fingerprint), np.inf, np.float32)
        for place, time_map in enumerate(maps):
            matching = in_a[costs[:, place] <= limit[:, 0]]
            roughest[matching] = np.minimum(roughest[matching], self._measure(matching, [time_map]).roughness)
        return replace(self, roughest=roughest)

    def measure_part(self, first: int, last: int, time_map: TimeMap, part: NDArray[np.bool_], every: int = 1) -> Floats:
        """Return by how many typical deviations the cells (36, 64) of a part differ, in each frame that is compared."""
        in_a = np.arange(first, last, every)
        return self.noise.measure_pairs(self.a, self.b, in_a, self._pair(in_a, time_map), part[None]).part

    def compare_graded(self, in_a: Indexes, time_map: TimeMap) -> Floats:
        """Return the costs (frames,) of frames of A, 0 to 1, where a grade is no difference. Local ones weigh more."""
        measures = self._measure(in_a, [time_map], graded=True)
        costs: Floats = np.maximum(self._scale(measures.mismatch, in_a, [time_map]).clip(0), measures.share)
        return self._raise_by_parts(costs, measures)

    def measure_graded(self, in_a: Indexes, time_map: TimeMap) -> Floats:
        """Return the mismatch (frames,) of frames of A where a grade is no difference.

        It also tells the best of several maps on which frames match within the noise, and cost nothing.
        """
        measures = self._measure(in_a, [time_map], graded=True)
        return self._raise_by_parts(measures.mismatch, measures)

    def _raise_by_parts(self, costs: Floats, measures: PairMeasures) -> Floats:
        """Return the costs of pairs, greater where a part of the picture that is evidence certainly differs."""
        if self.cells is None:
            return costs
        other = ((measures.part - SAME_DEVIATIONS) / (OTHER_DEVIATIONS - SAME_DEVIATIONS)).clip(0, 1)
        raised: Floats = np.maximum(costs, np.float32(self.cells_cost) * other)
        return raised

    def _excuse(self, costs: Floats, in_a: Indexes, time_map: TimeMap) -> Floats:
        """Return the costs of frames of A without those that a transition explains."""
        for span, of_span in self.explained:
            if time_map.is_near(of_span, span, self.b.fingerprint.step / 2):
                times = self.a.fingerprint.times[in_a]
                costs = np.where((times >= span[0]) & (times < span[1]), np.minimum(costs, 0), costs)
        return costs

    def _compute_frame_costs(self, in_a: Indexes, time_map: TimeMap) -> Floats:
        """Return the costs (len(in_a),) of frames of A."""
        return self._scale(self._measure(in_a, [time_map]).mismatch, in_a, [time_map])

    def _measure(self, in_a: Indexes, maps: Sequence[TimeMap], graded: bool = False) -> PairMeasures:
        """Return what frames of A and those of B tell, on one map after the other. `roughest` limits no graded ones."""
        in_b = np.concatenate([self._pair(in_a, each) for each in maps])
        in_a = np.tile(in_a, len(maps))
        method = graded, None if self.cells is None else self.cells.tobytes()

        def measure(new_a: Indexes, new_b: Indexes) -> PairMeasures:
            return self.noise.measure_pairs(self.a, self.b, new_a, new_b, self.cells, graded)

        measures = self.memory.recall(method, in_a, in_b, measure)
        if self.roughest is not None and not graded:
            self._limit(measures, in_a, in_b, self.roughest[in_a])
        return measures

    def _limit(self, measures: PairMeasures, in_a: Indexes, in_b: Indexes, limit: Floats) -> None:
        """Measure the mismatch and the share of those pairs again that are excused for more than `limit` (pairs,)."""
        excused = np.flatnonzero(measures.roughness > limit)
        if len(excused):
            limited = self.noise.measure_pairs(self.a, self.b, in_a[excused], in_b[excused], roughest=limit[excused])
            measures.mismatch[excused], measures.share[excused] = limited.mismatch, limited.share

    def _pair(self, in_a: Indexes, time_map: TimeMap) -> Indexes:
        return find_partners(self.a, self.b, in_a, time_map, self.search)

    def _scale(self, mismatch: Floats, in_a: Indexes, maps: Sequence[TimeMap]) -> Floats:
        """Return costs from mismatches on one map after the other. Frames that B does not have cost 1."""
        times = np.concatenate([each.times_to_b(self.a.fingerprint.times[in_a]) for each in maps])
        cost = ((mismatch - self.typical) / (self.random - self.typical)).clip(-1, 1)
        margin = self.b.fingerprint.step * 0.75
        cost[(times < -margin) | (times > self.b.fingerprint.duration - self.b.fingerprint.step + margin)] = 1
        return cost.astype(np.float32)


def calibrate_mismatch_cost(
    a: SampledVideo, b: SampledVideo, noise: NoiseModel, search: bool, in_a: Indexes, in_b: Indexes
) -> MismatchCost:
    """Return the cost, calibrated on matching pairs and on the same frames paired at random."""
    chosen = np.unique(np.linspace(0, len(in_a) - 1, 150).astype(int))
    typical = float(np.quantile(noise.measure_pairs(a, b, in_a[chosen], in_b[chosen]).mismatch, 0.6))
    shuffled = np.roll(in_b[chosen], max(1, len(chosen) // 3))
    random = float(np.median(noise.measure_pairs(a, b, in_a[chosen], shuffled).mismatch))
    return MismatchCost(a, b, noise, search, typical, max(random, typical + MIN_SPREAD))
