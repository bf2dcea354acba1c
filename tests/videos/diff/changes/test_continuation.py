"""Changes that go on beyond a cut, in a shot that shows less of them."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from videos.diff.changes.continuation import continue_over_cuts

RATE, FRAMES, CUT, END = 25, 200, 100, 130  # the shot from frame 100 on shows the change up to frame 130
OUTSIDE, CLEAR, FAINT = 0.12, 1.6, 0.4  # scores


def meter(scores: np.ndarray, cuts: tuple[int, ...] = (CUT,)) -> Any:
    class Length(SimpleNamespace):
        def __len__(self) -> int:
            return FRAMES

    def find_shot(first: int, last: int, at_end: bool) -> tuple[int, int]:
        within = [cut for cut in cuts if first < cut < last]
        if not within:
            return first, last
        return (within[-1], last) if at_end else (first, within[0])

    return SimpleNamespace(
        a=SimpleNamespace(fingerprint=Length(borders=np.arange(FRAMES + 1) / RATE, step=1 / RATE)),
        find_cut=lambda moment: next((cut for cut in cuts if abs(cut / RATE - moment) < 0.1), None),
        find_shot=find_shot,
        score_frames=lambda change, first, last: scores[first:last],
    )


def edit() -> np.ndarray:
    scores = np.full(FRAMES, OUTSIDE) + np.random.default_rng(1).normal(0, 0.02, FRAMES)
    scores[60:CUT] = CLEAR
    scores[CUT:END] = FAINT
    return scores


def change(cells: slice = slice(0, 9)) -> Any:
    mask = np.zeros((36, 64), bool)
    mask[cells] = True
    return SimpleNamespace(cells=mask, score_map=SimpleNamespace(part=SimpleNamespace(a=(0.0, FRAMES / RATE))))


def follow(
    scores: np.ndarray, span: tuple[float, float] = (60 / RATE, CUT / RATE), beside: Any = (), **how: Any
) -> tuple[float, float]:
    """Return the span of a change that has others beside it."""
    [(found, _), *_] = continue_over_cuts(meter(scores, **how), [(span, cast("Any", change())), *beside])
    return found


def test_a_change_goes_on_to_the_frame_at_which_the_next_shot_tells_its_end():
    assert follow(edit()) == pytest.approx((60 / RATE, END / RATE))


def test_a_change_begins_in_the_shot_before():
    backwards = edit()[::-1]
    span = 1 - np.array([CUT, 60]) / FRAMES
    assert follow(backwards, tuple(span * FRAMES / RATE)) == pytest.approx((70 / RATE, 140 / RATE))


def test_a_change_that_ends_at_a_cut_stays_as_it_is():
    scores = edit()
    scores[CUT:END] = OUTSIDE
    assert follow(scores) == pytest.approx((60 / RATE, CUT / RATE))


def test_a_change_that_ends_within_a_shot_stays_as_it_is():
    assert follow(edit(), cuts=()) == pytest.approx((60 / RATE, CUT / RATE))


def test_a_shot_that_differs_as_a_whole_tells_no_end():
    scores = edit()
    scores[CUT:] = FAINT
    assert follow(scores) == pytest.approx((60 / RATE, CUT / RATE))


def test_an_encoding_that_gets_better_after_a_cut_is_no_part_of_a_change():
    scores = edit()
    scores[CUT:END] = np.linspace(FAINT, OUTSIDE, END - CUT)
    assert follow(scores) == pytest.approx((60 / RATE, CUT / RATE))


def test_only_the_next_shot_is_looked_at():
    scores = edit()
    scores[CUT:] = FAINT
    scores[140:] = OUTSIDE
    assert follow(scores, cuts=(CUT, 140)) == pytest.approx((60 / RATE, CUT / RATE))


@pytest.mark.parametrize(("cells", "end"), [(slice(0, 9), CUT), (slice(20, 30), END)])
def test_another_change_of_the_same_cells_ends_it_at_the_cut(cells, end):
    other = ((CUT / RATE, (CUT + 20) / RATE), change(cells))
    assert follow(edit(), beside=[other]) == pytest.approx((60 / RATE, end / RATE))
