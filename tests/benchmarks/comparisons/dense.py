"""Measure the engine on dense recuts: many edits in a minute, many of which touch the next one."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from tests import footage
from tests.benchmarks.comparisons.recuts import measure_false_absence
from tests.benchmarks.engine import REPORTING_SEED, build_figures, run_script
from tests.benchmarks.generated.bases import Frames
from tests.benchmarks.generated.cases import Case, read_truth
from tests.benchmarks.generated.dense_recuts import FOOTAGE, recut_densely
from tests.benchmarks.generated.edits import Edited, Truth
from tests.benchmarks.generated.pictures import draw
from tests.benchmarks.generated.score import Score, judge

GENERATOR = 1  # increment when footage or edits change
RECUTS_PER_FILM = 4  # recuts of one minute of footage
PAIRS, FULL_PAIRS = 48, 216
WORST = 10  # pairs that are listed and drawn


@dataclass(frozen=True)
class DenseCase:
    """A recut, and its possible truths."""

    case: Case
    truths: tuple[tuple, ...]

    def judge(self, script: dict, seconds: float) -> tuple[Score, float]:
        """Return the best score over the possible truths, and the seconds that are wrongly called absent."""
        found = []
        kinds = [transform["kind"] for transform in script["transforms"]]
        for truth in self.truths:
            one = replace(self.case, truth=truth)
            frame = 1 / FOOTAGE[one.base].rate
            score = judge(one, script["segments"], seconds, frame, kinds)
            found.append((score, measure_false_absence(one, script["segments"] or [])))
        return max(found, key=lambda each: (each[0].ops_correct, each[0].f1))


@lru_cache(maxsize=1)
def _frames(kind: str, film: int) -> Frames:
    return FOOTAGE[kind].render(film)


@lru_cache(maxsize=1)
def _recut(kind: str, film: int, seed: int) -> tuple[Edited, list[list[Truth]]]:
    rng = np.random.default_rng([seed, *map(ord, kind)])
    return recut_densely(_frames(kind, film), FOOTAGE[kind].rate, rng)


def dense_case(kind: str, seed: int) -> DenseCase:
    """Return a recut of a minute of one kind of footage."""
    film, rate = seed // RECUTS_PER_FILM, FOOTAGE[kind].rate
    name = f"dense-{GENERATOR}:{kind}"
    a = footage.cached(f"{name}:{film}", lambda path: footage.write(path, _frames(kind, film), rate))

    def write_b(path: Path) -> None:
        created = _recut(kind, film, seed)[0]
        footage.write(path, created.frames, rate, created.codec, created.options)

    b = footage.cached(f"{name}:{film}:{seed}", write_b)
    stored = json.loads(
        footage.cached(
            f"{name}:{film}:{seed}:truth", lambda path: _write_truths(kind, film, seed, path), ".json"
        ).read_text()
    )
    truths = tuple(read_truth({"truth": truth}) for truth in stored["truths"])
    return DenseCase(Case(kind, "dense", seed, a, b, tuple(stored["durations"]), truths[0], ()), truths)


def _write_truths(kind: str, film: int, seed: int, path: Path) -> None:
    created, truths = _recut(kind, film, seed)
    rate = FOOTAGE[kind].rate
    told = [
        [
            {
                "op": each.op,
                "a": [frame / rate for frame in each.a] if each.a else None,
                "b": [frame / rate for frame in each.b] if each.b else None,
                "box": each.box,
            }
            for each in truth
        ]
        for truth in truths
    ]
    durations = [len(_frames(kind, film)) / rate, len(created.frames) / rate]
    path.write_text(json.dumps({"truths": told, "durations": durations}))


def list_cases(full: bool, tuning: bool) -> list[tuple[str, int]]:
    """Return kinds of footage and seeds, with the recuts of one piece of footage together."""
    each = (FULL_PAIRS if full else PAIRS) // len(FOOTAGE)
    first = RECUTS_PER_FILM if tuning else REPORTING_SEED
    return [(kind, seed) for kind in FOOTAGE for seed in range(first, first + each)]


def measure(picked: tuple[str, int]) -> tuple[DenseCase, dict, Score, float]:
    one = dense_case(*picked)
    script, seconds = run_script(one.case)
    return one, script, *one.judge(script, seconds)


def measure_all(picked: Iterable[tuple[str, int]]) -> Iterator[tuple[DenseCase, dict, Score, float]]:
    """Yield the results in order, from as many processes as there are cores."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        yield from pool.map(measure, picked, chunksize=RECUTS_PER_FILM)


def report(full: bool, tuning: bool, pictures: Path | None = None) -> None:
    """Print a table of dense recuts, and the worst pairs."""
    picked = list_cases(full, tuning)
    print(f"## Dense recuts: {len(picked)} pairs, {'tuning' if tuning else 'reporting'} cases\n")
    began = time.perf_counter()
    results = list(measure_all(picked))
    print("| figure | all | " + " | ".join(FOOTAGE) + " |\n|---|---" + "|---" * len(FOOTAGE) + "|")
    groups = [results, *([each for each in results if each[0].case.base == kind] for kind in FOOTAGE)]
    tables = [build_figures([score for _, _, score, _ in group]) for group in groups]
    for name in (
        "F1 per second, all pairs",
        "correct kind",
        "boundary error, median",
        "boundary error, p95",
        "region IoU, mean",
        "wrong transforms in other pairs",
        "seconds per pair",
    ):
        print(f"| {name} | " + " | ".join(table[name] for table in tables) + " |")
    absences = [[absence for *_, absence in group] for group in groups]
    print(
        "| pairs with footage wrongly called absent | "
        + " | ".join(str(sum(x > 0 for x in g)) for g in absences)
        + " |"
    )
    print("| seconds of it | " + " | ".join(f"{sum(group):.1f}" for group in absences) + " |\n")
    for one, script, score, absence in sorted(results, key=lambda each: each[2].f1)[:WORST]:
        wrong = f"{score.ops_correct} of {score.ops}"
        largest = max(score.boundary_errors, default=0)
        title = f"{one.case.base} {one.case.seed}: F1 {score.f1:.3f}, kinds {wrong}"
        title += f", largest boundary error {largest:.2f} s, wrongly absent {absence:.1f} s"
        print(f"- {title}")
        if pictures and script["segments"]:
            draw(one.case, script["segments"], title, pictures / f"dense-{one.case.base}-{one.case.seed}.png")
    print(f"\n{time.perf_counter() - began:.0f} s in all\n")
