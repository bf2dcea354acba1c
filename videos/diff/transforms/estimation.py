"""Estimate transforms of a whole video: a crop, a letterbox, a mirror or a grade.

Candidate geometries are compared by how similar sampled frames of both videos become. The best candidates are refined
by least squares on matching frame pairs (see `geometry_fit`). If the frames match nearly as well without a transform,
none is reported.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from videos.diff.parallel import Tick, map_parallel
from videos.diff.sampling.descriptor import Indexes, SampledVideo
from videos.diff.sampling.view import WHOLE_FRAME, Box, Geometry, View, make_views
from videos.diff.script.stored import StoredTransform
from videos.diff.transforms.geometry_fit import (
    FINE_BLUR,
    fit_geometry,
    insets_of,
    mean_residual,
    refine_geometry,
    search_nearby,
    snap_small_insets,
    widen_boxes,
)
from videos.diff.transforms.grading import fit_grade
from videos.diff.transforms.inset_search import find_insets, is_inset
from videos.diff.transforms.matching import FramePairs, MomentMatcher, SampleFrames, Views
from videos.diff.transforms.recolouring import convert_by_tags, find_recolouring, list_known_changes, recolour
from videos.diff.transforms.transform_facts import describe_geometry, describe_warp
from videos.diff.transforms.warp_fit import make_warped_views, search_warp
from videos.fingerprint.format import LUMA_SHAPE

CLEAR_MATCH = 0.02  # distance of sampled frames up to which no crop, letterbox or mirror is searched
SAME_CONTENT = 0.2  # distance of sampled frames up to which they show the same content
MAX_CANDIDATE_DISTANCE = 0.3  # distance of sampled frames up to which a candidate geometry is considered
CANDIDATE_RATIO = 0.75  # largest distance of a candidate relative to the distance without a transform
RECOLOURED_RATIO = 0.1  # of that distance in other colours against the plain one, with which they are accepted too
CROP_SIZES = (0.93, 0.86, 0.79, 0.72, 0.65, 0.58, 0.5)  # sizes of crops to try, as fractions of the frame
CROP_POSITIONS = (0.0, 0.5, 1.0)  # positions of crops to try, from 0 (left or top) to 1 (right or bottom)
MAX_UNTRANSFORMED_SHARE = 0.1  # share of frames that match without the transform, above which it applies only to a part
UNTRANSFORMED_RATIO = 3.0  # ratio of such a frame's distance with the transform to its distance without
MAX_CANDIDATES = 5  # candidates that are refined
MIN_CANDIDATE_SEPARATION = 0.1  # fraction of the frame by which an edge of two candidates must differ
BAR_SHARE = 0.8  # share of frames in which a bar must be flat
BAR_LEVELS = 6.0  # levels by which a bar may vary
MAX_BAR_SHARE = 0.35  # fraction of the frame that a bar may cover on one side
MAX_RESIDUAL_RATIO = 0.8  # largest residual of an accepted geometry relative to that without a transform
MAX_WIDER_RATIO = 1.1  # largest residual of a widened geometry relative to the original one
MIN_WARP_RESIDUAL = 1.3  # levels left without boxes from which a rotation or a lens distortion is searched
MIN_BOX_RESIDUAL = 0.4  # levels left by the best boxes from which it is searched
CLEAR_GRADE_LEVELS = 2.0  # levels that the conversion of A leaves, up to which that of B is not tried
MAX_BACK_RATIO = 0.55  # levels that converting B may leave, relative to those that converting A leaves
MAX_UNMATCHED_RATIO = 0.5  # the same as MAX_RESIDUAL_RATIO if nothing matches without a transform


def estimate_transforms(
    a: SampledVideo, b: SampledVideo, tick: Tick = lambda share: None
) -> tuple[SampledVideo, SampledVideo, list[StoredTransform]]:
    """Return both videos seen through views that make them similar, and the transforms as facts.

    Each fact has a `kind` and a `value`.

    `crop`: `side`, and the box of that side's frame that the other side shows completely, as fractions.
    `letterbox`: `side`, and the box of its frame that contains the picture; the rest is bars.
    `mirror`: `horizontal` (left and right exchanged), `vertical` or `both`.
    `grade`: see `grading.Grade`.
    """
    a = convert_by_tags(a, b)
    matching = MomentMatcher(a, b)
    plain_distance = matching.measure_distance(Geometry())
    recoloured = _match_recoloured(a, b, plain_distance) if plain_distance > SAME_CONTENT else None
    matching = recoloured or matching
    geometry, pairs, left = _estimate_geometry(matching, tick)
    limit = MIN_WARP_RESIDUAL if geometry.is_identity else MIN_BOX_RESIDUAL
    is_matched = not geometry.is_identity or matching.measure_distance(geometry) <= SAME_CONTENT
    warped = search_warp(matching, left, pairs if is_matched else None) if left > limit else None
    if warped and not _applies_to_part(matching, make_warped_views(warped[0])):
        a, b = (_move_view(side, view) for side, view in zip((a, b), make_warped_views(warped[0]), strict=True))
        facts, pairs, is_matched = [describe_warp(warped[0])], warped[1], True
    else:
        if not geometry.is_identity:
            a, b = (_move_view(side, view) for side, view in zip((a, b), make_views(geometry), strict=True))
        facts = list(describe_geometry(geometry))
    if is_matched:
        a, b, recolouring, explained = find_recolouring(a, b, pairs.in_a, pairs.in_b)
        facts += recolouring
        a, b, grade = estimate_grade(a, b, pairs.in_a[explained], pairs.in_b[explained])
        facts += grade
    return a, b, facts


def _move_view(side: SampledVideo, view: View) -> SampledVideo:
    """Return a video seen through another view, with the colours of its own."""
    return replace(side, view=replace(view, recolouring=side.view.recolouring))


def _match_recoloured(a: SampledVideo, b: SampledVideo, plain_distance: float) -> MomentMatcher | None:
    """Return a matcher of A in other colours, if that makes the videos similar, or much more similar."""
    changes = [change.recolouring for change in list_known_changes() if change.fact["kind"] == "recolour"]
    matchings = [MomentMatcher(recolour(a, change), b) for change in changes]
    distance, place = min((matching.measure_distance(Geometry()), place) for place, matching in enumerate(matchings))
    limit = max(SAME_CONTENT / 2, min(SAME_CONTENT, RECOLOURED_RATIO * plain_distance))
    return matchings[place] if distance <= limit else None


def estimate_grade(
    a: SampledVideo, b: SampledVideo, in_a: Indexes, in_b: Indexes
) -> tuple[SampledVideo, SampledVideo, list[StoredTransform]]:
    """Return both videos with the same colours, learned from frames that show the same, and the grade as a fact.

    A takes the colours of B, unless B is clearly easier to convert: what one side clips, the other still shows.
    """
    a, b = (replace(side, view=replace(side.view, colour=None)) if side.view.colour else side for side in (a, b))
    fit = fit_grade(a, b, in_a, in_b)
    if not fit:
        return a, b, []
    recolouring = a.view.recolouring
    # Chroma is stored at lower resolution, so mixing it into luma leaves a difference that is no grade.
    is_named = not (recolouring and recolouring.mixes_planes)
    facts: list[StoredTransform] = [{"kind": "grade", "value": fit.grade.as_dict()}] if is_named else []
    back = fit_grade(b, a, in_b, in_a) if fit.left > CLEAR_GRADE_LEVELS else None
    if back and back.left < MAX_BACK_RATIO * fit.left:
        return a, replace(b, view=replace(b.view, colour=back.transform)), facts
    return replace(a, view=replace(a.view, colour=fit.transform)), b, facts


def _estimate_geometry(matching: MomentMatcher, tick: Tick) -> tuple[Geometry, FramePairs, float]:
    """Return the geometry that makes the videos most similar, frame pairs that match under it, and what is left.

    What is left is the mean difference of the pairs in levels. After a slight rotation it is large, though the frames
    match clearly.
    """
    plain = Geometry()
    plain_distance = matching.measure_distance(plain)
    candidates = [plain] if plain_distance <= SAME_CONTENT else []
    if plain_distance > CLEAR_MATCH:
        candidates += [
            search_nearby(matching, candidate)
            for candidate in _select_candidates(
                matching, min(MAX_CANDIDATE_DISTANCE, CANDIDATE_RATIO * plain_distance), tick
            )
        ]
    if plain_distance > SAME_CONTENT:
        candidates += [search_nearby(matching, candidate) for candidate in find_insets(matching)]
    plain_pairs = matching.match_frames(plain)
    max_ratio = MAX_RESIDUAL_RATIO if plain_distance <= SAME_CONTENT else MAX_UNMATCHED_RATIO
    plain_left = mean_residual(plain, plain_pairs)
    left, best, pairs = max_ratio * plain_left, plain, plain_pairs
    for candidate in candidates:
        exact, matched = refine_geometry(matching, candidate)
        wider = fit_geometry(widen_boxes(exact), matched, FINE_BLUR)
        if mean_residual(wider, matched) <= MAX_WIDER_RATIO * mean_residual(exact, matched):
            exact = wider
        if (now := mean_residual(exact, matched)) < left:
            left, best, pairs = now, snap_small_insets(exact), matched
    is_unlike = plain_distance > SAME_CONTENT and matching.measure_distance(best) > SAME_CONTENT
    if best.is_identity or is_unlike or _applies_to_part(matching, best):
        return plain, plain_pairs, plain_left
    barred = [_has_bars_around(box, side) for box, side in ((best.a, matching.a), (best.b, matching.b))]
    inset = [
        whole.is_whole and not box.is_whole and not bars and is_inset(box, luma)
        for box, whole, bars, luma in (
            (best.a, best.b, barred[0], pairs.luma_a),
            (best.b, best.a, barred[1], pairs.luma_b),
        )
    ]
    best = replace(best, a_has_bars=barred[0] or inset[0], b_has_bars=barred[1] or inset[1], is_inset=any(inset))
    return best, pairs, left


def _applies_to_part(matching: MomentMatcher, geometry: Geometry | Views) -> bool:
    """Return whether many frames match clearly better without the geometry: then only a part is transformed."""
    plain, transformed = matching.measure_distances(Geometry()), matching.measure_distances(geometry)
    return (
        float(np.mean((plain <= SAME_CONTENT / 2) & (transformed > UNTRANSFORMED_RATIO * plain)))
        > MAX_UNTRANSFORMED_SHARE
    )


def _select_candidates(matching: MomentMatcher, max_distance: float, tick: Tick) -> list[Geometry]:
    """Return the best candidates below a distance, each well separated from the others.

    Neighbouring candidates are refined to the same result.
    """
    candidates = list(_generate_candidates(matching))
    scored = zip(
        map_parallel(matching.measure_distance, candidates, tick), range(len(candidates)), candidates, strict=True
    )
    selected: list[Geometry] = []
    for distance, _, candidate in sorted(scored, key=lambda each: each[:2]):
        if distance >= max_distance or len(selected) == MAX_CANDIDATES:
            break
        if all(_are_separate(candidate, other) for other in selected):
            selected.append(candidate)
    return selected


def _are_separate(one: Geometry, other: Geometry) -> bool:
    """Return whether two geometries differ in a flip or clearly in an edge."""
    if (one.flip_horizontal, one.flip_vertical) != (other.flip_horizontal, other.flip_vertical):
        return True
    edges = [(*insets_of(way.a), *insets_of(way.b)) for way in (one, other)]
    return max(abs(mine - theirs) for mine, theirs in zip(*edges, strict=True)) >= MIN_CANDIDATE_SEPARATION


def _generate_candidates(matching: MomentMatcher) -> Iterator[Geometry]:
    """Yield geometries to try: mirrored, inside bars, and as parts of each other."""
    a, b = (_find_picture_box(side) for side in (matching.a, matching.b))
    frames = [(WHOLE_FRAME, WHOLE_FRAME)]
    if max(abs(one - other) for one, other in zip(insets_of(a), insets_of(b), strict=True)) > 1.5 / LUMA_SHAPE[0]:
        frames += [(a, b), (a, WHOLE_FRAME), (WHOLE_FRAME, b)]
    frames = list(dict.fromkeys(frames))
    for (box_a, box_b), across in product(frames, (False, True)):
        yield Geometry(box_a, box_b, across)
        for part in _generate_crops(*_aspect_ratios(matching)):
            yield Geometry(_nest_box(box_a, part), box_b, across)
        for part in _generate_crops(*_aspect_ratios(matching)[::-1]):
            yield Geometry(box_a, _nest_box(box_b, part), across)
    for across in (False, True):
        yield Geometry(flip_horizontal=across, flip_vertical=True)


def _aspect_ratios(matching: MomentMatcher) -> tuple[float, float]:
    """Return width over height of A and of B as displayed."""
    a, b = (side.width / max(1, side.height) for side in matching.fingerprints)
    return a, b


def _generate_crops(shape: float, other: float) -> Iterator[Box]:
    """Yield boxes of a frame that have the other frame's aspect ratio, in several sizes and positions."""
    wide, high = min(1.0, other / shape), min(1.0, shape / other)
    sizes = CROP_SIZES if wide == high == 1 else (1.0, *CROP_SIZES)
    for size, x, y in product(sizes, CROP_POSITIONS, CROP_POSITIONS):
        width, height = wide * size, high * size
        yield Box((1 - width) * x, (1 - height) * y, width, height)


