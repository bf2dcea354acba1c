"""Look at the files themselves where something differs, for exact boxes around changes and their kinds."""

from collections import Counter
from collections.abc import Iterator, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from videos.diff.changes.boxes.box_measures import BLOCK_PIXELS, BlockSize
from videos.diff.changes.boxes.kinds import name_all, name_change
from videos.diff.changes.boxes.pixel_masks import (
    CELL_PIXELS,
    LOOK_SIZE,
    Mask,
    find_extent,
    mark_pixels,
    measure_difference,
    measure_extent,
)
from videos.diff.changes.boxes.reframing import name_reframed
from videos.diff.changes.boxes.softening import Planes, Softened, find_softened
from videos.diff.changes.change import Change
from videos.diff.changes.motion import average_strongest
from videos.diff.changes.spans import MarkedSpan
from videos.diff.noise.model import NoiseModel
from videos.diff.sampling.descriptor import Floats
from videos.diff.sampling.view import IDENTITY_VIEW, Box, View
from videos.diff.sampling.warp import Warp, map_box
from videos.diff.script.edit_script import Keyframe, Region, Span, join_keyframes
from videos.diff.script.kinds import ChangeKind
from videos.fingerprint.format import LUMA_SHAPE
from videos.media.frames import FrameSeeker
from videos.media.interlacing import is_interlaced
from videos.media.stills import FrameScaler, quarter_turns

MOMENTS_PER_CHANGE = 6
WHOLE_MOMENTS = 2  # of a change of the whole picture, which needs no box
FOREIGN_CONFIDENCE = 0.9  # confidence in footage that is replaced since it does not correlate
# Kinds of footage that does not correlate and yet is not replaced.
CERTAIN_KINDS = {"mirrored", "frozen", "not_frozen", "glitch", "negated", "grey", "not_grey", "reframed"}
# Kinds that show only where a picture has detail, or none, though a larger part of it has changed.
SPREAD_KINDS = {"softer", "sharper", "noisier", "pixelated", "not_noisier", "not_pixelated"}
MAX_SPREAD_SECONDS = 2.5  # seconds between the first and the last moment of a change, since seeking is expensive
INSET_SECONDS = 0.2  # seconds at the ends of a span in which no moment is chosen
KEYFRAME_SECONDS = 0.25  # seconds between the boxes of a change that moves
MAX_KEYFRAMES = 24  # boxes of one change that moves
KEYFRAME_INSET_SECONDS = 0.01  # seconds between the ends of a span and its first and last box
FOLLOWED_MARGIN_CELLS = 5  # cells around a moving change in which its box may lie, since it moves within a bin
FOLLOWED_SHARE = 0.5  # score of a moving change's cell against the mean of its strongest
REFRAMED_SHARE = 0.25  # share of cells from which the whole picture may be reframed, since flat parts hardly change
WHOLE_SHARE = 0.8  # share of cells from which the box is the whole picture
WARPED_QUANTILE = 0.003  # quantile of the positions of marked pixels at which a warped box begins and ends

