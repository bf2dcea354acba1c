"""Compute score maps: how much each cell of a matched part differs over time, averaged over bins of 0.2 s."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.outline import MatchedPart
from videos.diff.alignment.transitions.detection import Transition, find_transitions, measure_steps
from videos.diff.alignment.viterbi import Run
from videos.diff.changes.bin_scores import BinScorer, BinScores, Scores
from videos.diff.changes.glitches import FoundGlitch, find_glitches
from videos.diff.changes.repeated_frames import find_repeated_frames
from videos.diff.changes.steps.sharpness import GRID
from videos.diff.changes.steps.whole_measures import OVERALL, MeasureName, list_levels
from videos.diff.noise.model import NoiseModel
from videos.diff.noise.scores import Thresholds, score_over_thresholds
from videos.diff.parallel import Tick, map_parallel
from videos.diff.sampling.descriptor import Floats, SampledVideo
from videos.diff.script.edit_script import Span
from videos.fingerprint.format import LUMA_SHAPE

BIN_SECONDS = 0.2
BINS_PER_PIECE = 120  # bins that one task scores
BIN_PROGRESS = 0.8  # share of the progress for bins; the rest is for single frames
FROZEN_LEVELS = 8.0  # levels by which a cell differs in a repeated frame; the noise model would tolerate it as motion
FROZEN_SCORE = 3.0  # the score of such a cell, well over the threshold
BESIDE_TRANSITION_FRAMES = 2  # frames before and after a transition in which hardly a cell differs
CUT_LEVELS, CUT_RATIO = 2.5, 3.0  # levels between two frames at a cut, and how often the median of those around it
AROUND_CUT_FRAMES = 12
GLITCH_SCORE = 2.0  # the score of a glitch, at least, because it is certain


@dataclass(frozen=True, slots=True, eq=False)
class ScoredGlitch:
    """A glitch in seconds of both sides, its cells (36, 64) of bool, its highest score, and its levels on average."""

    spans: tuple[Span, Span]
    cells: NDArray[np.bool_]
    strength: float
    levels: float


@dataclass(frozen=True, slots=True, eq=False)
class ScoreMap:
    """Scores of one part over time, in units of the threshold: for each cell, that of its strongest channel.

    `times` are the middles of the bins in seconds of A; `score` is (bins, 36, 64), without the frames of glitches and
    transitions. `detail` (bins, 6, 16) is by how many typical deviations B has more detail in each block, and `overall`
    (bins, 4) are its other measures of the whole picture. `has_cut` (bins,) are the bins in which A has a cut.
    """

    part: MatchedPart
    times: NDArray[np.float64]
    score: Scores
    detail: Floats
    overall: Floats
    has_cut: NDArray[np.bool_]
    glitches: tuple[ScoredGlitch, ...] = ()
    transitions: tuple[Transition, ...] = ()

    @property
    def levels(self) -> dict[MeasureName, Floats]:
        """Each measure of the whole picture (bins,)."""
        return list_levels(self.detail, self.overall)


EMPTY_SCORE_MAP = ScoreMap(
    MatchedPart((0.0, 0.0), (0.0, 0.0)),
    np.zeros(0),
    np.zeros((0, *LUMA_SHAPE), np.float16),
    np.zeros((0, *GRID), np.float32),
    np.zeros((0, len(OVERALL)), np.float32),
    np.zeros(0, bool),
)


def compute_score_maps(
    a: SampledVideo,
    b: SampledVideo,
    noise: NoiseModel,
    limits: Thresholds,
    parts: Sequence[MatchedPart],
    search: bool,
    tick: Tick = lambda share: None,
) -> list[ScoreMap]:
    """Score each part over its whole length. `tick` gets the share done, about once a second."""
    edges = [_bin_edges(part) for part in parts]
    by_frames = map_parallel(
        lambda part: (find_glitches(a, b, part, noise.mixed), find_transitions(a, b, Run(*part.a, part.time_map))),
        parts,
    )
    found, transitions = [glitches for glitches, _ in by_frames], [each for _, each in by_frames]
    mixed = [_list_frames(a, each.span) for of_part in transitions for each in of_part]
    odd_a = np.unique([*(frame for each in found for glitch in each for frame in range(*glitch.a)), *chain(*mixed)])
    odd_b = np.unique([frame for each in found for glitch in each for frame in range(*glitch.b)])
    scorer = BinScorer(a, b, noise, limits, search, odd_a, odd_b)

    def score_piece(piece: tuple[int, int]) -> BinScores:
        place, low = piece
        return scorer.score_bins(parts[place], edges[place][low : low + BINS_PER_PIECE + 1])

    def score_frames(place: int) -> tuple[list[tuple[int, Floats]], list[ScoredGlitch]]:
        repeated = [] if search else _score_repeated_frames(edges[place], a, b, parts[place])
        return repeated, [_score_glitch(a, b, noise, limits, glitch) for glitch in found[place]]

    pieces = [(place, low) for place in range(len(parts)) for low in range(0, len(edges[place]) - 1, BINS_PER_PIECE)]
    scored = map_parallel(score_piece, pieces, lambda share: tick(BIN_PROGRESS * share))
    single = map_parallel(
        score_frames, range(len(parts)), lambda share: tick(BIN_PROGRESS + (1 - BIN_PROGRESS) * share)
    )
    maps = []
    for place, part in enumerate(parts):
        bins = BinScores.join([piece for piece, (of, _) in zip(scored, pieces, strict=True) if of == place])
        repeated, glitches = single[place]
        for index, frame_score in repeated:
            np.maximum(bins.score[index], frame_score, out=bins.score[index], casting="unsafe")
        times = (edges[place][:-1] + edges[place][1:]) / 2
        of_part = tuple(glitches), tuple(transitions[place])
        has_cut = _find_cut_bins(a, part, edges[place])
        maps.append(ScoreMap(part, times, bins.score, bins.detail, bins.overall, has_cut, *of_part))
    return maps


def _list_frames(a: SampledVideo, span: Span) -> range:
    """Return the frames of A in the span of a transition, and those beside it in which it may be too small to see."""
    first, last = np.searchsorted(a.fingerprint.times, np.array(span) - 1e-6)
    return range(int(first) - BESIDE_TRANSITION_FRAMES, int(last) + BESIDE_TRANSITION_FRAMES)


def _bin_edges(part: MatchedPart) -> NDArray[np.float64]:
    """Return the boundaries of a part's bins in seconds of A."""
    start, end = part.a
    return np.linspace(start, end, max(1, round((end - start) / BIN_SECONDS)) + 1)


