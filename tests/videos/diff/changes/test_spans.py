"""Spans of the script, and the changes in them."""

from dataclasses import replace

import numpy as np
import pytest

from videos.diff.changes import spans
from videos.diff.changes.change import CLEAR_STRENGTH, MIN_SHOT_STRENGTH, MIN_STRENGTH, Change
from videos.diff.changes.score_maps import EMPTY_SCORE_MAP
from videos.diff.changes.spans import MarkedSpan, find_nearest_border, mark_spans, pack_spans, unpack_spans
from videos.diff.changes.steps.whole_measures import LevelStep
from videos.diff.script.edit_script import Span

CORNER, WHOLE = np.zeros((36, 64), bool), np.ones((36, 64), bool)
CORNER[:6, :8] = True


def change(cells: np.ndarray = CORNER, strength: float = 2.0, **more) -> Change:
    return Change(EMPTY_SCORE_MAP, 0, 1, cells, strength, **more)


class KnownSpans:
    """A meter that knows when each change begins and ends."""

    def __init__(self, *timed: tuple[Span, Change]) -> None:
        self._spans = {id(change): span for span, change in timed}

    def find_span(self, change: Change) -> Span:
        return self._spans[id(change)]

    def measure_levels(self, change: Change) -> Change:
        return change

    def is_by_shots(self, span: Span, change: Change) -> bool:
        return False

    def find_cut(self, moment: float) -> int | None:
        return None

    def name_frozen(self, span: Span, change: Change) -> Change:
        return change

    def split_change(self, span: Span, change: Change) -> list[tuple[Span, Change]]:
        return [(span, change)]


def mark(*timed: tuple[Span, Change]) -> list[tuple[Span, list[float]]]:
    """Return each span with the strengths of its changes."""
    found = mark_spans(KnownSpans(*timed), [change for _, change in timed])
    return [(each.span, sorted(change.strength for change in each.changes)) for each in found]


@pytest.mark.parametrize(("end", "is_kept"), [(4.1, True), (3.4, False)])
def test_a_faint_change_of_the_whole_picture_needs_the_same_borders_at_frames_and_bins(end, is_kept, monkeypatch):
    monkeypatch.setattr(spans, "has_sharp_borders", lambda meter, span, change: True)
    monkeypatch.setattr(spans, "is_usual_beside", lambda meter, span, change: True)
    scores = replace(EMPTY_SCORE_MAP, times=np.arange(30) / 5 + 0.1)
    faint = Change(scores, 10, 20, WHOLE, MIN_STRENGTH, step=LevelStep("detail", 0.2))  # from second 2 to 4

    assert mark(((2.1, end), faint)) == ([((2.1, end), [MIN_STRENGTH])] if is_kept else [])


def test_a_faint_change_of_half_a_second_is_one_of_the_encoding(monkeypatch):
    monkeypatch.setattr(spans, "has_sharp_borders", lambda meter, span, change: True)
    scores = replace(EMPTY_SCORE_MAP, times=np.arange(30) / 5 + 0.1)
    faint = Change(scores, 10, 13, WHOLE, MIN_STRENGTH, step=LevelStep("detail", 0.2))
    assert mark(((2.0, 2.6), faint)) == []


@pytest.mark.parametrize(("strength", "is_kept"), [(CLEAR_STRENGTH, True), (CLEAR_STRENGTH - 0.1, False)])
def test_a_mild_change_of_the_whole_picture_needs_sharp_borders(strength, is_kept, monkeypatch):
    monkeypatch.setattr(spans, "has_sharp_borders", lambda meter, span, change: False)
    monkeypatch.setattr(spans, "is_usual_beside", lambda meter, span, change: True)
    scores = replace(EMPTY_SCORE_MAP, times=np.arange(30) / 5 + 0.1)
    mild = Change(scores, 10, 20, WHOLE, strength, step=LevelStep("detail", 0.2))

    assert bool(mark(((2.0, 4.0), mild))) is is_kept


