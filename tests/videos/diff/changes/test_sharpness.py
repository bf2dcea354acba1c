import numpy as np
import pytest

from videos.diff.changes.sharpness import (
    compute_sharpness,
    find_detail_spans,
    find_usual_detail,
    is_spread,
    measure_detail,
)
from videos.diff.noise.model import Residual

RNG = np.random.default_rng(4)


def usual(bins=100, deviation=0.03):
    return RNG.normal(0.05, deviation, bins).astype(np.float32)


def find(*parts):
    learned = find_usual_detail(parts)
    return [[span for span, _ in find_detail_spans(part, learned)] for part in parts]


def residual(detail):
    return Residual(np.zeros((1, 36, 64), np.float32), np.zeros((1, 2, 9, 16), np.float32), detail)


def measure(one):
    return compute_sharpness(measure_detail(one))


def test_less_detail_over_the_whole_picture_is_negative():
    assert measure(residual(np.full((1, 18, 32), -2, np.float32))) == pytest.approx(-2)


def test_less_detail_in_a_corner_is_not_that_of_the_whole_picture():
    detail = np.full((1, 18, 32), 0.1, np.float32)
    detail[:, :6, :8] = -4
    assert measure(residual(detail)) == pytest.approx(0.1, abs=0.01)


def test_detail_that_differs_only_in_a_known_change_is_not_spread():
    detail = np.zeros((5, 6, 8), np.float32)
    detail[:, :3] = -2
    known = np.zeros((36, 64), bool)
    known[:18] = True
    assert not is_spread(detail.reshape(5, 48), known, -1.0)
    assert is_spread(detail.reshape(5, 48), np.zeros((36, 64), bool), -1.0)


def test_a_picture_without_detail_is_as_sharp_as_another():
    assert measure(residual(np.zeros((1, 18, 32), np.float32))) == 0


@pytest.mark.parametrize("by", [-1.0, 0.8])
def test_a_span_with_other_detail_is_found(by):
    sharpness = usual()
    sharpness[40:55] += by
    assert find(sharpness) == [[(40, 55)]]


def test_what_is_usual_is_learned_from_all_parts():
    soft = usual(12)
    soft[3:9] -= 1
    assert find(usual(), soft) == [[], [(3, 9)]]


def test_a_span_at_the_end_of_a_part_is_found():
    sharpness = usual()
    sharpness[88:] -= 1
    assert find(sharpness) == [[(88, 100)]]


def test_detail_that_differs_from_shot_to_shot_is_usual():
    shots = np.repeat(RNG.normal(0, 0.5, 20), 10).astype(np.float32)
    assert find(shots + usual(200)) == [[]]


def test_detail_that_fades_away_and_returns_is_no_span():
    sharpness = usual()
    sharpness[20:80] -= 0.6 * np.sin(np.linspace(0, np.pi, 60), dtype=np.float32)
    assert find(sharpness) == [[]]


@pytest.mark.parametrize("bins", [0, 1, 5])
def test_short_parts_have_no_span(bins):
    assert find(usual(bins)) == [[]]


def test_no_part_has_no_span():
    assert find_usual_detail([]).median == 0
