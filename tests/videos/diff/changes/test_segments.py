from dataclasses import replace

import numpy as np

from tests.videos.diff.fingerprints import fingerprint, scenery
from videos.diff.alignment.outline import MatchedPart, OneSidedPart
from videos.diff.alignment.time_map import TimeMap
from videos.diff.changes.change import Change
from videos.diff.changes.score_maps import EMPTY_SCORE_MAP
from videos.diff.changes.segments import cut_part, is_doubtful, merge_equal, segment_of
from videos.diff.changes.spans import MarkedSpan
from videos.diff.changes.steps.whole_measures import LevelStep
from videos.diff.script.edit_script import MatchedSegment

PART = MatchedPart((0.0, 4.0), (0.0, 4.0))
SCORES = replace(EMPTY_SCORE_MAP, part=PART, times=np.arange(0.1, 4, 0.2), score=np.zeros((20, 36, 64), np.float16))


def mark(start: float, end: float) -> MarkedSpan:
    cells = np.zeros((36, 64), bool)
    cells[:9, :9] = True
    return MarkedSpan((start, end), (Change(SCORES, 0, 1, cells, 2.0),))


def cut(rate: float, *marks: MarkedSpan) -> list[tuple]:
    b = fingerprint(scenery(round(4 * rate)), rate)
    segments = [segment_of(draft) for draft in cut_part(b, PART, SCORES, list(marks), 0.1)]
    return [(segment.op, *segment.spans) for segment in segments]


def test_a_change_cuts_a_part_in_three():
    assert cut(25, mark(1.0, 2.0)) == [
        ("equal", (0.0, 1.0), (0.0, 1.0)),
        ("changed", (1.0, 2.0), (1.0, 2.0)),
        ("equal", (2.0, 4.0), (2.0, 4.0)),
    ]


def test_a_piece_shorter_than_a_frame_of_b_joins_the_next_one():
    assert cut(2, mark(1.0, 1.2), mark(1.2, 3.0)) == [
        ("equal", (0.0, 1.0), (0.0, 1.0)),
        ("changed", (1.0, 3.0), (1.0, 3.0)),
        ("equal", (3.0, 4.0), (3.0, 4.0)),
    ]


def test_the_end_of_a_part_is_covered_too():
    assert cut(2, mark(1.0, 3.9)) == [("equal", (0.0, 1.0), (0.0, 1.0)), ("changed", (1.0, 4.0), (1.0, 4.0))]


def test_adjacent_equal_segments_are_one():
    segments = [MatchedSegment("equal", (0, 1), (1, 2), 0.01), MatchedSegment("equal", (1, 2), (2, 3), 0.02)]
    assert merge_equal(segments) == [MatchedSegment("equal", (0, 2), (1, 3), 0.02)]


def test_equal_segments_with_a_gap_between_them_stay_two():
    segments = [MatchedSegment("equal", (0, 1), (0, 1), 0.0), MatchedSegment("equal", (2, 3), (1, 2), 0.0)]
    assert len(merge_equal(segments)) == 2


def test_a_short_part_that_is_mostly_changed_between_gaps_is_doubtful():
    short = MatchedPart((4.0, 5.0), (2.0, 3.0), TimeMap(-2.0))
    gaps = [OneSidedPart("a", (2.0, 4.0)), short, OneSidedPart("b", (3.0, 5.0))]
    assert is_doubtful(short, gaps, [mark(4.0, 4.8)])
    assert not is_doubtful(short, gaps, [mark(4.0, 4.2)])
    assert not is_doubtful(short, gaps[:2], [mark(4.0, 4.8)])


def test_a_short_part_that_only_a_measure_of_the_whole_picture_tells_from_its_match_is_not_doubtful():
    short = MatchedPart((4.0, 5.0), (2.0, 3.0), TimeMap(-2.0))
    gaps = [OneSidedPart("a", (2.0, 4.0)), short, OneSidedPart("b", (3.0, 5.0))]
    step = LevelStep("brightness", 2.5)
    darker = [replace(change, strength=1.6, step=step) for change in mark(4.0, 5.0).changes]
    assert not is_doubtful(short, gaps, [MarkedSpan((4.0, 5.0), tuple(darker))])
