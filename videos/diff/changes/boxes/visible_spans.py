"""Follow a softened box from frame to frame in both files, beyond the borders that the fingerprint tells.

Where neither side has detail in the box, nothing can be told: there, a change goes on if it is seen again soon.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from videos.diff.alignment.evidence.pairing import find_partners
from videos.diff.alignment.time_map import TimeMap
from videos.diff.changes.boxes.box_measures import find_pixels
from videos.diff.changes.boxes.localisation import MatchedMoment
from videos.diff.changes.boxes.softening import Planes, Sight, Softened, judge_moments
from videos.diff.changes.segments import DraftSegment, MarkedSegment, segment_of
from videos.diff.changes.spans import MarkedSpan, find_nearest_border
from videos.diff.sampling.descriptor import Floats, SampledVideo
from videos.diff.script.edit_script import MatchedSegment, Region, Segment, Span, join_regions
from videos.fingerprint.format import DETAIL_SHAPE

MAX_KEPT_SECONDS = 0.12  # seconds of a box with the same detail on both sides, after which a change has ended
MAX_FLAT_SECONDS = 2.0  # seconds without detail, after which a change is not followed any further
MAX_FOLLOWED_SECONDS = 4.0  # seconds beyond a border, at most
SAME_SECONDS = 1e-6  # seconds up to which two moments are the same
FRAMES_TOGETHER = 8  # frames that are read together, because reading backwards is slow
SHARED_BOX = 0.3  # share of the smaller of two boxes that is in both, if they are of one change
CLEAR_DETAIL = 4.5  # doublings of the variance in a place of the fingerprint that has clear detail
MIN_CLEAR_PLACES = 4  # places of a box and frames beside its border together, that must have it,
MAX_CLEAR_LOSS = 0.6  # and doublings that they lose at the median, where the fingerprint tells that nothing is softened

Sides = tuple[SampledVideo, SampledVideo]  # A and B
ReadPlanes = Callable[[Sequence[MatchedMoment]], Planes]
Border = tuple[float, float]  # seconds of A and of B


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far a change is seen beyond a border, in seconds of A, and up to where nothing tells that it has ended."""

    seen: float
    open: float


def follow_boxes(
    drafts: Sequence[DraftSegment], softened: Mapping[int, Softened], sides: Sides, read_planes: ReadPlanes
) -> list[DraftSegment]:
    """Return the segments, with the changed ones longer where their boxes can be seen to be softened in equal ones.

    `softened` are the boxes by the place of their segment. Two segments of one box are joined if only footage without
    detail is left between them.
    """
    starts: dict[int, _Reach] = {}
    ends: dict[int, _Reach] = {}
    for place, box in softened.items():
        follower = _Follower(_get_time_map(drafts[place]), box, sides, read_planes)
        own = segment_of(drafts[place])
        if place and (before := _find_equal(drafts[place - 1])) and _touch(before, own):
            starts[place] = follower.follow(before.a, backwards=True)
        if place + 1 < len(drafts) and (after := _find_equal(drafts[place + 1])) and _touch(own, after):
            ends[place] = follower.follow(after.a, backwards=False)
    moved = {place: _find_border(drafts[place - 1], drafts[place], reach, sides) for place, reach in starts.items()}
    moved |= {place + 1: _find_border(drafts[place + 1], drafts[place], reach, sides) for place, reach in ends.items()}
    joined: set[int] = set()
    for place in (each + 1 for each in ends if each + 2 in starts):
        if ends[place - 1].open > starts[place + 1].open - sides[0].fingerprint.step / 2:
            if _are_one(drafts, softened, (place - 1, place + 1)):
                joined.add(place)
            else:
                del moved[place], moved[place + 1]
    return _set_borders(drafts, moved, joined)


def _get_time_map(draft: DraftSegment) -> TimeMap:
    assert isinstance(draft, MarkedSegment)  # noqa: S101  only changes have boxes
    return draft.marked.strongest.score_map.part.time_map


def _find_equal(draft: DraftSegment) -> MatchedSegment | None:
    segment = segment_of(draft)
    return segment if isinstance(segment, MatchedSegment) and segment.op == "equal" else None


def _touch(one: Segment, other: Segment) -> bool:
    """Return whether a segment ends where another one begins, on both sides."""
    if not (isinstance(one, MatchedSegment) and isinstance(other, MatchedSegment)):
        return False
    return (one.a[1], one.b[1]) == (other.a[0], other.b[0])


