"""Weak changes, which count if they begin and end from one frame to the next."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from videos.diff.changes.borders import has_clear_borders

RATE, FRAMES = 25, 200
START, END = 50, 110  # frames
SPAN = START / RATE, END / RATE


def meter(scores: np.ndarray, cuts: tuple[float, ...] = ()) -> Any:
    class Length(SimpleNamespace):
        def __len__(self) -> int:
            return FRAMES

    fingerprint = Length(borders=np.arange(FRAMES + 1) / RATE, step=1 / RATE)
    return SimpleNamespace(
        a=SimpleNamespace(fingerprint=fingerprint),
        begins_shot=lambda change, moment: moment in cuts,
        score_frames=lambda change, first, last: scores[first:last],
    )


def change(part: tuple[float, float] = (0.0, FRAMES / RATE), cells: int = 9) -> Any:
    mask = np.zeros((36, 64), bool)
    mask[:cells, :cells] = True
    return SimpleNamespace(cells=mask, area=float(mask.mean()), score_map=SimpleNamespace(part=SimpleNamespace(a=part)))


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
