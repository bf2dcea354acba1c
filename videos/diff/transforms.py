"""What was done to the whole of a video: cropped, given bars, mirrored, graded. Found once, told as one fact.

Geometry is looked for by trying: which way of looking at the two makes moments of one most like moments of the other.
What looks best is then made exact by least squares on pairs of frames that match. Where looking as the files are does
nearly as well, nothing was done.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from videos.diff.cores import Tick, shared_out
from videos.diff.descriptor import Indexes, Sampled
from videos.diff.fingerprint import LUMA_SHAPE
from videos.diff.grading import tones_of
from videos.diff.matching import Matching, Moments, Pairs
from videos.diff.naming import Told, named
from videos.diff.view import WHOLE, Box, Floats, Geometry, views

ALIKE = 0.02  # how unlike moments may be that are plainly seen rightly
RECOGNISED = 0.2  # how unlike moments may be that still show the same
PROMISING = 0.3  # how unlike they may be under a way that is only nearly right
BETTER = 0.75  # of how unlike they are as the files are, at most, for another way to be looked into
CROPS = (0.93, 0.86, 0.79, 0.72, 0.65, 0.58, 0.5)
PLACES = (0.0, 0.5, 1.0)
UNTOUCHED = 0.1  # of all moments, from which what was done was done to a stretch alone
PLAINLY_LESS = 3.0  # times as unlike as the files are
KEEP = 5  # of the best ways that are made exact,
APART = 0.1  # of the frame, by which they differ from each other at some edge
BAR_SHARE = 0.8  # of frames in which a bar is flat
BAR_LEVELS = 6.0
MOST_BARS = 0.35  # of the frame on either side
SHARPER = 0.8  # of what is left without it, at most, for a geometry to be believed
AS_GOOD = 1.1  # times what is left otherwise, at most, for a wider view to be taken instead
MUCH_SHARPER = 0.5  # the same where the files as they are show nothing that matches
LEAST_INSET = 0.006  # of the frame; edges moved by less have not moved
LEAST_KEPT = 0.3
STEPS = (0.04, 0.02, 0.01)  # of the frame
MOST_STEPS = 4
ROUNDS = 12
TRIES = 4
DAMPING = 1e-3
FIT_LEVELS = 8.0  # a cell that is further off hardly pulls at the fit: it may be an edit
NUDGE = 0.004
MOST_STEP = 0.04
CAP_LEVELS = 24.0
COARSE_BLUR, FINE_BLUR = 2.0, 0.8  # letters that lie a whole stroke off pull the wrong way until they are blurred

Insets = tuple[float, float, float, float]  # left, top, right, bottom; of A where positive, of B where negative


def alike(a: Sampled, b: Sampled, tick: Tick = lambda share: None) -> tuple[Sampled, Sampled, list[Told]]:
    """Both videos seen through the views that make them alike, and what the views stand for: `kind` and `value`.

    `crop`: `side` and, of that side's frame, the box that the other side shows in full, as fractions. `letterbox`:
    `side` and the box of its frame that holds the picture, around which there are bars. `mirror`: `horizontal`
    (left and right exchanged), `vertical` or `both`. `grade`: see grading.Grade.
    """
    matching = Matching(a.print, b.print)
    geometry, pairs = _geometry(matching, tick)
    known = not geometry.is_plain or matching.unlike(geometry) <= RECOGNISED
    if not geometry.is_plain:
        a, b = (replace(side, view=view) for side, view in zip((a, b), views(geometry), strict=True))
    told = list(named(geometry))
    if known:
        a, grade = graded(a, b, pairs.in_a, pairs.in_b)
        told += grade
    return a, b, told


def graded(a: Sampled, b: Sampled, in_a: Indexes, in_b: Indexes) -> tuple[Sampled, list[Told]]:
    """A in the tones of B, learnt from frames that show the same, and what there is to say of that."""
    plain = replace(a, view=replace(a.view, tones=None)) if a.view.tones else a
    found = tones_of(plain, b, in_a, in_b)
    if not found:
        return plain, []
    tones, grade = found
    return replace(a, view=replace(a.view, tones=tones)), [{"kind": "grade", "value": grade.as_dict()}]


def _geometry(matching: Matching, tick: Tick) -> tuple[Geometry, Pairs]:
    plain = Geometry()
    as_it_is = matching.unlike(plain)
    tried = [plain] if as_it_is <= RECOGNISED else []
    if as_it_is > ALIKE:
        tried += [_nearer(matching, way) for way in _promising(matching, min(PROMISING, BETTER * as_it_is), tick)]
    as_files = matching.pairs(plain)
    sharper = SHARPER if as_it_is <= RECOGNISED else MUCH_SHARPER
    left, best, pairs = sharper * _left(plain, as_files), plain, as_files
    for way in tried:
        exact, matched = _exact(matching, way)
        wider = _fitted(_widened(exact), matched, FINE_BLUR)
        if _left(wider, matched) <= AS_GOOD * _left(exact, matched):
            exact = wider
        if (now := _left(exact, matched)) < left:
            left, best, pairs = now, _snapped(exact), matched
    if best.is_plain or _of_a_stretch(matching, best):
        return plain, as_files
    barred = [_barred(box, side) for box, side in ((best.a, matching.a), (best.b, matching.b))]
    return replace(best, a_barred=barred[0], b_barred=barred[1]), pairs


def _of_a_stretch(matching: Matching, geometry: Geometry) -> bool:
    """Whether moments enough show the same as the files are, and plainly less so: it was done to a stretch alone."""
    as_it_is, so = matching.each_unlike(Geometry()), matching.each_unlike(geometry)
    return float(np.mean((as_it_is <= RECOGNISED / 2) & (so > PLAINLY_LESS * as_it_is))) > UNTOUCHED


def _promising(matching: Matching, most: float, tick: Tick) -> list[Geometry]:
    """The best few ways that are less than so unlike, each far from the others: neighbours lead to the same end."""
    ways = list(_ways(matching))
    scored = zip(shared_out(matching.unlike, ways, tick), range(len(ways)), ways, strict=True)
    kept: list[Geometry] = []
    for unlike, _, way in sorted(scored, key=lambda each: each[:2]):
        if unlike >= most or len(kept) == KEEP:
            break
        if all(_far(way, other) for other in kept):
            kept.append(way)
    return kept


def _far(one: Geometry, other: Geometry) -> bool:
    if (one.across, one.down) != (other.across, other.down):
        return True
    edges = [(*_edges(way.a), *_edges(way.b)) for way in (one, other)]
    return max(abs(mine - theirs) for mine, theirs in zip(*edges, strict=True)) >= APART


def _ways(matching: Matching) -> Iterator[Geometry]:
    """Ways in which the two may show the same: mirrored, within bars, and as parts of each other."""
    a, b = (_within_bars(side) for side in (matching.a, matching.b))
    frames = [(WHOLE, WHOLE)]
    if max(abs(one - other) for one, other in zip(_edges(a), _edges(b), strict=True)) > 1.5 / LUMA_SHAPE[0]:
        frames += [(a, b), (a, WHOLE), (WHOLE, b)]
    frames = list(dict.fromkeys(frames))
    for (box_a, box_b), across in product(frames, (False, True)):
        yield Geometry(box_a, box_b, across)
        for part in _parts(*_shapes(matching)):
            yield Geometry(_inside(box_a, part), box_b, across)
        for part in _parts(*_shapes(matching)[::-1]):
            yield Geometry(box_a, _inside(box_b, part), across)
    for across in (False, True):
        yield Geometry(across=across, down=True)


def _shapes(matching: Matching) -> tuple[float, float]:
    """Width over height of A and of B as displayed."""
    a, b = (side.width / max(1, side.height) for side in matching.prints)
    return a, b


def _parts(shape: float, other: float) -> Iterator[Box]:
    """Boxes of a frame that have the other frame's shape, of several sizes and at several places."""
    wide, high = min(1.0, other / shape), min(1.0, shape / other)
    sizes = CROPS if wide == high == 1 else (1.0, *CROPS)
    for size, x, y in product(sizes, PLACES, PLACES):
        width, height = wide * size, high * size
        yield Box((1 - width) * x, (1 - height) * y, width, height)


