"""Rate how well the frames of one side are explained as a transition between the two shots of the other side.

In a dissolve, a wipe or an iris, each cell lies between both shots, with a share of its own. A dip mixes the shot of
the moment with a colour, such as black. Shots also move: one pushes the other one out, covers it or uncovers it. What
none of these explains may still become more like the second shot from frame to frame, as in a spin or a zoom.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.descriptor import POOLED_SHAPE, Floats
from videos.diff.script.kinds import rate_measure

EXPLAINED = 0.7, 0.85  # share of the difference that a model explains: doubtful, sure
EXPLAINED_BY_MOTION = 0.8, 0.9  # the same of shots that move, whose place is fitted to each frame
PROGRESS = 0.8, 0.9  # correlation of the progress of a transition with time: doubtful, sure
PROGRESS_OF_MOTION = 0.9, 0.97  # the same of shots that move; that of one step, as of a cut, is 0.87 to 0.89
COURSE = 0.8, 0.95  # the same of frames that no model explains,
COURSE_CONFIDENCE = 0.75  # and the confidence in these, at most
MIN_COURSE_FRAMES = 5  # frames of it
MIN_GROWTH = 0.4  # growth of the progress from the first frame to the last, and of the colour of a dip on each side
MAX_COLOUR_SHARE = 0.3  # deviation over cells of the most even frame of a dip, as a share of the usual one of the shots
STEPS_PER_CELL = 2  # places within a cell that the border between shots that move is tried at
TINY = np.float32(1e-3)


@dataclass(frozen=True, slots=True, eq=False)
class Shots:
    """The frames of a transition, those of the side with the cut, and the shots before and after it.

    All are levels (frames, cells). Beyond the cut, a shot is its last or first frame.
    """

    mixed: Floats
    own: Floats
    before: Floats
    after: Floats
    is_before: NDArray[np.bool_]

    def measure_explained(self, modelled: Floats) -> float:
        """Return the share of the squared difference of the two sides that modelled frames explain."""
        left, whole = np.square(self.mixed - modelled).sum(), np.square(self.mixed - self.own).sum()
        return 1 - float(left / (whole + TINY))


def split_at_cut(cut_side: Floats, mixed_side: Floats, cut: int, first: int, last: int) -> Shots:
    """Return the shots around a cut after frame `cut`, with the frames from `first` to `last`."""
    own, mixed = cut_side[first:last], mixed_side[first:last]
    is_before = np.arange(first, last) <= cut
    before = np.where(is_before[:, None], own, cut_side[cut])
    after = np.where(is_before[:, None], cut_side[cut + 1], own)
    return Shots(mixed, own, before, after, is_before)


def rate_mix(shots: Shots) -> float:
    """Return the confidence that frames mix two shots, more of the second one with time."""
    share, progress = _measure_shares(shots)
    modelled = shots.before + share * (shots.after - shots.before)
    explained = rate_measure(shots.measure_explained(modelled), EXPLAINED)
    return min(explained, _rate_progress(progress, PROGRESS))


def rate_course(shots: Shots) -> float:
    """Return the confidence that frames become more like the second shot with time, though no model explains them."""
    if len(shots.own) < MIN_COURSE_FRAMES:
        return 0.0
    _, progress = _measure_shares(shots)
    return COURSE_CONFIDENCE * _rate_progress(progress, COURSE)


def _measure_shares(shots: Shots) -> tuple[Floats, Floats]:
    """Return the share (frames, cells) of the second shot in each cell, and its mean (frames,) by their contrast."""
    across = shots.after - shots.before
    contrast = np.square(across)
    share = (((shots.mixed - shots.before) * across) / np.maximum(contrast, TINY)).clip(0, 1)
    return share, (share * contrast).sum(axis=1) / (contrast.sum(axis=1) + TINY)


def rate_dip(shots: Shots) -> float:
    """Return the confidence that frames mix each shot with a colour, more of it up to the cut and then less."""
    deviations = shots.mixed.std(axis=1)
    evenest = int(deviations.argmin())
    if deviations[evenest] > MAX_COLOUR_SHARE * float(np.median(shots.own.std(axis=1))):
        return 0.0
    across = shots.mixed[evenest].mean() - shots.own
    share = ((shots.mixed - shots.own) * across).sum(axis=1) / (np.square(across).sum(axis=1) + TINY)
    share = share.clip(0, 1)
    explained = rate_measure(shots.measure_explained(shots.own + share[:, None] * across), EXPLAINED)
    before, after = share[shots.is_before], share[~shots.is_before]
    if min(before[-1] - before[0], after[0] - after[-1]) < MIN_GROWTH:
        return 0.0
    progress = np.where(shots.is_before, share, 2 - share)
    ranks = np.argsort(np.argsort(progress, kind="stable"), kind="stable")  # the pace does not matter
    return min(explained, _rate_progress((ranks / len(ranks)).astype(np.float32), PROGRESS))


def rate_motion(shots: Shots) -> float:
    """Return the confidence that one shot pushes, covers or uncovers the other one, in any of four directions."""
    best = 0.0
    mixed, before, after = (each.reshape(-1, *POOLED_SHAPE) for each in (shots.mixed, shots.before, shots.after))
    for axis in (1, 2):
        for flips in (False, True):
            sides = [np.flip(each, axis) if flips else each for each in (mixed, before, after)]
            frames, first, second = (np.moveaxis(each, axis, 1) for each in sides)
            for model in _build_moves(POOLED_SHAPE[axis - 1]):
                errors = _measure_errors(frames, np.concatenate([first, second], axis=1), model)
                left, whole = errors.min(axis=1).sum(), np.square(shots.mixed - shots.own).sum()
                explained = rate_measure(1 - float(left / (whole + TINY)), EXPLAINED_BY_MOTION)
                if explained > best:
                    progress = errors.argmin(axis=1) / np.float32(len(model) - 1)
                    best = max(best, min(explained, _rate_progress(progress, PROGRESS_OF_MOTION)))
    return best


@cache
def _build_moves(cells: int) -> tuple[Floats, ...]:
    """Return for a push, a cover and an uncover the share (places, cells, 2 * cells) of both shots in each cell.

    The border between both shots moves by a place at a time from the end of a row of cells to its beginning.
    """
    places = np.arange(cells * STEPS_PER_CELL + 1)[:, None]
    points = np.arange(cells * STEPS_PER_CELL)[None]
    is_second = points >= len(points[0]) - places
    moved = points + places  # in a row of both shots
    still_first, still_second = points, points + len(points[0])
    sources = (
        moved,
        np.where(is_second, moved, still_first),
        np.where(is_second, still_second, moved),
    )
    return tuple(_count_points(source // STEPS_PER_CELL, cells) for source in sources)


def _count_points(source: NDArray[np.int64], cells: int) -> Floats:
    """Return the share (places, cells, 2 * cells) of each source cell in each cell, from those of its points."""
    of_points = np.eye(2 * cells, dtype=np.float32)[source]
    return of_points.reshape(len(source), cells, STEPS_PER_CELL, 2 * cells).mean(axis=2)


def _measure_errors(frames: Floats, both: Floats, model: Floats) -> Floats:
    """Return the squared error (frames, places) of frames (frames, cells, others) that a model makes of both shots."""
    modelled = model.reshape(-1, model.shape[2]) @ both
    apart = modelled.reshape(len(frames), len(model), -1) - frames.reshape(len(frames), 1, -1)
    errors: Floats = np.einsum("fpc,fpc->fp", apart, apart)
    return errors


def _rate_progress(progress: Floats, limits: tuple[float, float]) -> float:
    """Return the confidence that the progress (frames,) of a transition grows evenly."""
    if progress[-1] - progress[0] < MIN_GROWTH:
        return 0.0
    return rate_measure(float(np.corrcoef(progress, np.arange(len(progress)))[0, 1]), limits)