@pytest.mark.parametrize(
    ("strength", "step", "is_kept"),
    [
        (MIN_SHOT_STRENGTH - 0.1, LevelStep("detail", 0.2), False),
        (MIN_SHOT_STRENGTH, LevelStep("detail", 0.2), True),
        (CLEAR_STRENGTH, LevelStep("coarseness", 0.9), True),
    ],
)
def test_a_change_of_detail_needs_the_usual_detail_beside_it_unless_it_is_strong(strength, step, is_kept, monkeypatch):
    monkeypatch.setattr(spans, "is_usual_beside", lambda meter, span, change: False)
    scores = replace(EMPTY_SCORE_MAP, times=np.arange(30) / 5 + 0.1)
    assert bool(mark(((2.0, 4.0), Change(scores, 10, 20, WHOLE, strength, step=step)))) is is_kept


def test_where_two_changes_overlap_is_a_span_of_both():
    assert mark(((1.0, 3.0), change()), ((2.0, 4.0), change(CORNER[::-1], 3.0))) == [
        ((1.0, 2.0), [2.0]),
        ((2.0, 3.0), [2.0, 3.0]),
        ((3.0, 4.0), [3.0]),
    ]


def test_borders_that_nearly_coincide_are_that_of_the_stronger_change():
    assert mark(((1.0, 3.0), change()), ((1.1, 4.0), change(CORNER[::-1], 3.0))) == [
        ((1.1, 3.0), [2.0, 3.0]),
        ((3.0, 4.0), [3.0]),
    ]


def test_a_change_of_the_whole_picture_contains_those_within_its_time():
    assert mark(((1.0, 4.0), change(WHOLE, 2.0)), ((2.0, 3.0), change(CORNER, 3.0))) == [((1.0, 4.0), [2.0])]


def test_a_change_that_outlasts_that_of_the_whole_picture_stays():
    assert mark(((1.0, 4.0), change(WHOLE, 2.0)), ((3.0, 6.0), change(CORNER, 3.0))) == [
        ((1.0, 3.0), [2.0]),
        ((3.0, 4.0), [2.0, 3.0]),
        ((4.0, 6.0), [3.0]),
    ]


def test_a_glitch_within_a_change_of_the_whole_picture_is_a_frame_of_it():
    whole = change(WHOLE, 2.0)
    glitch = change(CORNER, 3.0, spans=((2.0, 2.04), (2.0, 2.04)))
    alone = replace(glitch, spans=((5.0, 5.04), (5.0, 5.04)))
    found = mark_spans(KnownSpans(((1.0, 4.0), whole)), [whole, glitch, alone])
    assert [each.span for each in found] == [(1.0, 4.0), (5.0, 5.04)]


def test_the_distance_grows_with_how_visible_a_certain_difference_is():
    faint, clear, foreign = (
        MarkedSpan((0.0, 1.0), (each,)).compute_distance(0.1)
        for each in (change(levels=5.0), change(levels=120.0), change(WHOLE, foreign=True))
    )
    assert 0.1 < faint < clear < foreign == 1.0


def test_a_subthreshold_span_stays_below_the_threshold():
    span = MarkedSpan((0.0, 1.0), (change(strength=3.0, levels=200.0),), is_subthreshold=True)
    assert span.compute_distance(0.1) == pytest.approx(0.099)


def test_spans_survive_packing_with_the_changes_that_they_share():
    shared, other = change(), change(WHOLE, 3.0)
    marked = [MarkedSpan((0.0, 1.0), (shared,)), MarkedSpan((1.0, 2.0), (shared, other), is_subthreshold=True)]
    bare, spans = pack_spans(marked)
    assert len(bare) == 2
    first, second = unpack_spans(EMPTY_SCORE_MAP, (bare, spans))
    assert (first.span, second.span, second.is_subthreshold) == ((0.0, 1.0), (1.0, 2.0), True)
    assert first.changes[0] is second.changes[0]
    assert [each.strength for each in second.changes] == [2.0, 3.0]


def test_the_nearest_border_may_be_on_either_side():
    borders = np.arange(5) / 25
    assert find_nearest_border(borders, 0.05) == pytest.approx(0.04)
    assert find_nearest_border(borders, 0.07) == pytest.approx(0.08)


@pytest.mark.parametrize("is_grade", [True, False])
def test_a_grade_needs_no_sharp_borders(is_grade, monkeypatch):
    monkeypatch.setattr(spans, "has_sharp_borders", lambda meter, span, change: False)
    scores = replace(EMPTY_SCORE_MAP, times=np.arange(10) / 5 + 0.1)
    mild = Change(scores, 0, 10, WHOLE, 1.6, step=LevelStep("blue", 2.5), is_grade=is_grade)

    assert bool(mark(((0.0, 2.0), mild))) is is_grade
