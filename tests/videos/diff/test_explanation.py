"""What decides between two alignments of the same span: the seconds that differ, and the parts that this takes."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.videos.diff.alignment.test_missed_runs import calibrated
from videos.diff import explanation
from videos.diff.alignment.outline import MatchedPart, OneSidedPart
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.alignment.zones.realign import Realigned
from videos.diff.changes.change import Change
from videos.diff.changes.score_maps import EMPTY_SCORE_MAP
from videos.diff.changes.spans import MarkedSpan
from videos.diff.explanation import explain_by_cuts, is_as_good, is_better
from videos.diff.results import Scored, ScoredPart
from videos.diff.stages import MonotonicProgress, outline_runs, score_parts

PROGRESS = MonotonicProgress(lambda share: None)
SPAN = (10.0, 20.0)
DELETED = OneSidedPart("a", (12.0, 14.0))


def part(start: float, end: float) -> MatchedPart:
    return MatchedPart((start, end), (start, end))


def marked(start: float, end: float, is_subthreshold: bool = False) -> MarkedSpan:
    change = Change(EMPTY_SCORE_MAP, 0, 1, np.ones((36, 64), bool), 2.0)
    return MarkedSpan((start, end), (change,), is_subthreshold)


def scored(*found: tuple[MatchedPart, list[MarkedSpan]], others: tuple[Any, ...] = ()) -> Scored:
    parts = (*(part for part, _ in found), *others)
    calibrated = SimpleNamespace(aligned=SimpleNamespace(a=SimpleNamespace(fingerprint=SimpleNamespace(step=0.04))))
    outlined: Any = SimpleNamespace(parts=parts, calibrated=calibrated)
    return Scored(outlined, {part: ScoredPart(EMPTY_SCORE_MAP, spans) for part, spans in found})


WHOLE = scored((part(0, 30), [marked(12, 14)]))
CUT = scored((part(0, 12), []), (part(14, 30), []), others=(DELETED,))


def test_changes_within_the_span_differ():
    assert WHOLE.sum_different(SPAN) == pytest.approx(2)
    assert WHOLE.sum_different((13.0, 20.0)) == pytest.approx(1)
    assert WHOLE.sum_different((20.0, 30.0)) == 0


def test_changes_below_the_threshold_do_not_differ():
    assert scored((part(0, 30), [marked(12, 14, is_subthreshold=True)])).sum_different(SPAN) == 0


def test_footage_that_no_part_matches_differs():
    assert CUT.sum_different(SPAN) == pytest.approx(2)


def test_a_deletion_is_no_better_than_a_change_of_the_same_seconds():
    assert not is_better(CUT, WHOLE, Realigned(SPAN, []))


def test_a_cut_that_leaves_no_change_is_better():
    explained = scored((part(0, 12), []), (part(12, 30), []))
    assert is_better(explained, WHOLE, Realigned(SPAN, []))


def test_each_additional_part_must_save_time():
    brief = scored((part(0, 30), [marked(12, 12.4)]))
    pieces = scored((part(0, 12), []), (part(12, 12.4), []), (part(12.4, 30), []))
    assert not is_better(pieces, brief, Realigned(SPAN, []))


def test_fewer_parts_are_better_if_as_little_differs():
    one, two = scored((part(0, 30), [])), scored((part(0, 15), []), (part(15, 30), []))
    assert is_better(one, two, Realigned(SPAN, []))
    assert not is_better(two, one, Realigned(SPAN, []))


def test_without_a_detour_no_more_may_differ():
    detour = scored((part(0, 12), []), (part(14, 16), []), (part(18, 30), []))
    for end, is_kept in ((14.0, True), (13.99, True), (13.97, False)):
        replaced = scored((part(0, end), []), (part(18, 30), []))
        assert is_as_good(replaced, detour, Realigned(SPAN, [])) == is_kept


@pytest.mark.parametrize(("has_detour", "searches"), [(True, 1), (False, 0)])
def test_what_one_side_seems_to_lack_is_searched_for_again_if_runs_have_changed(monkeypatch, has_detour, searches):
    before, after = ((Run(12.0, 14.0, TimeMap(5.0)),), ())
    detours = [Realigned((10.0, 16.0), [])] if has_detour else []
    asked = []

    def outline(runs: tuple[Run, ...]) -> Any:
        return SimpleNamespace(parts=(), runs=runs, calibrated=SimpleNamespace(mismatch_cost=None, limits=None))

    def keep(scored, found, progress, is_kept=is_better):
        return replace(scored, outlined=outline(after)) if found else scored

    monkeypatch.setattr(explanation, "shift_cuts", lambda match, runs, changed: [])
    monkeypatch.setattr(explanation, "find_detours", lambda match, runs: detours)
    monkeypatch.setattr(explanation, "_keep_better", keep)
    monkeypatch.setattr(explanation, "_search_again", lambda scored, progress: asked.append(scored) or scored)
    explain_by_cuts(Scored(outline(before), {}), PROGRESS)
    assert [scored.outlined.runs for scored in asked] == [after] * searches


def test_the_last_search_takes_footage_from_runs_that_show_it_badly():
    pair = calibrated(1, 2, 3, 0)  # of 1.6 s each; the last shot of the film is gone
    too_long = outline_runs(pair, [Run(1.6, 8.0, TimeMap(-1.6))], ())

    runs = explanation._search_again(score_parts(too_long, PROGRESS), PROGRESS).outlined.runs

    spans = [(run.start, run.end, run.time_map.offset) for run in runs]
    assert spans == [pytest.approx((0.0, 1.6, 4.8), abs=0.15), pytest.approx((1.6, 6.4, -1.6), abs=0.15)]
