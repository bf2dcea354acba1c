"""The stages of a comparison. Each takes the frozen result of the previous stage and returns the next one."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from videos.diff.alignment.boundaries import settle_boundaries
from videos.diff.alignment.corrections.drift import join_drifting_runs
from videos.diff.alignment.corrections.equal_gaps import find_equal_gaps
from videos.diff.alignment.corrections.extension import extend_runs
from videos.diff.alignment.corrections.short_moves import drop_short_moves
from videos.diff.alignment.corrections.still_pieces import place_still_pieces
from videos.diff.alignment.disputes import settle_disputes
from videos.diff.alignment.evidence.mismatch_cost import calibrate_mismatch_cost
from videos.diff.alignment.evidence.pairing import Indexes, pair_frames, rates_differ, shows_same_footage
from videos.diff.alignment.grid import choose_grid_step
from videos.diff.alignment.missed_runs import note_repeats, search_other_side
from videos.diff.alignment.mixed_side import find_mixed_side
from videos.diff.alignment.offset_correction import correct_offsets, shift_runs
from videos.diff.alignment.outline import MatchedPart, outline_script
from videos.diff.alignment.refine import refine_runs
from videos.diff.alignment.single_frames.settle import settle_frame_steps
from videos.diff.alignment.speeds.large_ramps import fit_large_ramps
from videos.diff.alignment.speeds.ramps import fit_speed_ramps
from videos.diff.alignment.speeds.retiming import find_retiming, retime
from videos.diff.alignment.speeds.speed import describe_speed, find_typical_slope, mark_retimed
from videos.diff.alignment.transitions.detection import find_transitions, join_over_transitions
from videos.diff.alignment.viterbi import Run, align_videos, remove_repeated_runs
from videos.diff.alignment.zones.realign import realign_zones
from videos.diff.alignment.zones.sharing import settle_meetings, share_out
from videos.diff.changes.detection import find_changes
from videos.diff.changes.frame_counts import count_frames
from videos.diff.changes.frozen import name_held
from videos.diff.changes.meter import ChangeMeter
from videos.diff.changes.score_maps import ScoreMap, compute_score_maps
from videos.diff.changes.segments import (
    DraftSegment,
    MarkedSegment,
    convert_moved,
    convert_part,
    cut_part,
    merge_equal,
)
from videos.diff.changes.spans import MarkedSpan, mark_spans, pack_spans, unpack_spans
from videos.diff.changes.steps.whole_measures import Usual, learn_usual
from videos.diff.changes.subthreshold import MAX_SUBTHRESHOLD, add_subthreshold
from videos.diff.noise.baseline import select_typical_pairs
from videos.diff.noise.learning import learn_noise_model
from videos.diff.noise.scores import derive_thresholds
from videos.diff.parallel import map_parallel
from videos.diff.results import (
    Aligned,
    Calibrated,
    Drafted,
    Outlined,
    Scored,
    ScoredPart,
)
from videos.diff.sampling.descriptor import SampledVideo
from videos.diff.script.stored import StoredTransform
from videos.diff.transforms.estimation import estimate_grade, estimate_transforms
from videos.diff.transforms.transform_facts import invert_facts

GRADE_FACTOR = 1.25  # of the threshold for each graded side: no curve removes a grade completely
LEARNING_FRAMES = 600  # pairs of frames from which noise is learned, over all runs
MIN_LEARNING_FRAMES = 3  # of each run
GRADE_EVERY = 3  # one in so many of these pairs is used to estimate a grade
THRESHOLD_EVERY = 3  # one in so many of the typical pairs is used to derive thresholds

# Share of the progress after each stage.
TRANSFORMS_DONE, ALIGNED, REFINED, RAMPS_DONE = 0.05, 0.3, 0.35, 0.45
SETTLED, SEARCHED, REALIGNED, SCORED, CUT = 0.5, 0.55, 0.6, 0.8, 0.9

Progress = Callable[[float], None]


class MonotonicProgress:
    """Reports the progress of stages as shares of the whole. It never goes back, though some stages run twice."""

    def __init__(self, report: Progress) -> None:
        self._report = report
        self._share = 0.0

    def advance(self, share: float) -> None:
        self._share = max(self._share, share)
        self._report(self._share)

    def between(self, low: float, high: float) -> Progress:
        """Return a callback that reports the progress of a stage from `low` to `high`."""
        return lambda share: self.advance(low + (high - low) * share)


def align_pair(a: SampledVideo, b: SampledVideo, progress: MonotonicProgress) -> Aligned:
    """Estimate the transforms between two videos and find the runs in which they show the same footage."""
    a, b, transforms = estimate_transforms(a, b, progress.between(0, TRANSFORMS_DONE))
    coarse = align_videos(a, b, progress.between(TRANSFORMS_DONE, ALIGNED))
    retiming = find_retiming(a, b, coarse)
    if retiming != 1:
        b = retime(b, retiming)
        coarse = align_videos(a, b)
    search = retiming != 1 or rates_differ(a, b)
    fine = refine_runs(a, b, coarse, choose_grid_step(a, b), progress.between(ALIGNED, REFINED))
    runs = fit_speed_ramps(a, b, remove_repeated_runs(fine), progress.between(REFINED, RAMPS_DONE))
    runs = correct_offsets(a, b, fit_large_ramps(a, b, runs))
    search |= any(run.time_map.slope != 1 for run in runs)
    same = tuple(run for run in runs if shows_same_footage(a, b, run.time_map, (run.start, run.end), search))
    return Aligned(a, b, tuple(transforms), tuple(join_over_transitions(a, b, list(same))), search, retiming)


def calibrate(aligned: Aligned) -> Calibrated:
    """Learn the noise of the pair from frames of all runs. `aligned` must have at least one run."""
    in_a, in_b = _pair_learning_frames(aligned)
    if aligned.a.view.colour or aligned.b.view.colour:
        aligned = _estimate_grade_again(aligned, in_a, in_b)
    a, b = aligned.a, aligned.b
    is_typical = select_typical_pairs(a, b, in_a, in_b)
    in_a, in_b = in_a[is_typical], in_b[is_typical]
    noise = learn_noise_model(a, b, in_a, in_b, find_mixed_side(a, b, aligned.runs, aligned.search))
    residual = noise.compute_residual(a, b, in_a[::THRESHOLD_EVERY], in_b[::THRESHOLD_EVERY])
    limits = derive_thresholds(residual).scale(_grade_factor(a) * _grade_factor(b))
    mismatch_cost = calibrate_mismatch_cost(a, b, noise, aligned.search, in_a, in_b)
    explained = tuple((each.span, run.time_map) for run in aligned.runs for each in find_transitions(a, b, run))
    return Calibrated(aligned, noise, limits, replace(mismatch_cost, explained=explained))


def outline_pair(calibrated: Calibrated, progress: MonotonicProgress) -> Outlined:
    """Settle the boundaries of the runs and outline the script."""
    aligned = calibrated.aligned
    match = calibrated.mismatch_cost
    settled = settle_boundaries(match, list(aligned.runs), progress.between(RAMPS_DONE, SETTLED))
    searched = search_other_side(match, calibrated.limits, settled, progress.between(SETTLED, SEARCHED))
    runs = searched.choose(settle_boundaries(match, searched.runs)) if searched.found else settled
    progress.advance(SEARCHED)
    confirmed: set[Run] = set()
    left = {run.time_map for run in runs}
    dropped = [run for run in aligned.runs if run.time_map not in left]
    tick = progress.between(SEARCHED, REALIGNED)
    runs = settle_disputes(match, realign_zones(match, runs, confirmed, tick, dropped))
    shifted = shift_runs(aligned.a, aligned.b, runs, confirmed)
    runs = share_out(match, shifted) if shifted != runs else runs
    runs = join_drifting_runs(match, runs)
    progress.advance(REALIGNED)
    return outline_runs(calibrated, runs, tuple(searched.repeats))


def outline_runs(calibrated: Calibrated, runs: list[Run], repeats: tuple[Run, ...]) -> Outlined:
    """Outline the script of runs in A's order. `repeats` show what one side alone seems to have."""
    a, b, match = calibrated.aligned.a, calibrated.aligned.b, calibrated.mismatch_cost
    runs = place_still_pieces(match, runs)
    complete = extend_runs(match, settle_meetings(match, runs))  # what seems too short to have moved may be a part
    complete = sorted([*complete, *find_equal_gaps(match, complete)], key=lambda run: run.start)
    in_order = drop_short_moves(match, complete)
    runs = complete if in_order == complete else extend_runs(match, settle_meetings(match, in_order))
    parts = note_repeats(outline_script(a.fingerprint, b.fingerprint, runs), list(repeats))
    parts = settle_frame_steps(a, b, parts)
    slope = find_typical_slope(parts)
    return Outlined(calibrated, tuple(runs), repeats, tuple(mark_retimed(parts, slope)), slope)


