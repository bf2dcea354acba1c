"""Find which side of a pair mixes adjacent frames of the other side, once per pair, from frames of all its runs."""

from collections.abc import Sequence

import numpy as np

from videos.diff.alignment.evidence.pairing import Indexes, find_partners
from videos.diff.alignment.viterbi import Run
from videos.diff.noise.mixed_frames import MixedCount, MixedSide, choose_mixed_side, count_mixed_frames
from videos.diff.sampling.descriptor import SampledVideo

SAMPLED_FRAMES = 300  # frames of each side, over all runs, that are examined
MIN_RUN_FRAMES = 3  # of each run


def find_mixed_side(a: SampledVideo, b: SampledVideo, runs: Sequence[Run], search: bool) -> MixedSide:
    """Return the side whose frames are mixes, or None.

    Without `search` the frame times of both sides are equal, so that no frame of one lies between two of the other.
    """
    if not search:
        return None
    inverse = [Run(*run.b, run.time_map.inverse) for run in runs]
    return choose_mixed_side(_count_in_runs(a, b, runs), _count_in_runs(b, a, inverse))


def _count_in_runs(one: SampledVideo, other: SampledVideo, runs: Sequence[Run]) -> MixedCount:
    """Count the mixes among frames of one side that are spread evenly over the runs, which are in its seconds."""
    total = sum(run.seconds for run in runs)
    pairs: list[tuple[Indexes, Indexes]] = []
    for run in runs:
        count = max(MIN_RUN_FRAMES, round(SAMPLED_FRAMES * run.seconds / total))
        frames = np.unique(one.fingerprint.nearest(np.linspace(run.start, run.end, count + 2)[1:-1]))
        pairs.append((frames, find_partners(one, other, frames, run.time_map, True)))
    in_one, in_other = (np.concatenate(each) for each in zip(*pairs, strict=True))
    return count_mixed_frames(one, other, in_one, in_other)
