import numpy as np

from tests.videos.diff.prints import fingerprint, scenery
from videos.diff.changes import Change
from videos.diff.drafts import Draft, cut_up, doubtful, merged
from videos.diff.outline import Part
from videos.diff.script import Segment
from videos.diff.spans import Marked
from videos.diff.tracks import Track

PART = Part("kept", (0.0, 4.0), (0.0, 4.0))
SCORES = Track(PART, np.arange(0.1, 4, 0.2), np.zeros((20, 36, 64), np.float16))


def mark(start: float, end: float) -> Marked:
    cells = np.zeros((36, 64), bool)
    cells[:9, :9] = True
    return Marked((start, end), (Change(SCORES, 0, 1, cells, 2.0),))


def cut(rate: float, *marks: Marked) -> list[tuple]:
    b = fingerprint(scenery(round(4 * rate)), rate)
    drafts = cut_up(b, PART, SCORES, list(marks), 0.1)
    return [(draft.segment.op, draft.segment.a, draft.segment.b) for draft in drafts]


def test_a_change_cuts_a_part_in_three():
    assert cut(25, mark(1.0, 2.0)) == [
        ("equal", (0.0, 1.0), (0.0, 1.0)),
        ("changed", (1.0, 2.0), (1.0, 2.0)),
        ("equal", (2.0, 4.0), (2.0, 4.0)),
    ]


def test_what_is_shorter_than_a_frame_of_b_joins_what_follows():
    assert cut(2, mark(1.0, 1.2), mark(1.2, 3.0)) == [
        ("equal", (0.0, 1.0), (0.0, 1.0)),
        ("changed", (1.0, 3.0), (1.0, 3.0)),
        ("equal", (3.0, 4.0), (3.0, 4.0)),
    ]


def test_the_end_of_a_part_is_covered_too():
    assert cut(2, mark(1.0, 3.9)) == [("equal", (0.0, 1.0), (0.0, 1.0)), ("changed", (1.0, 4.0), (1.0, 4.0))]


def test_equal_segments_that_continue_each_other_are_one():
    drafts = [Draft(Segment("equal", (0, 1), (1, 2), 0.01)), Draft(Segment("equal", (1, 2), (2, 3), 0.02))]
    assert [draft.segment for draft in merged(drafts)] == [Segment("equal", (0, 2), (1, 3), 0.02)]


def test_equal_segments_with_a_leap_between_them_stay_two():
    drafts = [Draft(Segment("equal", (0, 1), (0, 1), 0.0)), Draft(Segment("equal", (2, 3), (1, 2), 0.0))]
    assert len(merged(drafts)) == 2


def test_a_short_part_that_is_mostly_changed_between_gaps_is_doubtful():
    short = Part("kept", (4.0, 5.0), (2.0, 3.0), -2.0)
    gaps = [Part("deleted", (2.0, 4.0), None), short, Part("inserted", None, (3.0, 5.0))]
    assert doubtful(short, gaps, [mark(4.0, 4.8)])
    assert not doubtful(short, gaps, [mark(4.0, 4.2)])
    assert not doubtful(short, gaps[:2], [mark(4.0, 4.8)])