def score_parts(
    outlined: Outlined, progress: MonotonicProgress, known: dict[MatchedPart, ScoredPart] | None = None
) -> Scored:
    """Find the changes in each kept or moved part that is not among the `known` ones."""
    calibrated, known = outlined.calibrated, known or {}
    a, b, search = calibrated.aligned.a, calibrated.aligned.b, calibrated.aligned.search
    shared = [part for part in outlined.parts if isinstance(part, MatchedPart) and part.kind != "retimed"]
    new = [part for part in shared if part not in known]
    if not new:
        return Scored(outlined, {part: known[part] for part in shared})
    tick = progress.between(REALIGNED, SCORED)
    score_maps = compute_score_maps(a, b, calibrated.noise, calibrated.limits, new, search, tick)
    meter = calibrated.meter
    is_graded = any(side.view.changes_colour for side in (a, b))
    usual = learn_usual(
        [each.detail for each in score_maps],
        [each.overall for each in score_maps],
        [each.has_cut for each in score_maps],
        is_graded,
        calibrated.noise.mixed is not None,
    )
    packed = map_parallel(lambda score_map: pack_spans(_mark_part(meter, score_map, usual)), score_maps)
    scores = {
        part: ScoredPart(score_map, unpack_spans(score_map, spans))
        for part, score_map, spans in zip(new, score_maps, packed, strict=True)
    }
    return Scored(outlined, {part: known.get(part) or scores[part] for part in shared})


