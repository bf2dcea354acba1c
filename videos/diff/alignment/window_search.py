"""Compare spans of one video with all moments of the other one, and find the windows that match best."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from videos.diff.alignment.grid import PHASES
from videos.diff.alignment.time_map import TimeMap
from videos.diff.alignment.viterbi import Run
from videos.diff.noise.medians import find_medians
from videos.diff.sampling.descriptor import POOLED_CELLS, Floats, Indexes, SampledVideo, compute_squared_distances
from videos.diff.script.edit_script import Span

CHUNK_SAMPLES, OTHER_SAMPLES = 256, 4096  # samples of the spans and of the other video that are compared at once
OVERLAP_SAMPLES = 16  # samples that two chunks of a span share
WINDOW_SAMPLES = 4  # consecutive samples of a match, at least
CANDIDATES = 4  # windows per span and chunk
MAX_WINDOW_SHARE = 0.1  # squared distance of a window, relative to the typical one, at most
MIN_CONTRAST_LEVELS = 4.0  # deviation of luma, without which footage has nothing to recognise
MAX_WINDOW_LEVELS = 3.0  # levels of distance up to which a window always matches


class SearchTask(NamedTuple):
    """Spans of one video to search in a chunk of the other one."""

    own: SampledVideo
    other: SampledVideo
    spans: list[Span]
    chunk: Span
    slope: float  # seconds of the other video for each second of its own
    step: float  # seconds between samples


def plan_search(
    own: SampledVideo, other: SampledVideo, spans: list[Span], slope: float, step: float
) -> Iterator[SearchTask]:
    """Yield the tasks that compare spans of one video with the whole of the other one, whose chunks overlap."""
    pieces = [piece for span in spans for piece in _split(span, CHUNK_SAMPLES * step, OVERLAP_SAMPLES * step)]
    whole = (0.0, other.fingerprint.duration)
    chunks = list(_split(whole, OTHER_SAMPLES * step / PHASES, OVERLAP_SAMPLES * step * slope))
    group: list[Span] = []
    for piece in pieces:
        if sum(end - start for start, end in (*group, piece)) > CHUNK_SAMPLES * step:
            yield from (SearchTask(own, other, group, chunk, slope, step) for chunk in chunks)
            group = []
        group = [*group, piece]
    if group:
        yield from (SearchTask(own, other, group, chunk, slope, step) for chunk in chunks)


def _split(span: Span, seconds: float, overlap: float) -> Iterator[Span]:
    """Yield chunks of a span that overlap."""
    start = span[0]
    while start < span[1]:
        end = min(span[1], start + seconds)
        yield start, end
        start = end if end == span[1] else end - overlap


def find_windows(task: SearchTask) -> list[tuple[Run, Span]]:
    """Return short runs on which a window of a span matches the other video best, each with that span.

    The runs lead from the video with the spans to the other one.
    """
    step, slope = task.step, task.slope
    times_other = np.arange(*task.chunk, step / PHASES)
    described_other = _describe(task.other, times_other)
    found = []
    for span in task.spans:
        times = np.arange(*span, step)
        if len(times) < WINDOW_SAMPLES:
            continue
        described = _describe(task.own, times)
        distances = compute_squared_distances(described, described_other)
        typical = float(find_medians(distances[:: max(1, len(times) // 8)].ravel()))
        distances[described.std(axis=1) < MIN_CONTRAST_LEVELS] = np.inf
        limit = max(MAX_WINDOW_SHARE * typical, POOLED_CELLS * MAX_WINDOW_LEVELS**2)
        first = np.rint(np.arange(len(times)) * PHASES * slope).astype(np.intp)
        sums = np.full((len(times) - WINDOW_SAMPLES + 1, len(times_other) + int(first[-1])), np.inf, np.float32)
        for start in range(len(sums)):
            _add_window(sums[start], distances, first, start)
        least = sums.min(axis=0) / WINDOW_SAMPLES
        for _ in range(CANDIDATES):
            best = int(least.argmin())
            if least[best] > limit:
                break
            begin = float(times[int(sums[:, best].argmin())])
            shift = task.chunk[0] + float(best - first[-1]) * step / PHASES
            found.append((Run(begin, begin + WINDOW_SAMPLES * step, TimeMap(shift - slope * span[0], slope)), span))
            least[max(0, best - PHASES) : best + PHASES + 1] = np.inf
    return found


def _add_window(sums: Floats, distances: Floats, first: Indexes, start: int) -> None:
    """Write the summed distances of the window at `start` to the places of the time maps on which it lies inside.

    Place p of `sums` stands for the time map on which row 0 lies at column p - first[-1].
    """
    rows = range(start, start + WINDOW_SAMPLES)
    low, high = int(first[start]), distances.shape[1] - int(first[rows[-1]] - first[start])
    if high <= 0:
        return
    window = distances[start, :high].copy()
    for row in rows[1:]:
        away = int(first[row]) - low
        window += distances[row, away : away + high]
    place = int(first[-1]) - low
    sums[place : place + high] = window


def _describe(video: SampledVideo, times: NDArray[np.floating]) -> Floats:
    """Return the pooled luma (len(times), 144) without its mean, in levels."""
    levels: Floats = video.pooled_luma[video.fingerprint.nearest(times)]
    return levels - levels.mean(axis=1, keepdims=True)