def _inside(frame: Box, part: Box) -> Box:
    return Box(
        frame.x + part.x * frame.width,
        frame.y + part.y * frame.height,
        part.width * frame.width,
        part.height * frame.height,
    )


def _edges(box: Box) -> Insets:
    return box.x, box.y, 1 - box.far[0], 1 - box.far[1]


def _within_bars(side: Moments) -> Box:
    """The box around which every frame is flat and the same."""
    insets = []
    for luma in (side.luma.transpose(0, 2, 1), side.luma, side.luma[:, :, ::-1].transpose(0, 2, 1), side.luma[:, ::-1]):
        lines = luma[:: max(1, len(luma) // 100)]
        level = np.median(lines[:, 0])
        flat = (np.abs(lines - level).max(axis=2) <= BAR_LEVELS).mean(axis=0) >= BAR_SHARE
        count = int(np.argmin(flat)) if not flat.all() else 0
        insets.append(count / len(flat) if count / len(flat) <= MOST_BARS else 0.0)
    left, top, right, bottom = insets
    return Box(left, top, 1 - left - right, 1 - top - bottom)


# Exactly


def _nearer(matching: Matching, way: Geometry) -> Geometry:
    """The way near this one under which moments look most alike, by smaller and smaller steps."""
    best, unlike = way, matching.unlike(way)
    for size in STEPS:
        for _ in range(MOST_STEPS):
            moved = [_moved(best, tuple(size * each for each in step)) for step in _STEPS]
            scored = min((matching.unlike(way), index) for index, way in enumerate(moved))
            if scored[0] >= unlike:
                break
            unlike, best = scored[0], moved[scored[1]]
    return best


def _exact(matching: Matching, way: Geometry) -> tuple[Geometry, Pairs]:
    """The geometry near `way` that fits best, by damped Gauss-Newton on its insets, and the pairs it was fitted on."""
    pairs = matching.pairs(way)
    for blur in (COARSE_BLUR, FINE_BLUR):
        way = _fitted(way, pairs, blur)
    pairs = matching.pairs(way)
    way = _fitted(way, pairs, FINE_BLUR)
    return way, matching.pairs(way)


def _fitted(way: Geometry, pairs: Pairs, blur: float) -> Geometry:
    """By the method of Levenberg and Marquardt, on the likelihood of Cauchy's distribution."""
    best, residual = way, _residual(way, pairs, blur)
    damping = DAMPING
    for _ in range(ROUNDS):
        nudged = [_residual(_moved(best, nudge), pairs, blur) for nudge in _NUDGES]
        by = np.stack([(each - residual).ravel() / NUDGE for each in nudged], axis=-1)
        weighted = by * (1 / (1 + np.square(residual.ravel() / FIT_LEVELS)))[:, None]
        normal, towards = weighted.T @ by, weighted.T @ residual.ravel()
        for _ in range(TRIES):
            change = -np.linalg.solve(normal + np.eye(4) * damping * (np.trace(normal) / 4 + 1e-6), towards)
            change *= min(1.0, MOST_STEP / max(1e-9, float(np.abs(change).max())))
            moved = _moved(best, tuple(float(each) for each in change))
            now = _residual(moved, pairs, blur)
            if better := _unlikely(now) < _unlikely(residual):
                best, residual, damping = moved, now, damping / 4
                break
            damping *= 8
        if not better or np.abs(change).max() < NUDGE / 8:
            break
    return best


def _unlikely(residual: Floats) -> float:
    return float(np.log1p(np.square(residual / FIT_LEVELS)).sum())


_SHAPES = [(1, 0, -1, 0), (0, 1, 0, -1), (1, 1, 1, 1), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)]
_STEPS = [tuple(sign * each for each in shape) for shape in _SHAPES for sign in (1, -1)]
_NUDGES = [tuple(NUDGE * (place == edge) for place in range(4)) for edge in range(4)]


def _widened(geometry: Geometry) -> Geometry:
    """Both boxes grown alike at edges where both frames have room: a flat ground looks like bars and is none."""
    of_a, of_b = list(_edges(geometry.a.flipped(geometry.across, geometry.down))), list(_edges(geometry.b))
    for edge in range(4):
        size_a, size_b = ((box.width, box.height)[edge % 2] for box in (geometry.a, geometry.b))
        room = min(of_a[edge] / size_a, of_b[edge] / size_b)
        of_a[edge] -= room * size_a
        of_b[edge] -= room * size_b
    return replace(geometry, a=_box(of_a).flipped(geometry.across, geometry.down), b=_box(of_b))


def _moved(geometry: Geometry, by: tuple[float, ...]) -> Geometry:
    """The boxes with edges moved inwards in A, or outwards in B where B has room and A has not been cut."""
    of_a, of_b = list(_edges(geometry.a.flipped(geometry.across, geometry.down))), list(_edges(geometry.b))
    for edge, inset in enumerate(by):
        within = of_a[edge] - of_b[edge] + inset
        shared = min(of_a[edge], of_b[edge])
        of_a[edge], of_b[edge] = shared + max(0.0, within), shared + max(0.0, -within)
    return replace(geometry, a=_box(of_a).flipped(geometry.across, geometry.down), b=_box(of_b))


def _box(edges: list[float]) -> Box:
    left, top, right, bottom = edges
    return Box(left, top, max(LEAST_KEPT, 1 - left - right), max(LEAST_KEPT, 1 - top - bottom))


def _residual(geometry: Geometry, pairs: Pairs, blur: float) -> Floats:
    """(pairs, 36, 64) levels by which B differs, once each pair's brightness and contrast are made the same."""
    view_a, view_b = views(geometry)
    a, b = (view.resampled(luma, LUMA_SHAPE, blur) for view, luma in ((view_a, pairs.luma_a), (view_b, pairs.luma_b)))
    a = a - a.mean(axis=(1, 2), keepdims=True)
    b = b - b.mean(axis=(1, 2), keepdims=True)
    gain = ((a * b).sum(axis=(1, 2), keepdims=True) + 1) / (np.square(a).sum(axis=(1, 2), keepdims=True) + 1)
    residual: Floats = b - gain.clip(0.5, 2) * a
    return residual.clip(-CAP_LEVELS, CAP_LEVELS)


def _left(geometry: Geometry, pairs: Pairs, blur: float = FINE_BLUR) -> float:
    """Levels that the better part of the pairs keep apart."""
    levels = np.sort(np.abs(_residual(geometry, pairs, blur)).mean(axis=(1, 2)))
    return float(levels[: max(1, len(levels) * 3 // 4)].mean())


def _snapped(geometry: Geometry) -> Geometry:
    """Edges that hardly moved put back."""
    boxes = [_box([edge if edge >= LEAST_INSET else 0.0 for edge in _edges(box)]) for box in (geometry.a, geometry.b)]
    return replace(geometry, a=boxes[0], b=boxes[1])


def _barred(box: Box, side: Moments) -> bool:
    """Whether what lies around a box is flat: at each of its edges that lies inside the frame."""
    bars = _edges(_within_bars(side))
    cells = (LUMA_SHAPE[1], LUMA_SHAPE[0]) * 2
    inner = [(bar, edge, 1.5 / count) for bar, edge, count in zip(bars, _edges(box), cells, strict=True) if edge > 0]
    return all(bar >= edge - slack or edge < slack for bar, edge, slack in inner) and any(bar > 0 for bar, *_ in inner)
