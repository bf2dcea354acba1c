import numpy as np

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.outline import MatchedPart
from videos.diff.changes.score_maps import compute_score_maps
from videos.diff.noise.learning import learn_noise_model
from videos.diff.noise.scores import derive_thresholds


def test_a_bin_in_which_a_cuts_is_marked():
    frames = np.concatenate([scenery(60), scenery(60, seed=9)])
    a, b = sampled(frames), sampled(frames)
    every = np.arange(len(frames))
    noise = learn_noise_model(a, b, every, every)
    limits = derive_thresholds(noise.compute_residual(a, b, every, every))

    [score_map] = compute_score_maps(a, b, noise, limits, [MatchedPart((0.0, 4.8), (0.0, 4.8))], search=False)

    assert np.flatnonzero(score_map.has_cut).tolist() == [12]  # frame 60, of which 5 make a bin


def test_frames_whose_most_similar_partner_is_another_one_are_scored():
    original = scenery(300)
    changed = original.copy()
    changed[100:150] = original[101:151] // 2  # darker, and one frame ahead
    a, b = sampled(original), sampled(changed)
    same = np.arange(0, 90)
    noise = learn_noise_model(a, b, same, same)
    limits = derive_thresholds(noise.compute_residual(a, b, same, same))

    [score_map] = compute_score_maps(a, b, noise, limits, [MatchedPart((0.0, 12.0), (0.0, 12.0))], search=True)

    within = (score_map.times > 4.2) & (score_map.times < 5.8)
    strongest = score_map.score.max(axis=(1, 2))
    assert (strongest[within] > 1).all()
    assert (strongest[score_map.times < 3.8] < 1).all()
