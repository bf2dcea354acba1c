"""Measure the interval mode against the plain loop that it replaces."""

import statistics
import time
from collections.abc import Callable

import numpy as np

from tests.videos.diff.test_interval import compare_clips_with_loop
from videos.diff.interval import EmbeddedVideo, compare_clips, compute_distances

HOURS = 10
DIMENSIONS = 512
LOOP_MINUTES = 10  # the time of the loop grows with the square of the duration
REPEATS = 7


def report() -> None:
    """Print milliseconds for ten hours of clips, and the time of the loop on a shorter span."""
    rng = np.random.default_rng(7)
    count = HOURS * 1800
    a, b = (rng.normal(size=(count, DIMENSIONS)).astype(np.float32) for _ in range(2))
    whole = [EmbeddedVideo(2.0 * count, np.arange(count) * 2.0, side) for side in (a, b)]
    reading = _median(lambda: (a.sum(), b.sum()))
    print(f"## Interval mode: {HOURS} h of clips of {DIMENSIONS} dimensions\n")
    print("| metric | distances, ms | distances / reading both sides | complete script, ms |")
    print("|---|---|---|---|")
    for metric in ("cosine", "euclidean"):
        measured = _median(lambda metric=metric: compute_distances(a, b, metric))
        script = _median(lambda metric=metric: compare_clips(*whole, metric, 0.1))
        print(f"| {metric} | {measured * 1000:.1f} | {measured / reading:.2f} | {script * 1000:.0f} |")
    short = LOOP_MINUTES * 30
    part = [EmbeddedVideo(2.0 * short, np.arange(short) * 2.0, side[:short]) for side in (a, b)]
    started = time.perf_counter()
    compare_clips_with_loop(*part, "cosine", 0.1)
    loop = time.perf_counter() - started
    ours = _median(lambda: compare_clips(*part, "cosine", 0.1))
    print(f"\nPlain loop over {LOOP_MINUTES} minutes: {loop:.2f} s, {loop / ours:.0f} times as long.\n")


def _median(run: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return statistics.median(times)
