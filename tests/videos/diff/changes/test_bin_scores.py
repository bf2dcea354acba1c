import numpy as np

from tests.videos.diff.fingerprints import sampled, scenery
from videos.diff.alignment.outline import MatchedPart
from videos.diff.changes.bin_scores import BinScorer, BinScores
from videos.diff.noise.learning import learn_noise_model
from videos.diff.noise.scores import derive_thresholds

PART, BORDERS = MatchedPart((0.0, 4.0), (0.0, 4.0)), np.linspace(0, 4, 21)


def score(odd: slice = slice(0)) -> BinScores:
    """Score a film against a copy that is brighter from second 2 to 3, without the frames of A that are odd."""
    film = scenery(100)
    changed = film.copy()
    changed[50:75, :8, :8] += 30
    a, b, same = sampled(film), sampled(changed), np.arange(50)
    noise = learn_noise_model(a, b, same, same)
    limits = derive_thresholds(noise.compute_residual(a, b, same, same))
    none = np.zeros(0, np.intp)
    return BinScorer(a, b, noise, limits, False, np.arange(100)[odd], none).score_bins(PART, BORDERS)


def test_only_the_bins_of_a_change_have_scores_over_the_threshold():
    assert np.flatnonzero((score().score > 1).any(axis=(1, 2))).tolist() == [10, 11, 12, 13, 14]


def test_a_bin_of_odd_frames_alone_has_no_scores():
    assert not score(odd=slice(50, 75)).score[10:15].any()


def test_pieces_are_joined_in_succession():
    whole = score()
    pieces = [
        BinScores(whole.score[part], whole.detail[part], whole.overall[part]) for part in (slice(8), slice(8, 20))
    ]

    joined = BinScores.join(pieces)

    assert all(np.array_equal(getattr(joined, name), getattr(whole, name)) for name in ("score", "detail", "overall"))
