"""The interval mode against the plain loop that it stands for."""

import statistics
import time
from collections.abc import Callable

import numpy as np

from tests.videos.diff.test_interval import plainly
from videos.diff.interval import Embedded, compare_clips, distances

HOURS = 10
DIMENSIONS = 512
LOOP_MINUTES = 10  # the loop looks every clip up from the start, so it grows with the square
REPEATS = 7


def report() -> None:
    """Milliseconds over ten hours of clips, and the loop's time on a stretch that it can manage."""
    rng = np.random.default_rng(7)
    count = HOURS * 1800
    a, b = (rng.normal(size=(count, DIMENSIONS)).astype(np.float32) for _ in range(2))
    whole = [Embedded(2.0 * count, np.arange(count) * 2.0, side) for side in (a, b)]
    reading = _median(lambda: (a.sum(), b.sum()))
    print(f"## Interval mode: {HOURS} h of clips of {DIMENSIONS} numbers\n")
    print("| metric | distances, ms | over reading both sides once | with all segments as plain types, ms |")
    print("|---|---|---|---|")
    for metric in ("cosine", "euclidean"):
        measured = _median(lambda metric=metric: distances(a, b, metric))
        script = _median(lambda metric=metric: compare_clips(*whole, metric, 0.1))
        print(f"| {metric} | {measured * 1000:.1f} | {measured / reading:.2f} | {script * 1000:.0f} |")
    short = LOOP_MINUTES * 30
    part = [Embedded(2.0 * short, np.arange(short) * 2.0, side[:short]) for side in (a, b)]
    begun = time.perf_counter()
    plainly(*part, "cosine", 0.1)
    loop = time.perf_counter() - begun
    ours = _median(lambda: compare_clips(*part, "cosine", 0.1))
    print(f"\nThe plain loop over {LOOP_MINUTES} minutes: {loop:.2f} s, {loop / ours:.0f} times as long.\n")


def _median(run: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)