def _find_cut_bins(a: SampledVideo, part: MatchedPart, edges: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the bins (bins,) in which A has a cut: a step of luma that stands out of those around it."""
    has_cut = np.zeros(len(edges) - 1, bool)
    first, last = np.searchsorted(a.fingerprint.times, np.array(part.a) - 1e-6)
    if last - first >= 2:
        steps = measure_steps(a, np.arange(first, last))
        padded = np.pad(steps, AROUND_CUT_FRAMES, mode="edge")
        usual = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND_CUT_FRAMES + 1), axis=1)
        cuts = first + 1 + np.flatnonzero(steps >= CUT_LEVELS + CUT_RATIO * usual)
        bins = np.searchsorted(edges, a.fingerprint.times[cuts] + 1e-6, side="right") - 1
        has_cut[np.clip(bins, 0, len(has_cut) - 1)] = True
    return has_cut


def _score_repeated_frames(
    edges: NDArray[np.float64], a: SampledVideo, b: SampledVideo, part: MatchedPart
) -> list[tuple[int, Floats]]:
    """Return (bin, scores of the cells) of each single frame that repeats its predecessor."""
    in_a, in_b = find_repeated_frames(a, b, part)
    scores = (np.abs(b.read_luma(in_b) - a.read_luma(in_a)) > FROZEN_LEVELS) * np.float32(FROZEN_SCORE)
    bins = np.searchsorted(edges, a.fingerprint.times[in_a] + 1e-6, side="right") - 1
    return list(zip(np.minimum(len(edges) - 2, bins).tolist(), scores, strict=True))


def _score_glitch(
    a: SampledVideo, b: SampledVideo, noise: NoiseModel, limits: Thresholds, glitch: FoundGlitch
) -> ScoredGlitch:
    """Return a glitch with the scores of its frames."""
    count = max(glitch.a[1] - glitch.a[0], glitch.b[1] - glitch.b[0])
    in_a, in_b = (np.linspace(low, high - 1, count).round().astype(np.intp) for low, high in (glitch.a, glitch.b))
    score = score_over_thresholds(noise.compute_residual(a, b, in_a, in_b), limits).mean(axis=0)
    levels = noise.measure_levels(a, b, in_a, in_b).mean(axis=0)
    strength = max(GLITCH_SCORE, float(score.max()))
    cells = score > min(1.0, float(score.max()) / 2)
    borders_a, borders_b = a.fingerprint.borders, b.fingerprint.borders
    spans = (
        (float(borders_a[glitch.a[0]]), float(borders_a[glitch.a[1]])),
        (float(borders_b[glitch.b[0]]), float(borders_b[glitch.b[1]])),
    )
    return ScoredGlitch(spans, cells, strength, float(levels[cells].mean()))
