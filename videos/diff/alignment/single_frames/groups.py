"""Find kept parts that are aligned again frame by frame: in order, a few frames apart, at equal frame rates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.evidence.pairing import rates_differ
from videos.diff.alignment.outline import MatchedPart, OneSidedPart, Part, ReplacedPart
from videos.diff.alignment.time_map import TimeMap
from videos.diff.sampling.descriptor import SampledVideo

RATE_TOLERANCE = 0.0002  # relative difference of frame rates up to which frames correspond one to one
MAX_UNEVEN_FRAMES = 0.4  # frames by which the time of a frame may differ from a constant rate
MIN_FRAMES = 48  # of each side; shorter videos stay as they are
MAX_SLOPE_OFF = 0.025  # of the speed of a part, up to which steps may explain it better
FEW_STEPS = 3.5  # frames by which a short part may drift at a higher speed
MAX_STEP_FRAMES = 3  # frames of a step of the offset; a longer one is a cut
BRIDGED_FRAMES = 2  # frames of one side between two kept parts, up to which both may be aligned again


@dataclass(frozen=True, slots=True)
class FrameGrid:
    """The constant frame rate of both sides: frame `n` of A is shown at `start_a + n * step` seconds."""

    start_a: float
    start_b: float
    step: float

    def find_shift(self, part: MatchedPart, moment: float) -> int:
        """Return by how many frames the frame of B exceeds that of A, which is shown at a moment of A."""
        return round((part.time_map.to_b(moment) - self.start_b - (moment - self.start_a)) / self.step)

    def find_shifts(self, part: MatchedPart, moments: NDArray[np.float64]) -> NDArray[np.int64]:
        in_b = part.time_map.times_to_b(moments) - self.start_b
        return np.rint((in_b - (moments - self.start_a)) / self.step).astype(np.int64)

    def make_time_map(self, shift: int) -> TimeMap:
        return TimeMap(self.start_b - self.start_a + shift * self.step)


@dataclass(frozen=True, slots=True)
class FrameGroup:
    """Adjacent parts, from place `low` to `high` of the outline. `shifts` (frames,) are known from frame `first` on.

    `is_doubtful` (frames,): the part has a slightly different speed, which steps may explain better.
    """

    low: int
    high: int
    first: int
    shifts: NDArray[np.int64]
    is_doubtful: NDArray[np.bool_]


def find_grid(a: SampledVideo, b: SampledVideo) -> FrameGrid | None:
    """Return the common constant frame rate of both sides, or None if there is none."""
    if min(len(a.fingerprint), len(b.fingerprint)) < MIN_FRAMES or rates_differ(a, b):
        return None
    steps = []
    for times in (a.fingerprint.times, b.fingerprint.times):
        step = float(times[-1] - times[0]) / (len(times) - 1)
        uneven = np.abs(times - times[0] - step * np.arange(len(times))).max()
        if uneven > MAX_UNEVEN_FRAMES * step:
            return None
        steps.append(step)
    if abs(steps[0] - steps[1]) > RATE_TOLERANCE * steps[0]:
        return None
    return FrameGrid(float(a.fingerprint.times[0]), float(b.fingerprint.times[0]), sum(steps) / 2)


def find_groups(a: SampledVideo, parts: Sequence[Part], grid: FrameGrid) -> Iterator[FrameGroup]:
    """Yield groups of kept parts at equal speed that are in order and at most a few frames apart."""
    members: list[int] = []
    for place, part in enumerate(parts):
        if isinstance(part, MatchedPart) and part.kind == "kept" and _has_few_steps(part, grid):
            if members and not _are_close(parts, members[-1], place, grid):
                yield _make_group(a, parts, members, grid)
                members = []
            members.append(place)
    if members:
        yield _make_group(a, parts, members, grid)


def _has_few_steps(part: MatchedPart, grid: FrameGrid) -> bool:
    """Return whether a part is at equal speed, or at another speed that a few single steps may explain better."""
    off = abs(part.time_map.slope - 1)
    return off <= MAX_SLOPE_OFF or off * part.seconds <= FEW_STEPS * grid.step


def _are_close(parts: Sequence[Part], one: int, other: int, grid: FrameGrid) -> bool:
    before, after = parts[one], parts[other]
    if not (isinstance(before, MatchedPart) and isinstance(after, MatchedPart)):
        return False
    apart = max(after.a[0] - before.a[1], after.b[0] - before.b[1])
    in_order = min(after.a[0] - before.a[1], after.b[0] - before.b[1]) > -grid.step / 2
    step = abs(grid.find_shift(after, after.a[0]) - grid.find_shift(before, before.a[1]))
    between = all(isinstance(part, OneSidedPart | ReplacedPart) for part in parts[one + 1 : other])
    return in_order and between and step <= MAX_STEP_FRAMES and apart < (BRIDGED_FRAMES + 0.5) * grid.step


def _make_group(a: SampledVideo, parts: Sequence[Part], members: list[int], grid: FrameGrid) -> FrameGroup:
    borders = a.fingerprint.borders
    matched = [part for place in members if isinstance(part := parts[place], MatchedPart)]
    starts = [int(np.abs(borders - part.a[0]).argmin()) for part in matched]
    end = int(np.abs(borders - matched[-1].a[1]).argmin())
    times = a.fingerprint.times
    spans = list(pairwise([*starts, end]))
    shifts = [grid.find_shifts(part, times[low:high]) for part, (low, high) in zip(matched, spans, strict=True)]
    doubtful = [np.full(high - low, part.time_map.slope != 1) for part, (low, high) in zip(matched, spans, strict=True)]
    return FrameGroup(members[0], members[-1] + 1, starts[0], np.concatenate(shifts), np.concatenate(doubtful))
