"""Softened boxes that are followed beyond the borders of their segments, in pictures made for each moment."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.videos.diff.changes.boxes.test_softening import BOX, PART, edges, grain, soften
from tests.videos.diff.edits import film, render_clip, script
from tests.videos.diff.fingerprints import fingerprint
from videos.diff.alignment.outline import MatchedPart
from videos.diff.alignment.time_map import TimeMap
from videos.diff.changes.boxes.localisation import MatchedMoment
from videos.diff.changes.boxes.softening import Planes, Softened
from videos.diff.changes.boxes.visible_spans import ReadPlanes, follow_boxes
from videos.diff.changes.change import Change
from videos.diff.changes.score_maps import EMPTY_SCORE_MAP
from videos.diff.changes.segments import DraftSegment, MarkedSegment, segment_of
from videos.diff.changes.spans import MarkedSpan
from videos.diff.sampling.descriptor import SampledVideo
from videos.diff.script.edit_script import MatchedSegment, OneSidedSegment, Region, Span
from videos.diff.script.kinds import ChangeKind

SHIFT = 2.0  # seconds by which B is later than A
FRAME = 1 / 25
FLAT, TEXTURED = grain(1, levels=0.05), grain(1)
ELSEWHERE = Region(0.02, 0.02, 0.2, 0.15)


def side(detail: int = 0) -> SampledVideo:
    """Return 14 s of which the fingerprint tells this much detail."""
    still = fingerprint(np.full((350, 36, 64), 128, np.uint8))
    still.records["detail"] = detail
    return SampledVideo(still)


def shifted(span: Span) -> Span:
    return span[0] + SHIFT, span[1] + SHIFT


def equal(start: float, end: float) -> DraftSegment:
    return MatchedSegment("equal", (start, end), shifted((start, end)), 0.0)


def changed(start: float, end: float, box: Region = BOX, kind: str | None = None) -> DraftSegment:
    part = MatchedPart((0.0, 12.0), shifted((0.0, 12.0)), TimeMap(SHIFT))
    change = Change(replace(EMPTY_SCORE_MAP, part=part), 0, 1, np.ones((36, 64), bool), 2.0)
    named = ChangeKind(kind, 0.9) if kind else None
    segment = MatchedSegment("changed", (start, end), shifted((start, end)), 0.3, (box,), kind=named)
    return MarkedSegment(segment, MarkedSpan((start, end), (change,)))


def pictures(
    is_softened: Callable[[float], bool], is_flat: Callable[[float], bool] = lambda moment: False
) -> ReadPlanes:
    """Return a function that draws the planes of moments; B lacks detail in the box where it is softened."""

    def read(moments: Sequence[MatchedMoment]) -> Planes:
        assert all(moment.b == pytest.approx(moment.a + SHIFT) for moment in moments)
        a = np.concatenate([FLAT if is_flat(moment.a) else TEXTURED for moment in moments])
        drawn = [
            soften(a[place : place + 1]) if is_softened(moment.a) else a[place : place + 1]
            for place, moment in enumerate(moments)
        ]
        return a, np.concatenate(drawn)

    return read


def follow(
    drafts: Sequence[DraftSegment], softened: dict[int, Softened], read: ReadPlanes, detail: int = 0
) -> list[tuple[str, Span, Span]]:
    """Return (op, a, b) of the segments that are left."""
    followed = [segment_of(each) for each in follow_boxes(drafts, softened, (side(detail), side(detail)), read)]
    return [(each.op, *(pytest.approx(span, abs=1e-6) for span in each.spans)) for each in followed]


def segments(*spans: tuple[str, float, float]) -> list[tuple[str, Span, Span]]:
    return [(op, (start, end), shifted((start, end))) for op, start, end in spans]


def test_a_change_begins_and_ends_where_its_box_can_be_seen_to_do_so():
    found = follow(
        [equal(0, 5), changed(5, 6), equal(6, 12)],
        {1: Softened(1, BOX)},
        pictures(lambda moment: 3.6 <= moment + 1e-6 < 7.4),
    )
    assert segments(("equal", 0, 3.6), ("changed", 3.6, 7.4), ("equal", 7.4, 12)) == found


def test_a_change_is_followed_for_a_few_seconds_only():
    found = follow([equal(0, 6), changed(6, 8)], {1: Softened(1, BOX)}, pictures(lambda moment: True))
    assert segments(("equal", 0, 2), ("changed", 2, 8)) == found


def test_an_equal_segment_that_is_softened_as_a_whole_is_part_of_the_change():
    found = follow(
        [OneSidedSegment("b", (0, SHIFT)), equal(0, 1), changed(1, 3)],
        {2: Softened(1, BOX)},
        pictures(lambda moment: True),
    )
    assert found[1:] == segments(("changed", 0, 3))


@pytest.mark.parametrize(("seen_again", "start"), [(True, 3.0), (False, 5.0)])
def test_footage_without_detail_belongs_to_a_change_that_is_seen_again(seen_again, start):
    found = follow(
        [equal(0, 5), changed(5, 6)],
        {1: Softened(1, BOX)},
        pictures(lambda moment: 3 <= moment + 1e-6 < 4 and seen_again, lambda moment: 4 <= moment + 1e-6 < 5),
    )
    assert segments(("equal", 0, start), ("changed", start, 6)) == found


def test_two_segments_of_one_box_are_one_if_only_flat_footage_lies_between_them():
    drafts = [changed(1, 3, PART), equal(3, 4), changed(4, 6, BOX, "softer")]
    softened = {0: Softened(1, BOX), 2: Softened(1, BOX)}
    read = pictures(lambda moment: True, lambda moment: 3.4 <= moment + 1e-6 < 3.8)
    [joined] = follow_boxes(drafts, softened, (side(), side()), read)
    segment = segment_of(joined)
    assert isinstance(segment, MatchedSegment)
    assert (segment.a, segment.b) == ((1, 6), shifted((1, 6)))
    assert [edges(region) for region in segment.regions] == [pytest.approx(edges(BOX))]
    assert segment.kind == ChangeKind("softer", 0.9)


@pytest.mark.parametrize("other", [Softened(1, ELSEWHERE), Softened(0, BOX)], ids=["another place", "another side"])
def test_two_changes_with_flat_footage_between_them_stay_two(other):
    drafts = [changed(1, 3), equal(3, 4), changed(4, 6)]
    found = follow(drafts, {0: Softened(1, BOX), 2: other}, pictures(lambda moment: True, lambda moment: True))
    assert segments(("changed", 1, 3), ("equal", 3, 4), ("changed", 4, 6)) == found


def test_no_file_is_read_where_the_fingerprint_shows_that_detail_is_kept():
    def refuse(moments: Sequence[MatchedMoment]) -> Planes:
        raise AssertionError(moments)

    drafts = [equal(0, 5), changed(5, 6), equal(6, 12)]
    assert segments(("equal", 0, 5), ("changed", 5, 6), ("equal", 6, 12)) == follow(
        drafts, {1: Softened(1, BOX)}, refuse, detail=200
    )


def test_a_change_does_not_reach_into_footage_beside_a_cut():
    deleted = OneSidedSegment("a", (4.0, 5.0))
    drafts = [equal(0, 4), deleted, changed(5, 6)]
    [_, _, left] = follow_boxes(drafts, {2: Softened(1, BOX)}, (side(), side()), pictures(lambda moment: True))
    assert segment_of(left).spans == ((5, 6), shifted((5, 6)))


@pytest.mark.parametrize("rate", [7.0, 12.5, 25.0, 60.0])
@pytest.mark.parametrize("kept", [1, 2, 3])
def test_segments_stay_adjacent_on_both_sides_at_any_frame_rate(rate, kept):
    """Two changes are seen up to a few frames from each other; a frame of B may be longer than what is left."""
    drafts = [equal(0, 3), changed(3, 4), equal(4, 5), changed(5, 6), equal(6, 9)]
    softened = {1: Softened(1, BOX), 3: Softened(1, BOX)}
    low, high = 4.48 - 1e-6, 4.48 + kept * FRAME - 1e-6

    def read(moments: Sequence[MatchedMoment]) -> Planes:
        a = np.concatenate([TEXTURED for _ in moments])
        drawn = [a[:1] if low <= moment.a < high else soften(a[:1]) for moment in moments]
        return a, np.concatenate(drawn)

    b = SampledVideo(fingerprint(np.full((round(14 * rate), 36, 64), 128, np.uint8), rate))
    b.fingerprint.records["detail"] = 0

    found = [segment_of(each) for each in follow_boxes(drafts, softened, (side(), b), read)]

    assert (found[0].a[0], found[-1].a[1]) == (0, 9)
    assert all((one.a[1], one.b[1]) == (other.a[0], other.b[0]) for one, other in pairwise(found))
    assert all(each.a[0] < each.a[1] and each.b[0] < each.b[1] for each in found)
    assert [each.op for each in found].count("changed") in (1, 2)


def test_a_blurred_box_begins_where_its_faint_grain_disappears():
    """The fingerprint tells the difference only from second 3.2 on, when something with clear edges comes into it."""
    frames = film().copy()
    rows, columns = slice(40, 120), slice(60, 180)
    faint = np.random.default_rng(3).integers(-4, 5, (80, 120, 1))
    frames[:, rows, columns] = (120 + faint).astype(np.uint8)
    frames[80:, 60:100, 90:150] = np.where(np.indices((40, 60)).sum(axis=0)[..., None] % 8 < 4, 60, 190)
    blurred = frames.copy()
    inside = blurred[50:120, rows, columns].astype(np.float32)
    for axis in (1, 2):
        inside = np.mean([np.roll(inside, by, axis) for by in range(-4, 5)], axis=0)
    blurred[50:120, rows, columns] = inside
    a, b = (render_clip(each, options={"crf": "8"}) for each in (frames, blurred))
    [found] = [each for each in script(a, b)["segments"] if each["op"] == "changed"]
    assert found["a"] == pytest.approx([2.0, 4.8], abs=2.5 * FRAME)
