"""Search one video as a smaller picture in front of another background in the frames of the other one."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from videos.diff.sampling.view import IDENTITY_VIEW, WHOLE_FRAME, Box, Floats, Geometry
from videos.diff.transforms.matching import MomentMatcher, SampleFrames

SIZES = tuple(0.34 * 1.09**step for step in range(12))  # of the picture, as fractions of the frame
PICTURES = 24  # moments of the smaller picture that are searched
FRAMES = 72  # moments of the other video among which they are searched
MIN_CORRELATION = 0.7  # of the better half of the pictures at one place
BEST_SHARE = 0.5  # share of the pictures that are expected to be found
CANDIDATES = 2  # places that are refined
FLAT_LEVELS = 3.0  # levels of contrast below which a correlation is lowered
EDGE_CELLS = 1.5  # cells on either side of an edge at which the picture is compared
INNER_CELLS = 4.5  # cells inside of an edge with which the inner side is compared
MIN_EDGE_RATIO = 1.6  # difference across the edges against that within the picture, from which it is not continued
MAX_EDGE_CORRELATION = 0.4  # correlation across the edges against that within the picture, up to which the same holds,
UNRELATED_STEP_SHARE = 0.85  # if this share of the cells along the edges differs: two edges may be unrelated by chance
STEP_LEVELS = 3.0  # levels across an edge from which a cell of it differs
MIN_STEP_SHARE = 0.55  # share of the cells along the edges that differ
MIN_EDGE_INSET = 0.03  # fraction of the frame by which an edge must be inside to be examined


def find_insets(matching: MomentMatcher) -> Iterator[Geometry]:
    """Yield geometries in which the whole of one video is a part of the other's frame."""
    for small, large, is_a in ((matching.a, matching.b, True), (matching.b, matching.a, False)):
        for box in _search_boxes(small, large):
            yield Geometry(WHOLE_FRAME, box) if is_a else Geometry(box, WHOLE_FRAME)


def _search_boxes(small: SampleFrames, large: SampleFrames) -> list[Box]:
    rows, columns = large.half.shape[1:]
    frames, pictures = (
        side.half[np.unique(np.linspace(0, len(side.half) - 1, count).astype(int))]
        for side, count in ((large, FRAMES), (small, PICTURES))
    )
    searched = SearchedFrames(frames)
    found = []
    for size in SIZES:
        high, wide = round(rows * size), round(columns * size)
        templates = IDENTITY_VIEW.resample(pictures, (high, wide), 0.5 / size)
        score = searched.correlate(templates)
        y, x = np.unravel_index(int(score.argmax()), score.shape)
        found.append((float(score[y, x]), Box(float(x) / columns, float(y) / rows, wide / columns, high / rows)))
    found.sort(key=lambda each: -each[0])
    return [box for score, box in found[:CANDIDATES] if score >= MIN_CORRELATION]


class SearchedFrames:
    """Frames (frames, rows, columns) in which pictures are searched, with what is the same for all sizes of these."""

    def __init__(self, frames: Floats) -> None:
        self._size = frames.shape[1], frames.shape[2]
        self._spectra = np.fft.rfft2(frames)
        self._sums, self._squares = _integrate(frames), _integrate(np.square(frames))

    def correlate(self, templates: Floats) -> NDArray[np.float64]:
        """Return the correlation (rows, columns) at each position of the better half of the templates."""
        rows, columns = self._size
        high, wide = templates.shape[1:]
        templates = templates - templates.mean(axis=(1, 2), keepdims=True)
        flat = high * wide * FLAT_LEVELS**2
        lengths = np.sqrt(np.square(templates).sum(axis=(1, 2)) + flat)
        energy = _sum_windows(self._squares, high, wide) - np.square(_sum_windows(self._sums, high, wide)) / (
            high * wide
        )
        spread = np.sqrt(energy.clip(0) + flat)
        best = []
        for template, length in zip(templates, lengths, strict=True):
            product = self._spectra * np.conj(np.fft.rfft2(template, (rows, columns)))
            shared = np.fft.irfft2(product, (rows, columns))[:, : rows - high + 1, : columns - wide + 1]
            best.append((shared / (length * spread)).max(axis=0))
        ordered = np.sort(np.array(best), axis=0)
        correlation: NDArray[np.float64] = ordered[-max(1, round(BEST_SHARE * len(ordered))) :].mean(axis=0)
        return correlation


def _integrate(frames: Floats) -> NDArray[np.float64]:
    """Return the sums (frames, rows + 1, columns + 1) of all values above and to the left of each place."""
    sums: NDArray[np.float64] = (
        np.pad(frames.astype(np.float64), ((0, 0), (1, 0), (1, 0))).cumsum(axis=1).cumsum(axis=2)
    )
    return sums


def _sum_windows(sums: NDArray[np.float64], high: int, wide: int) -> NDArray[np.float64]:
    """Return the sums of all windows of a size: (frames, rows - high + 1, columns - wide + 1)."""
    windows: NDArray[np.float64] = (
        sums[:, high:, wide:] - sums[:, :-high, wide:] - sums[:, high:, :-wide] + sums[:, :-high, :-wide]
    )
    return windows


def is_inset(box: Box, luma: Floats) -> bool:
    """Return whether the picture in a box of frames (frames, rows, columns) ends at the edges of the box.

    Text that an edge cuts differs across it as well, but not all along the edge.
    """
    across, within, steps, edges, inners = [], [], [], [], []
    right, bottom = box.bottom_right
    for start, end, planes in ((box.x, right, luma.transpose(0, 2, 1)), (box.y, bottom, luma)):
        other = (box.y, bottom) if planes is not luma else (box.x, right)
        count, side = planes.shape[1], planes.shape[2]
        lines = planes[:, :, int(np.ceil(other[0] * side)) : max(1, int(other[1] * side))]
        for edge, inwards in ((start, 1), (end, -1)):
            if not MIN_EDGE_INSET < edge < 1 - MIN_EDGE_INSET:
                continue
            outer, inner, deep = (
                lines[:, min(count - 1, max(0, int(edge * count + inwards * cells)))]
                for cells in (-EDGE_CELLS, EDGE_CELLS, INNER_CELLS)
            )
            across.append(float(np.abs(outer - inner).mean()))
            within.append(float(np.abs(inner - deep).mean()))
            steps.append(float((np.abs(outer - inner) > STEP_LEVELS).mean()))
            edges.append(_correlate_lines(outer, inner))
            inners.append(_correlate_lines(inner, deep))
    share = float(np.mean(steps)) if steps else 0.0
    if share < MIN_STEP_SHARE:
        return False
    is_uncorrelated = float(np.mean(edges)) < MAX_EDGE_CORRELATION * float(np.mean(inners))
    return (is_uncorrelated and share >= UNRELATED_STEP_SHARE) or float(np.mean(across)) > MIN_EDGE_RATIO * float(
        np.mean(within)
    )


def _correlate_lines(one: Floats, other: Floats) -> float:
    """Return the correlation of the same lines in several frames (frames, cells)."""
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / np.sqrt(np.square(one).sum() * np.square(other).sum() + 1))