@dataclass(frozen=True, slots=True)
class _Follower:
    """Follows one softened box from frame to frame."""

    time_map: TimeMap
    softened: Softened
    sides: Sides
    read_planes: ReadPlanes

    def follow(self, within: Span, backwards: bool) -> _Reach:
        """Return how far the box is softened in the equal span of A before its change, or after it."""
        borders, step = self.sides[0].fingerprint.borders, self.sides[0].fingerprint.step
        low, high = self.sides[0].fingerprint.nearest_borders(np.array(within)).tolist()
        most = round(MAX_FOLLOWED_SECONDS / step)
        frames = range(high - 1, max(low, high - most) - 1, -1) if backwards else range(low, min(high, low + most))
        at = within[1] if backwards else within[0]
        reach = _Reach(at, at)
        kept = flat = 0
        if self._is_clearly_kept(frames[: int(MAX_KEPT_SECONDS / step) + 1]):
            return reach
        for frame, sight in self._look_at(frames):
            border = float(borders[frame if backwards else frame + 1])
            kept = kept + 1 if sight is Sight.KEPT else 0
            flat = flat + 1 if sight is Sight.FLAT else 0
            if sight is Sight.SOFTENED:
                reach = _Reach(border, border)
            elif sight is Sight.FLAT and abs(reach.open - border) < 1.5 * step:
                reach = _Reach(reach.seen, border)
            if kept * step > MAX_KEPT_SECONDS or flat * step > MAX_FLAT_SECONDS:
                break
        return reach

    def _is_clearly_kept(self, frames: range) -> bool:
        """Return whether the fingerprint tells that a box is not softened in frames of A; then none need be read."""
        soft, sharp = (self._read_detail(sorted(frames))[side] for side in (self.softened.side, 1 - self.softened.side))
        is_clear = sharp >= CLEAR_DETAIL
        if is_clear.sum() < MIN_CLEAR_PLACES:
            return False
        return bool(np.median((sharp - soft)[is_clear]) <= MAX_CLEAR_LOSS)

    def _read_detail(self, frames: list[int]) -> list[Floats]:
        """Return the detail (frames, rows, columns) of each side within the box."""
        rows, columns = find_pixels(self.softened.box, *DETAIL_SHAPE)
        a, b = self.sides
        in_b = find_partners(a, b, np.array(frames), self.time_map, False)
        return [a.read_detail(np.array(frames))[:, rows, columns], b.read_detail(in_b)[:, rows, columns]]

    def _look_at(self, frames: range) -> Iterator[tuple[int, Sight]]:
        """Yield what each frame of A and its partner tell, in the order of the frames."""
        for first in range(0, len(frames), FRAMES_TOGETHER):
            group = frames[first : first + FRAMES_TOGETHER]
            in_order = sorted(group)
            sights = dict(zip(in_order, judge_moments(self._read(in_order), self.softened), strict=True))
            yield from ((frame, sights[frame]) for frame in group)

    def _read(self, frames: list[int]) -> Planes:
        """Return the planes of frames of A and of their partners."""
        a, b = self.sides
        in_b = find_partners(a, b, np.array(frames), self.time_map, False)
        moments = zip(a.fingerprint.times[frames].tolist(), b.fingerprint.times[in_b].tolist(), strict=True)
        return self.read_planes([MatchedMoment(*pair) for pair in moments])


def _find_border(equal: DraftSegment, changed: DraftSegment, reach: _Reach, sides: Sides) -> Border:
    """Return the border of a change that reaches into an equal segment beside it.

    It is an end of that segment if less than a frame of either side would be left.
    """
    segment = segment_of(equal)
    assert isinstance(segment, MatchedSegment)  # noqa: S101  as `_find_equal` says
    in_b = find_nearest_border(sides[1].fingerprint.borders, _get_time_map(changed).to_b(reach.seen))
    for end_a, end_b in zip(segment.a, segment.b, strict=True):
        if abs(reach.seen - end_a) < sides[0].fingerprint.step / 2 or abs(in_b - end_b) < SAME_SECONDS:
            return end_a, end_b
    return reach.seen, min(max(in_b, segment.b[0]), segment.b[1])


def _are_one(drafts: Sequence[DraftSegment], softened: Mapping[int, Softened], places: tuple[int, int]) -> bool:
    """Return whether two segments may be of one change: the same side is softened, and their boxes overlap."""
    one, other = (softened[place] for place in places)
    kinds = {segment.kind.name for place in places if (segment := segment_of(drafts[place])).kind}
    return one.side == other.side and len(kinds) <= 1 and _measure_shared(one.box, other.box) >= SHARED_BOX


def _measure_shared(one: Region, other: Region) -> float:
    """Return the share of the smaller of two boxes that is in both."""
    wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(0.0, wide) * max(0.0, high) / min(one.width * one.height, other.width * other.height)


def _set_borders(drafts: Sequence[DraftSegment], moved: Mapping[int, Border], joined: set[int]) -> list[DraftSegment]:
    """Return the segments with other borders, by the place of the segment that begins there.

    Those at the places `joined` become one with both of the segments beside them. Where two borders leave nothing of a
    segment on one side, they become the first one.
    """
    moved = dict(moved)
    result: list[DraftSegment] = []
    for place, draft in enumerate(drafts):
        segment = segment_of(draft)
        if place in joined:
            continue
        if isinstance(segment, MatchedSegment) and (place in moved or place + 1 in moved):
            start = moved.get(place, (segment.a[0], segment.b[0]))
            end = moved.get(place + 1, (segment.a[1], segment.b[1]))
            if end[0] <= start[0] or end[1] <= start[1]:
                moved[place + 1] = start
                continue
            segment = replace(segment, a=(start[0], end[0]), b=(start[1], end[1]))
            draft = replace(draft, segment=segment) if isinstance(draft, MarkedSegment) else segment
        if place - 1 in joined:
            draft = _join(result.pop(), draft)
        result.append(draft)
    return result


def _join(one: DraftSegment, other: DraftSegment) -> MarkedSegment:
    """Return two segments of one change, and what lies between them, as one with the box around their boxes."""
    assert isinstance(one, MarkedSegment)  # noqa: S101  only changes are joined
    assert isinstance(other, MarkedSegment)  # noqa: S101
    first, last = one.segment, other.segment
    surer = max((first, last), key=lambda segment: segment.kind.confidence if segment.kind else 0.0)
    segment = replace(
        first,
        a=(first.a[0], last.a[1]),
        b=(first.b[0], last.b[1]),
        distance=max(first.distance or 0.0, last.distance or 0.0),
        regions=(join_regions([*first.regions, *last.regions]),),
        kind=surer.kind,
    )
    changes = (*one.marked.changes, *other.marked.changes)
    return MarkedSegment(segment, MarkedSpan((one.marked.span[0], other.marked.span[1]), changes))