def _mark_part(meter: ChangeMeter, score_map: ScoreMap, usual: Usual) -> list[MarkedSpan]:
    return mark_spans(meter, find_changes(score_map, usual), meter.list_transitions(score_map))


def drop_doubtful_parts(scored: Scored, progress: MonotonicProgress) -> Scored:
    """Outline and score again without the parts that are probably no match; return `scored` if there are none."""
    doubtful = scored.doubtful_parts
    if not doubtful:
        return scored
    calibrated = scored.outlined.calibrated
    fewer = replace(calibrated, aligned=calibrated.aligned.without_parts(doubtful))
    return score_parts(outline_pair(fewer, progress), progress, scored.scores)


def draft_segments(scored: Scored, progress: MonotonicProgress) -> Drafted:
    """Cut the parts into segments by their changes, with at most MAX_SUBTHRESHOLD subthreshold changes."""
    calibrated = scored.outlined.calibrated
    meter, threshold, a, b = calibrated.meter, calibrated.threshold, calibrated.aligned.a, calibrated.aligned.b
    kept = {part: found for part, found in scored.scores.items() if part.kind == "kept"}
    packed = map_parallel(
        lambda found: pack_spans(add_subthreshold(meter, found.score_map, found.marked, MAX_SUBTHRESHOLD)),
        list(kept.values()),
        progress.between(SCORED, CUT),
    )
    with_subthreshold = dict(zip(kept, packed, strict=True))
    drafts: list[DraftSegment] = []
    left = MAX_SUBTHRESHOLD
    for part in scored.outlined.parts:
        if not isinstance(part, MatchedPart) or part.kind == "retimed":
            drafts.append(name_held(count_frames(convert_part(part), a, b), a, b))
            continue
        score_map, marked = scored.scores[part].score_map, scored.scores[part].marked
        if part.kind == "moved":
            moved = convert_moved(part, marked, threshold)
            drafts.append(moved if isinstance(moved, MarkedSegment) else count_frames(moved, a, b))
            continue
        spans = unpack_spans(score_map, with_subthreshold[part])
        if len(spans) - len(marked) > left:
            spans = add_subthreshold(meter, score_map, marked, left)
        left -= len(spans) - len(marked)
        drafts += cut_part(b.fingerprint, part, score_map, spans, threshold)
    outlined = scored.outlined
    return Drafted(calibrated.aligned, tuple(merge_equal(drafts)), threshold, outlined.slope, calibrated.noise)


def draft_unrelated(aligned: Aligned) -> Drafted:
    """Return the segments of two videos without common footage: B replaces A."""
    parts = outline_script(aligned.a.fingerprint, aligned.b.fingerprint, [])
    return Drafted(aligned, tuple(convert_part(part) for part in parts))


def describe_pair(drafted: Drafted, is_swapped: bool) -> list[StoredTransform]:
    """Return the transforms of the whole, speed included; from B to A if the two were swapped."""
    a, b = drafted.aligned.a.fingerprint, drafted.aligned.b.fingerprint
    transforms = list(drafted.aligned.transforms)
    frame = max(a.step, b.step)
    slope = drafted.slope / drafted.aligned.retiming
    if is_swapped:
        return [*invert_facts(transforms), *describe_speed(1 / slope, a.duration, frame)]
    return [*transforms, *describe_speed(slope, a.duration, frame)]


def _pair_learning_frames(aligned: Aligned) -> tuple[Indexes, Indexes]:
    """Return aligned frames spread over all runs."""
    total = sum(run.seconds for run in aligned.runs)
    in_a, in_b = [], []
    for run in aligned.runs:
        count = max(MIN_LEARNING_FRAMES, round(LEARNING_FRAMES * run.seconds / total))
        times = np.linspace(run.start, run.end, count + 2)[1:-1]
        frames_a, frames_b = pair_frames(aligned.a, aligned.b, times, run.time_map, aligned.search)
        in_a.append(frames_a)
        in_b.append(frames_b)
    return np.concatenate(in_a), np.concatenate(in_b)


def _estimate_grade_again(aligned: Aligned, in_a: Indexes, in_b: Indexes) -> Aligned:
    """Estimate the grade from all runs: the few frames of the first estimate lack some colours."""
    a, b, grade = estimate_grade(aligned.a, aligned.b, in_a[::GRADE_EVERY], in_b[::GRADE_EVERY])
    others = (transform for transform in aligned.transforms if transform["kind"] != "grade")
    return replace(aligned, a=a, b=b, transforms=(*others, *grade))


def _grade_factor(video: SampledVideo) -> float:
    recolouring = video.view.recolouring
    return GRADE_FACTOR if video.view.colour or (recolouring and recolouring.mixes_planes) else 1.0