def _nest_box(frame: Box, part: Box) -> Box:
    """Return a box inside `frame` whose position in it is `part`."""
    return Box(
        frame.x + part.x * frame.width,
        frame.y + part.y * frame.height,
        part.width * frame.width,
        part.height * frame.height,
    )


def _find_picture_box(side: SampleFrames) -> Box:
    """Return the box around which every frame is flat and constant."""
    insets = []
    for luma in (side.luma.transpose(0, 2, 1), side.luma, side.luma[:, :, ::-1].transpose(0, 2, 1), side.luma[:, ::-1]):
        lines = luma[:: max(1, len(luma) // 100)]
        level = np.median(lines[:, 0])
        flat = (np.abs(lines - level).max(axis=2) <= BAR_LEVELS).mean(axis=0) >= BAR_SHARE
        count = int(np.argmin(flat)) if not flat.all() else 0
        insets.append(count / len(flat) if count / len(flat) <= MAX_BAR_SHARE else 0.0)
    left, top, right, bottom = insets
    return Box(left, top, 1 - left - right, 1 - top - bottom)


def _has_bars_around(box: Box, side: SampleFrames) -> bool:
    """Return whether the area around a box is flat at each of its edges that is inside the frame."""
    bars = insets_of(_find_picture_box(side))
    cells = (LUMA_SHAPE[1], LUMA_SHAPE[0]) * 2
    inner = [(bar, edge, 1.5 / count) for bar, edge, count in zip(bars, insets_of(box), cells, strict=True) if edge > 0]
    return all(bar >= edge - slack or edge < slack for bar, edge, slack in inner) and any(bar > 0 for bar, *_ in inner)
