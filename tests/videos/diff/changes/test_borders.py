"""Weak changes, which count if they begin and end from one frame to the next."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from videos.diff.changes.borders import has_clear_borders, has_sharp_borders, is_usual_beside

RATE, FRAMES = 25, 200
START, END = 50, 110  # frames
SPAN = START / RATE, END / RATE


def meter(scores: np.ndarray, cuts: tuple[float, ...] = (), resamples: bool = False, is_graded: bool = False) -> Any:
    class Length(SimpleNamespace):
        def __len__(self) -> int:
            return FRAMES

    view = SimpleNamespace(resamples_cells=resamples, changes_colour=is_graded)
    fingerprint = Length(borders=np.arange(FRAMES + 1) / RATE, step=1 / RATE)
    return SimpleNamespace(
        a=SimpleNamespace(fingerprint=fingerprint, view=view),
        b=SimpleNamespace(view=view),
        begins_shot=lambda change, moment, near=0.25: any(abs(cut - moment) <= near for cut in cuts),
        is_cut=lambda moment: moment in cuts,
        score_frames=lambda change, first, last: scores[first:last],
        find_shot=lambda first, last, at_end: find_shot(cuts, first, last, at_end),
    )


def find_shot(cuts: tuple[float, ...], first: int, last: int, at_end: bool) -> tuple[int, int]:
    between = [frame for cut in cuts if first < (frame := round(cut * RATE)) < last]
    if not between:
        return first, last
    return (between[-1], last) if at_end else (first, between[0])


def change(
    part: tuple[float, float] = (0.0, FRAMES / RATE), cells: int = 9, measure: str = "detail", is_faint: bool = False
) -> Any:
    mask = np.zeros((36, 64), bool)
    mask[:cells, :cells] = True
    return SimpleNamespace(
        cells=mask,
        area=float(mask.mean()),
        score_map=SimpleNamespace(part=SimpleNamespace(a=part)),
        step=SimpleNamespace(measure=measure),
        is_faint=is_faint,
    )


def weak_edit() -> np.ndarray:
    scores = np.full(FRAMES, 0.15) + np.random.default_rng(1).normal(0, 0.02, FRAMES)
    scores[START:END] += 0.4
    return scores


def is_clear(scores: np.ndarray, of: Any = None, **how: Any) -> bool:
    return has_clear_borders(cast("Any", meter(scores, **how)), SPAN, of or change())


def test_a_sharp_start_and_end_are_clear():
    assert is_clear(weak_edit())


def test_a_gradual_start_is_not_clear():
    scores = weak_edit()
    scores[START - 12 : START + 12] = np.linspace(0.15, 0.55, 24)
    assert not is_clear(scores)


def test_a_border_at_a_cut_is_not_clear():
    assert not is_clear(weak_edit(), cuts=(SPAN[0],))


@pytest.mark.parametrize("apart", [-0.2, 0.2])
def test_a_border_beside_a_cut_is_clear_if_both_steps_are_steep(apart):
    cuts = (SPAN[0] + apart,)
    steep = weak_edit()
    steep[:START] = steep[END:] = 0.02
    assert is_clear(steep, cuts=cuts)
    assert not is_clear(weak_edit(), cuts=cuts)
    for place in (START, END):
        slow = steep.copy()
        slow[place - 1 : place + 1] = 0.3
        assert not is_clear(slow, cuts=cuts)


def test_a_change_that_varies_is_not_clear():
    scores = weak_edit()
    scores[START + 20 : START + 40] = 0.1
    assert not is_clear(scores)


def test_where_a_part_begins_the_other_border_decides():
    assert is_clear(weak_edit(), change(part=(SPAN[0], FRAMES / RATE)), cuts=(SPAN[0],))
    assert not is_clear(weak_edit(), change(part=SPAN))


@pytest.mark.parametrize("cells", [36, 60])
def test_a_weak_change_of_most_of_the_picture_is_no_edit(cells):
    assert not is_clear(weak_edit(), change(cells=cells))


def whole_step() -> np.ndarray:
    """Return by how much a measure of the whole picture differs at each frame, which varies a little."""
    shares = np.random.default_rng(2).normal(0, 0.15, FRAMES)
    shares[START:END] += 1
    return shares


def is_sharp(shares: np.ndarray, of: Any = None, **how: Any) -> bool:
    return has_sharp_borders(cast("Any", meter(shares, **how)), SPAN, of or change())


def test_a_measure_that_steps_at_both_borders_is_sharp():
    assert is_sharp(whole_step())


@pytest.mark.parametrize("border", [START, END])
def test_a_measure_that_rises_or_falls_gradually_is_not_sharp(border):
    shares = whole_step()
    shares[border - 12 : border + 12] = np.linspace(shares[border - 12], shares[border + 12], 24)
    assert not is_sharp(shares)


def test_a_measure_that_varies_as_much_as_it_steps_is_not_sharp():
    shares = whole_step()
    shares[START - 9 : START - 1 : 2] = 1
    assert not is_sharp(shares)


def test_what_the_shot_before_has_tells_nothing_of_the_whole_picture():
    shares = whole_step()
    shares[:START] = 1
    assert not is_sharp(shares)
    assert is_sharp(shares, cuts=(SPAN[0],))


def test_a_tone_may_be_wrong_from_a_cut_to_the_next_key_frame():
    assert is_sharp(whole_step(), change(measure="blue"))
    assert not is_sharp(whole_step(), change(measure="blue"), cuts=(SPAN[0],))


@pytest.mark.parametrize("apart", [-0.2, 0.2])
def test_beside_a_cut_a_tone_must_step_steeply(apart):
    cuts, tone = (SPAN[0] + apart,), change(measure="blue")
    steep = np.random.default_rng(2).normal(0, 0.03, FRAMES)
    steep[START:END] += 1
    assert is_sharp(steep, tone, cuts=cuts)
    for place in (START, END):
        slow = steep.copy()
        slow[place - 1 : place + 1] = 0.5
        assert is_sharp(slow, tone)
        assert not is_sharp(slow, tone, cuts=cuts)


def test_the_detail_of_a_picture_in_another_size_depends_on_the_shot():
    assert is_sharp(whole_step(), resamples=True)
    assert not is_sharp(whole_step(), resamples=True, cuts=(SPAN[0],))


def test_a_faint_change_of_a_picture_in_another_size_is_no_edit():
    assert is_sharp(whole_step(), change(is_faint=True))
    assert not is_sharp(whole_step(), change(is_faint=True), resamples=True)


def test_a_measure_of_the_whole_picture_at_the_edge_of_a_part_has_nothing_beside_it():
    assert is_sharp(whole_step(), change(part=SPAN))


def is_usual(scores: np.ndarray, **how: Any) -> bool:
    return is_usual_beside(cast("Any", meter(scores, **how)), SPAN, change())


def test_the_detail_beside_an_edit_is_as_usual():
    assert is_usual(whole_step())


@pytest.mark.parametrize("beside", [slice(None, START), slice(END, None)])
def test_a_step_from_another_level_of_detail_than_the_usual_one_is_no_edit(beside):
    shares = whole_step()
    shares[beside] += 0.5
    assert not is_usual(shares)


def test_under_a_grade_no_level_of_detail_is_usual():
    shares = whole_step()
    shares[END:] += 0.5
    assert not is_usual(shares)
    assert is_usual(shares, is_graded=True)


def test_what_other_shots_have_is_not_compared():
    shares = whole_step()
    shares[: START - 10] += 1
    assert not is_usual(shares)
    assert is_usual(shares, cuts=((START - 10) / RATE,))
