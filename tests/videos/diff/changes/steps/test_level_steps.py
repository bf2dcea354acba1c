from itertools import pairwise

import numpy as np
import pytest

from videos.diff.changes.steps.level_steps import (
    differs_throughout,
    find_level_spans,
    find_usual_level,
    measure_borders,
)

SHOT_LEVELS = (0.5, -0.3, 0.2, -0.6, 0.4, 0.0, -0.5, 0.6, -0.2, 0.3)


def usual(bins=100, deviation=0.03, seed=4):
    return np.random.default_rng(seed).normal(0.05, deviation, bins).astype(np.float32)


def find(*parts):
    learned = find_usual_level(parts, 0.15)
    return [[span for span, _ in find_level_spans(part, learned)] for part in parts]


@pytest.mark.parametrize("by", [-1.0, 0.8])
def test_a_span_with_another_level_is_found(by):
    levels = usual()
    levels[40:55] += by
    assert find(levels) == [[(40, 55)]]


def test_bins_beside_a_span_that_differ_a_little_are_not_its_end():
    levels = usual()
    levels[40:55] -= 2.5
    levels[55:58] -= 0.2
    assert find(levels) == [[(40, 55)]]


def test_what_is_usual_is_learned_from_all_parts():
    soft = usual(12)
    soft[3:9] -= 1
    assert find(usual(seed=5), soft) == [[], [(3, 9)]]


def test_a_span_at_the_end_of_a_part_is_found():
    levels = usual()
    levels[88:] -= 1
    assert find(levels) == [[(88, 100)]]


def test_a_level_that_differs_from_shot_to_shot_is_usual():
    levels = np.repeat(2 * SHOT_LEVELS, 10).astype(np.float32)
    assert find(levels + usual(200)) == [[]]


def shots(bins, *levels):
    """Return the bins of shots of this length, each with its level, and those that have a cut."""
    has_cut = np.zeros(bins * len(levels), bool)
    has_cut[bins::bins] = True
    return np.repeat(levels, bins).astype(np.float32) + usual(bins * len(levels), 0.02), has_cut


def find_in_shots(levels, has_cut):
    learned = find_usual_level([levels], 0.15, [has_cut], 0.1)
    return [span for span, _ in find_level_spans(levels, learned, has_cut)]


def test_a_step_within_a_shot_may_be_smaller_than_those_at_cuts():
    levels, has_cut = shots(20, 0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1)
    levels[50:95] -= 0.3
    assert find(levels) == [[]]
    [(first, last)] = find_in_shots(levels, has_cut)
    assert abs(first - 50) <= 1
    assert abs(last - 95) <= 1


def test_shots_that_differ_from_each_other_are_no_spans():
    levels, has_cut = shots(10, *SHOT_LEVELS)
    assert find_in_shots(levels, has_cut) == []


def test_what_is_learned_from_a_constant_level_finds_a_small_step():
    levels, has_cut = np.zeros(60, np.float32), np.zeros(60, bool)
    levels[20:32] = 0.12
    assert find_in_shots(levels, has_cut) == [(20, 32)]


def test_spans_do_not_overlap():
    levels, has_cut = shots(30, 0.0, 0.0, 0.0)
    levels[20:70] += 0.3
    levels[40:50] += 0.6
    spans = find_in_shots(levels, has_cut)
    assert spans
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_a_level_that_fades_away_and_returns_is_no_span():
    levels = usual()
    levels[20:80] -= 0.6 * np.sin(np.linspace(0, np.pi, 60), dtype=np.float32)
    assert find(levels) == [[]]


@pytest.mark.parametrize("bins", [0, 1, 5])
def test_short_parts_have_no_span(bins):
    assert find(usual(bins)) == [[]]


def test_no_part_has_no_span():
    assert find_usual_level([], 0.15).median == 0


def test_the_steps_at_all_borders_are_those_between_the_means_beside_them():
    levels = np.random.default_rng(2).normal(size=(9, 4))
    steps = measure_borders(levels)
    assert steps.shape == (10, 4)
    assert steps[0] == pytest.approx(levels[:3].mean(axis=0))
    assert steps[2] == pytest.approx(levels[2:5].mean(axis=0) - levels[:2].mean(axis=0))
    assert steps[9] == pytest.approx(-levels[6:].mean(axis=0))


def test_a_span_differs_throughout_if_its_median_does_clearly_and_every_bin_does():
    learned = find_usual_level([usual()], 0.15)
    assert differs_throughout(usual(10) + 0.3, learned, 1.5)
    assert differs_throughout(usual(10) - 0.3, learned, 1.5)
    assert not differs_throughout(usual(10) + 0.15, learned, 1.5)
    assert not differs_throughout(np.append(usual(10) + 0.3, np.float32(0.05)), learned, 1.5)
    assert not differs_throughout(usual(2) + 0.3, learned, 1.5)