FULL_FRAME = Region(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class MatchedMoment:
    """Seconds in A and in B that show the same."""

    a: float
    b: float


@dataclass(frozen=True, slots=True)
class _Located:
    """The part of the frame in which a change is, its kind, and its box in the picture if one side softens it."""

    region: Region
    kind: ChangeKind | None
    softened: Softened | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """The parts of the frame in which the changes of a segment are, and the kind of all of them.

    `softened` is their box in the picture that both sides show, if it is one box and softened on one side.
    """

    regions: list[Region]
    kind: ChangeKind | None
    softened: Softened | None = None


class BoxLocaliser:
    """Measures boxes on pairs of frames. Cheapest if the moments come in order of time.

    `of_a`: boxes are of A's frame instead of B's.
    """

    def __init__(
        self,
        a: FrameSeeker,
        b: FrameSeeker,
        noise: NoiseModel,
        views: tuple[View, View] = (IDENTITY_VIEW, IDENTITY_VIEW),
        of_a: bool = False,
    ) -> None:
        self._a, self._b = a, b
        self._noise = noise
        self._views = views
        self._of_a = of_a
        self._box_view = views[0 if of_a else 1]
        self._scalers = (FrameScaler(is_interlaced(a.path)), FrameScaler(is_interlaced(b.path)))
        self._blocks = _scale_blocks(a), _scale_blocks(b)
        self._unshared = _find_unshared(*views)

    def look_at(self, marked: MarkedSpan, span: Span) -> Look:
        """Return a box for each change in a span of A, and the kind of all of them, from a few moments."""
        moments = list(choose_moments(marked.strongest, span))
        by_frames = marked.strongest.kind
        softened: Softened | None = None
        shares = [change.area for change in marked.changes]
        is_whole = max(shares) >= WHOLE_SHARE
        planes = self.read_planes(moments[_find_middle(moments)] if is_whole else moments)
        a, b = (side[_find_middle(side)] for side in planes)
        reframed = name_reframed(a, b) if max(shares) >= REFRAMED_SHARE and by_frames is None else None
        if is_whole or reframed:
            kind = by_frames or reframed or name_change(a, b, FULL_FRAME, self._blocks)
            regions = [_convert_to_frame(self._box_view, self._box_view.picture, FULL_FRAME)]
        else:
            located = self._locate_still(marked, planes) | self._locate_moving(marked, span)
            regions = list(dict.fromkeys(located[change].region for change in marked.changes))
            found = {located[change].softened for change in marked.changes}
            softened = found.pop() if len(found) == 1 else None
            kind = by_frames or name_all([located[change].kind for change in marked.changes]) or self._name_whole(a, b)
        is_foreign = any(change.foreign for change in marked.changes)
        if is_foreign and (kind is None or kind.name not in CERTAIN_KINDS):
            kind = ChangeKind("replaced", FOREIGN_CONFIDENCE)
        return Look(regions, kind, softened if kind is None or kind.name in SPREAD_KINDS else None)

    def _locate_still(self, marked: MarkedSpan, planes: Planes) -> dict[Change, _Located]:
        """Return the box and the kind of each change that stays where it is, from the same moments for all.

        Several parts of one blurred box differ where there is something to blur. They have the box together.
        """
        a, b = planes
        difference = measure_difference(marked.changes, a, b)
        still = [change for change in marked.changes if not change.moving_cells]
        masks = {change: mark_pixels(difference, change.cells) for change in still}
        if len(still) > 1 and all(_are_simultaneous(still[0], other) for other in still[1:]):
            together: Mask = np.logical_or.reduce(list(masks.values()))
            box = measure_extent(together, difference)
            kind = name_change(a, b, box, self._blocks)
            if kind and kind.name in SPREAD_KINDS:
                return dict.fromkeys(still, self._settle(planes, together, box, kind))
        located = {}
        for change, mask in masks.items():
            box = measure_extent(mask, difference)
            kind = name_change(a, b, box, self._blocks)
            if change.place is not None and (kind is None or kind.name in SPREAD_KINDS):
                mask |= mark_pixels(difference, change.place)
                box = measure_extent(mask, difference)
                kind = name_change(a, b, box, self._blocks) or kind
            located[change] = self._settle(planes, mask, box, kind)
        return located

    def _settle(self, planes: Planes, mask: Mask, box: Region, kind: ChangeKind | None) -> _Located:
        """Return where the marked pixels are, or the whole box around them that one side softens."""
        softened = find_softened(planes, box) if kind is None or kind.name in SPREAD_KINDS else None
        if softened is None or softened.box == box:
            return _Located(_convert_mask(self._box_view, mask, box), kind, softened)
        region = _convert_to_frame(self._box_view, self._box_view.box, softened.box)
        return _Located(region, name_change(*planes, softened.box, self._blocks) or kind, softened)

    def _locate_moving(self, marked: MarkedSpan, span: Span) -> dict[Change, _Located]:
        """Return the boxes of each change that moves, one after the other, and its kind."""
        return {change: self._follow(marked, change, span) for change in marked.changes if change.moving_cells}

    def _follow(self, marked: MarkedSpan, change: Change, span: Span) -> _Located:
        """Return the union of the boxes of a moving change with its keyframes, and the kind that most moments have."""
        keyframes, kinds = [], []
        for moment in choose_keyframes(change, span):
            a, b = self.read_planes([moment])
            difference = measure_difference(marked.changes, a, b)
            mask = mark_pixels(difference, find_cells_at(change, moment.a), FOLLOWED_MARGIN_CELLS)
            box = measure_extent(mask, difference)
            keyframes.append(Keyframe(moment.a if self._of_a else moment.b, _convert_mask(self._box_view, mask, box)))
            kinds.append(name_change(a, b, box, self._blocks))
        return _Located(join_keyframes(keyframes), _choose_common_kind(kinds))

    def _name_whole(self, a: Floats, b: Floats) -> ChangeKind | None:
        """Return the kind of the whole picture, if its detail tells it: blocks and noise hardly show on flat parts."""
        kind = name_change(a, b, FULL_FRAME, self._blocks)
        return kind if kind and kind.name in SPREAD_KINDS else None

    def read_planes(self, moments: Sequence[MatchedMoment]) -> Planes:
        """Return (moments, 3, 216, 384) luma and chroma of A, with the brightness and colours of B, and of B.

        What only one side of a warp shows does not differ.
        """
        times = [moment.a for moment in moments], [moment.b for moment in moments]
        with ThreadPoolExecutor(2) as pool:  # decoding releases the interpreter's lock
            a, b = pool.map(_read_side, (self._a, self._b), self._scalers, self._views, times)
        a[:, 0] *= self._noise.gain
        a[:, 0] += self._noise.offset
        a[:, 1:] += self._noise.chroma_offset[:, None, None]
        if self._unshared is not None:
            a[..., self._unshared] = b[..., self._unshared]
        return a, b


def _read_side(seeker: FrameSeeker, scaler: FrameScaler, view: View, times: Sequence[float]) -> Floats:
    """Return (times, 3, 216, 384) luma and chroma of one side at some times, through a view."""
    width, height = LOOK_SIZE
    read = np.empty((len(times), 3, height, width), np.float32)
    for place, seconds in enumerate(times):
        planes = [plane.astype(np.float32) for plane in scaler.scale_to_planes(seeker.at(seconds), width, height)]
        for channel, plane in enumerate(view.transform_planes(planes)):
            read[place, channel] = plane
    return read


def _find_unshared(*views: View) -> Mask | None:
    """Return a mask (216, 384) of the pixels that only one side shows; None if no view warps the picture."""
    if not any(view.warp for view in views):
        return None
    shared = np.logical_and.reduce([view.find_supported_cells(LUMA_SHAPE, LUMA_SHAPE) for view in views])
    alone: Mask = np.kron(~shared, np.ones((CELL_PIXELS, CELL_PIXELS), bool))
    return alone


def _are_simultaneous(one: Change, other: Change) -> bool:
    """Return whether two changes begin and end in the same bin or the next one."""
    return abs(one.first - other.first) <= 1 and abs(one.last - other.last) <= 1


def _find_middle(moments: Sized) -> slice:
    """Return where the WHOLE_MOMENTS in the middle are."""
    first = max(0, (len(moments) - WHOLE_MOMENTS) // 2)
    return slice(first, first + WHOLE_MOMENTS)


def _scale_blocks(video: FrameSeeker) -> BlockSize:
    """Return the size of the blocks of a video's codec in pixels of LOOK_SIZE."""
    first = video.at(0.0)
    height, width = (first.width, first.height) if quarter_turns(first) % 2 else (first.height, first.width)
    return BLOCK_PIXELS[0] * LOOK_SIZE[1] / height, BLOCK_PIXELS[1] * LOOK_SIZE[0] / width


def _choose_common_kind(kinds: list[ChangeKind | None]) -> ChangeKind | None:
    """Return the kind that most moments of one change have, with its median confidence, None if there is none."""
    named = [kind for kind in kinds if kind is not None]
    name, count = Counter(kind.name for kind in named).most_common(1)[0] if named else ("", 0)
    if count * 2 <= len(kinds):
        return None
    return ChangeKind(name, round(float(np.median([kind.confidence for kind in named if kind.name == name])), 2))


def estimate_box(cells: Mask, view: View) -> Region:
    """Return the box of a frame around cells of the picture that a view shows of it. Needs no decoding."""
    (top, bottom), (left, right) = (find_extent(cells.sum(axis=axis)) for axis in (1, 0))
    high, wide = cells.shape
    return _convert_to_frame(
        view, view.box, Region(left / wide, top / high, (right - left) / wide, (bottom - top) / high)
    )


def _convert_to_frame(view: View, seen: Box, part: Region) -> Region:
    """Return a part of the box `seen` of a view, before it is flipped, as a part of the frame."""
    if view.warp:
        return Region(*map_box((part.x, part.y, part.width, part.height), view.warp))
    x, y = seen.x + part.x * seen.width, seen.y + part.y * seen.height
    box = Box(x, y, part.width * seen.width, part.height * seen.height).flip(view.flip_horizontal, view.flip_vertical)
    return Region(box.x, box.y, box.width, box.height)


def _convert_mask(view: View, marked: Mask, box: Region) -> Region:
    """Return the part of the frame with the marked pixels of the picture, whose box is `box`."""
    return _measure_warped_box(marked, view.warp) if view.warp else _convert_to_frame(view, view.box, box)


def _measure_warped_box(marked: Mask, warp: Warp) -> Region:
    """Return the box of the warped frame around marked pixels of the picture."""
    rows, columns = np.nonzero(marked)
    width, height = LOOK_SIZE
    mapped = warp.map_points(np.stack([(columns + 0.5) / width, (rows + 0.5) / height], axis=-1)).clip(0, 1)
    low, high = np.quantile(mapped, WARPED_QUANTILE, axis=0), np.quantile(mapped, 1 - WARPED_QUANTILE, axis=0)
    return Region(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))


def choose_moments(change: Change, span: Span) -> Iterator[MatchedMoment]:
    """Yield a few moments around the strongest one of a change, within the span (seconds of A)."""
    if change.spans:
        yield MatchedMoment(*(start + (end - start) / 4 for start, end in change.spans))
        return
    strongest = find_strongest_moment(change, span)
    inset = min(INSET_SECONDS, (span[1] - span[0]) / 4)
    low = max(span[0] + inset, strongest - MAX_SPREAD_SECONDS / 2)
    high = min(span[1] - inset, max(low, strongest + MAX_SPREAD_SECONDS / 2))
    for moment in np.linspace(low, max(low, high), MOMENTS_PER_CHANGE):
        yield MatchedMoment(float(moment), change.score_map.part.time_map.to_b(float(moment)))


def choose_keyframes(change: Change, span: Span) -> Iterator[MatchedMoment]:
    """Yield moments from the first frame of a span (seconds of A) to the last one."""
    inset = min(KEYFRAME_INSET_SECONDS, (span[1] - span[0]) / 4)
    count = 1 + min(MAX_KEYFRAMES - 1, max(1, round((span[1] - span[0]) / KEYFRAME_SECONDS)))
    for moment in np.linspace(span[0] + inset, span[1] - inset, count):
        yield MatchedMoment(float(moment), change.score_map.part.time_map.to_b(float(moment)))


def find_cells_at(change: Change, moment: float) -> Mask:
    """Return the cells of a moving change that differ at a moment of A, all of them if none stands out."""
    score_map = change.score_map
    inside = slice(change.first, change.last)
    place = change.first + int(np.abs(score_map.times[inside] - moment).argmin())
    score = np.where(change.cells, score_map.score[place], 0).astype(np.float32)
    strongest = np.sort(score[change.cells])[-change.moving_cells :]
    cells: Mask = score > max(0.0, FOLLOWED_SHARE * float(strongest.mean()))
    return cells if cells.any() else change.cells


def find_strongest_moment(change: Change, span: Span) -> float:
    """Return the second of A, within a span, at which a change stands out most."""
    times = change.score_map.times
    inside = np.flatnonzero((times >= span[0]) & (times <= span[1]))
    if not len(inside):
        return (span[0] + span[1]) / 2
    levels = average_strongest(change.score_map.score[inside][:, change.cells].astype(np.float32), change.moving_cells)
    return float(times[inside[int(levels.argmax())]])
