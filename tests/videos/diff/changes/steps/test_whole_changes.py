import numpy as np
import pytest

from videos.diff.alignment.outline import MatchedPart
from videos.diff.changes.change import Change
from videos.diff.changes.detection import find_changes
from videos.diff.changes.score_maps import ScoreMap
from videos.diff.changes.steps.whole_measures import learn_usual


def find_in_detail(
    detail: np.ndarray, cuts: tuple[int, ...] = (), replaced: slice = slice(0), is_graded: bool = False
) -> list[Change]:
    """Return the changes of a part whose detail (bins, 6, 16) differs, with cuts and other footage in these bins."""
    bins = len(detail)
    has_cut = np.isin(np.arange(bins), cuts)
    part, times = MatchedPart((0.0, bins / 5), (0.0, bins / 5)), np.arange(bins) / 5 + 0.1
    equal, overall = np.zeros((bins, 36, 64), np.float16), np.zeros((bins, 4), np.float32)
    equal[replaced] = 4
    scores = ScoreMap(part, times, equal, detail, overall, has_cut)
    return find_changes(scores, learn_usual([scores.detail], [scores.overall], [scores.has_cut], is_graded))


def test_a_faint_change_of_the_detail_within_shots_is_found():
    """A longer shot with less detail differs as much as the edit, but begins and ends with a cut."""
    detail = np.random.default_rng(5).normal(0, 0.02, (120, 6, 16)).astype(np.float32)
    detail[60:90] -= 0.18
    detail[10:22] -= 0.18

    found = find_in_detail(detail, cuts=(30, 60, 90))

    assert [(change.first, change.last, change.step.measure) for change in found if not change.is_weak] == [
        (10, 22, "detail")
    ]


def lose_detail_now_and_then(share: float) -> np.ndarray:
    """Return detail (bins, 6, 16) that is lost in a span with sharp borders, and a share of it gradually elsewhere."""
    detail = np.random.default_rng(5).normal(0, 0.02, (120, 6, 16)).astype(np.float32)
    detail[10:22] -= 0.18
    detail[60:70] -= share * 0.18 * np.bartlett(10)[:, None, None]
    return detail


@pytest.mark.parametrize(("share", "is_edit"), [(0.3, True), (1.0, False)])
def test_an_edit_has_clearly_less_detail_than_an_encoding_leaves_elsewhere(share, is_edit):
    found = find_in_detail(lose_detail_now_and_then(share), cuts=(40, 90))

    assert [(change.first, change.last) for change in found if not change.is_weak] == [(10, 22)] * is_edit


def test_under_a_grade_the_detail_elsewhere_tells_nothing():
    found = find_in_detail(lose_detail_now_and_then(1.0), cuts=(40, 90), is_graded=True)

    assert (10, 22) in [(change.first, change.last) for change in found]


@pytest.mark.parametrize(("cuts", "is_edit"), [((60, 90), True), ((10, 60, 90), False)])
def test_what_begins_with_a_shot_is_compared_with_whole_shots(cuts, is_edit):
    detail = np.random.default_rng(5).normal(0, 0.02, (120, 6, 16)).astype(np.float32)
    detail[10:22] -= 0.22
    detail[60:90] -= 0.13

    found = find_in_detail(detail, cuts=cuts)

    assert ((10, 22) in [(change.first, change.last) for change in found]) == is_edit


def test_a_place_with_most_of_the_detail_is_no_change_of_the_whole_picture():
    detail = np.random.default_rng(5).normal(0, 0.01, (120, 6, 16)).astype(np.float32)
    detail[40:60, 2:5, 4:8] -= 2

    [place] = find_in_detail(detail)

    assert (place.first, place.last) == (40, 60)
    assert place.area == pytest.approx(12 / 96)


def test_other_footage_is_no_border_of_a_softer_shot_beside_it():
    detail = np.random.default_rng(5).normal(0, 0.02, (120, 6, 16)).astype(np.float32)
    detail[30:50] += 1.2
    detail[50:75] += 0.19

    found = find_in_detail(detail, cuts=(50, 75), replaced=slice(30, 50))

    assert not any(change.first < 48 and change.last > 52 for change in found)


def find_in_tones(overall: np.ndarray, cuts: tuple[int, ...] = (), score: float = 0.0) -> list[Change]:
    """Return the changes of a part whose overall measures (bins, 4) differ, in a pair in which nothing else does.

    `score` is that of all cells where any of the measures differs.
    """
    bins = len(overall)
    usual = learn_usual([np.zeros((100, 6, 16), np.float32)], [np.zeros((100, 4), np.float32)], [np.zeros(100, bool)])
    part, times = MatchedPart((0.0, bins / 5), (0.0, bins / 5)), np.arange(bins) / 5 + 0.1
    scores, detail = np.zeros((bins, 36, 64), np.float16), np.zeros((bins, 6, 16), np.float32)
    scores[overall.any(axis=1)] = score
    return find_changes(ScoreMap(part, times, scores, detail, overall, np.isin(np.arange(bins), cuts)), usual)


@pytest.mark.parametrize(("blue", "is_grade"), [(1.3, True), (0.2, False)])
def test_a_whole_part_is_graded_if_several_tones_differ(blue, is_grade):
    """A single tone of a part may be wrong because of the encoding."""
    found = find_in_tones(np.tile(np.float32([-2.5, blue, 0, 0]), (7, 1)))

    assert [(change.first, change.last) for change in found] == [(0, 7)] * is_grade


@pytest.mark.parametrize(("blue", "is_grade"), [(-1.3, True), (0.2, False)])
def test_a_shot_is_graded_from_cut_to_cut_if_several_tones_differ(blue, is_grade):
    overall = np.zeros((60, 4), np.float32)
    overall[20:40] = 2.4, blue, 0, 0

    found = find_in_tones(overall, cuts=(20, 40))

    assert [(change.first, change.last) for change in found if change.is_grade] == [(20, 40)] * is_grade


@pytest.mark.parametrize(("score", "is_grade"), [(1.2, True), (3.0, False)])
def test_a_weak_change_of_the_cells_does_not_hide_a_grade(score, is_grade):
    overall = np.zeros((60, 4), np.float32)
    overall[20:40] = 2.4, -2.4, 0, 0

    found = find_in_tones(overall, cuts=(20, 40), score=score)

    assert [(change.first, change.last) for change in found if change.is_grade] == [(20, 40)] * is_grade
