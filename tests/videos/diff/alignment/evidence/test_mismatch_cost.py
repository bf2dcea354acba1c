from dataclasses import replace

import numpy as np
import pytest

from tests.videos.diff.alignment.test_missed_runs import learn
from tests.videos.diff.edits import RATE, film, original, render_clip
from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.evidence.mismatch_cost import calibrate_mismatch_cost
from videos.diff.alignment.evidence.pair_memory import PairMemory
from videos.diff.alignment.time_map import TimeMap
from videos.diff.noise.learning import learn_noise_model

FILM = scenery(200)
PART = np.zeros((36, 64), bool)
PART[30:34, 50:60] = True


def match(created):
    """Return the cost of a film against a film made from it, learned from the first half of both."""
    noise = np.random.default_rng(5).normal(0, 1, created.shape)
    a, b = sampled(FILM), sampled((created + noise).clip(0, 255).astype(np.uint8))
    frames = np.arange(100)
    return calibrate_mismatch_cost(a, b, learn_noise_model(a, b, frames, frames), False, frames, frames)


def with_other_part(frames):
    created = FILM.copy()
    created[frames, 30:34, 50:60] = 255 - created[frames, 30:34, 50:60]
    return created


def test_a_part_that_differs_costs_as_much_as_it_is_said_to():
    cost = match(with_other_part(slice(120, 150)))
    focused = replace(cost, cells=PART[None], cells_cost=0.3)

    evidence = focused.compute_evidence(100, 200, TimeMap())

    assert evidence[20:50].min() >= 0.3 - 1e-6
    assert np.delete(evidence, range(20, 50)).max() < 0.3


def test_a_part_that_differs_under_a_grade_costs_as_much():
    created = with_other_part(slice(120, 150)).astype(np.float64)
    created[100:] = 255 * (created[100:] / 255) ** 0.8
    focused = replace(match(created), cells=PART[None], cells_cost=0.3)

    costs = focused.compare_graded(np.arange(100, 200), TimeMap())

    assert costs[20:50].min() >= 0.3 - 1e-6
    assert np.delete(costs, range(20, 50)).max() < 0.3


def test_a_part_that_differs_counts_little_in_the_whole_picture():
    cost = match(with_other_part(slice(120, 150)))
    assert cost.compute_costs(120, 150, TimeMap()).max() < 0.1


def test_the_deviations_of_a_part_are_its_own():
    cost = match(with_other_part(slice(120, 150)))
    deviations = cost.measure_part(100, 200, TimeMap(), PART, every=5)
    assert len(deviations) == 20
    assert deviations[4:10].min() > 3 * np.delete(deviations, range(4, 10)).max()


@pytest.mark.parametrize("offset", [0.0, 0.2])
def test_frames_of_a_transition_cost_nothing_on_its_time_map_alone(offset):
    created = FILM.copy()
    created[120:150] = scenery(200, seed=9)[120:150]
    cost = match(created)
    explained = replace(cost, explained=(((4.8, 6.0), TimeMap(offset)),))

    assert cost.compute_costs(120, 150, TimeMap()).min() > 0.5
    assert (explained.compute_costs(120, 150, TimeMap()).max() <= 0) == (offset == 0)


def test_no_map_excuses_coarse_encoding_more_than_the_best_one():
    coarse = learn(original(), render_clip(film(), options={"crf": "34"})).mismatch_cost
    frames, maps = np.arange(50, 130), [TimeMap(), TimeMap(1 / RATE)]
    usual = [coarse.compare_frames(frames, each) for each in maps]

    limited = coarse.limit_roughness(frames, maps, np.stack(usual, axis=1))

    ours, beside = (limited.compare_frames(frames, each) for each in maps)
    assert ours == pytest.approx(usual[0])
    assert beside.mean() > 1.1 * usual[1].mean()
    assert (beside >= usual[1] - 1e-6).all()


def test_several_maps_together_cost_what_each_of_them_does():
    explained = ((4.8, 6.0), TimeMap(0.2))
    cost = replace(match(with_other_part(slice(120, 150))), cells=PART[None], explained=(explained,))
    in_a = np.arange(110, 160, 4)
    maps = [TimeMap(shift / RATE) for shift in range(-30, 31)]

    together = cost.compare_on_maps(in_a, maps)

    assert together.shape == (len(maps), len(in_a))
    for costs, time_map in zip(together, maps, strict=True):
        alone = replace(cost, memory=PairMemory())
        assert costs == pytest.approx(alone.compare_frames(in_a, time_map), abs=1e-5)
