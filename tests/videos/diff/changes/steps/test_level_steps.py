import numpy as np
import pytest

from videos.diff.changes.steps.level_steps import find_level_spans, find_usual_level

RNG = np.random.default_rng(4)


def usual(bins=100, deviation=0.03):
    return RNG.normal(0.05, deviation, bins).astype(np.float32)


def find(*parts):
    learned = find_usual_level(parts, 0.15)
    return [[span for span, _ in find_level_spans(part, learned)] for part in parts]


@pytest.mark.parametrize("by", [-1.0, 0.8])
def test_a_span_with_another_level_is_found(by):
    levels = usual()
    levels[40:55] += by
    assert find(levels) == [[(40, 55)]]


def test_what_is_usual_is_learned_from_all_parts():
    soft = usual(12)
    soft[3:9] -= 1
    assert find(usual(), soft) == [[], [(3, 9)]]


def test_a_span_at_the_end_of_a_part_is_found():
    levels = usual()
    levels[88:] -= 1
    assert find(levels) == [[(88, 100)]]


def test_a_level_that_differs_from_shot_to_shot_is_usual():
    shots = np.repeat(RNG.normal(0, 0.5, 20), 10).astype(np.float32)
    assert find(shots + usual(200)) == [[]]


def test_a_level_that_fades_away_and_returns_is_no_span():
    levels = usual()
    levels[20:80] -= 0.6 * np.sin(np.linspace(0, np.pi, 60), dtype=np.float32)
    assert find(levels) == [[]]


@pytest.mark.parametrize("bins", [0, 1, 5])
def test_short_parts_have_no_span(bins):
    assert find(usual(bins)) == [[]]


def test_no_part_has_no_span():
    assert find_usual_level([], 0.15).median == 0
