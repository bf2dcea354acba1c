"""Measure the engine on dense recuts: many edits in a minute, many of which touch the next one."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from tests import footage
from tests.benchmarks.engine import REPORTING_SEED, build_figures, run_script
from tests.benchmarks.generated.absence import Absence, measure_absence
from tests.benchmarks.generated.bases import Frames
from tests.benchmarks.generated.cases import Case, TrueSegment, read_truth
from tests.benchmarks.generated.dense_recuts import FOOTAGE, recut_densely
from tests.benchmarks.generated.edits import Edited, Truth
from tests.benchmarks.generated.pictures import draw
from tests.benchmarks.generated.score import Score, judge
from tests.benchmarks.generated.visibility import list_hidden

GENERATOR = 1  # increment when footage or edits change
VISIBILITY = 1  # increment when it changes which edits the files show
RECUTS_PER_FILM = 4  # recuts of one minute of footage
PAIRS, FULL_PAIRS = 48, 216
WORST = 10  # pairs that are listed and drawn


@dataclass(frozen=True)
class DenseCase:
    """A recut, and its possible truths.

    `hidden` are edits that the encoded files do not show. A script is right with and without them.
    """

    case: Case
    truths: tuple[tuple[TrueSegment, ...], ...]
    hidden: tuple[TrueSegment, ...] = ()

    def judge(self, script: dict, seconds: float, with_hidden: bool = False) -> tuple[Score, Absence]:
        """Return the best score over the possible truths, and what is wrongly called absent.

        `with_hidden`: edits that the files do not show must be found too.
        """
        found = []
        kinds = [transform["kind"] for transform in script["transforms"]]
        hidden = [] if with_hidden else list(self.hidden)
        optional = [each for count in range(len(hidden) + 1) for each in combinations(hidden, count)]
        for truth in (tuple(each for each in truth if each not in left) for truth in self.truths for left in optional):
            one = replace(self.case, truth=truth)
            frame = 1 / FOOTAGE[one.base].rate
            score = judge(one, script["segments"], seconds, frame, kinds)
            found.append((score, measure_absence(one, script["segments"] or [])))
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

    def write_hidden(path: Path) -> None:
        path.write_text(json.dumps([asdict(each) for each in list_hidden(a, b, truths[0])]))

    hidden = footage.cached(f"{name}:{film}:{seed}:hidden-{VISIBILITY}", write_hidden, ".json").read_text()
    case = Case(kind, "dense", seed, a, b, tuple(stored["durations"]), truths[0], ())
    return DenseCase(case, truths, read_truth({"truth": json.loads(hidden)}))


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


@dataclass(frozen=True)
class Measured:
    """The script of a case, its score, what it wrongly calls absent, and its score if hidden edits count."""

    one: DenseCase
    script: dict
    score: Score
    absence: Absence
    with_hidden: Score


def measure(picked: tuple[str, int]) -> Measured:
    one = dense_case(*picked)
    script, seconds = run_script(one.case)
    return Measured(one, script, *one.judge(script, seconds), one.judge(script, seconds, with_hidden=True)[0])


def measure_all(picked: Iterable[tuple[str, int]]) -> Iterator[Measured]:
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
    groups = [results, *([each for each in results if each.one.case.base == kind] for kind in FOOTAGE)]
    tables = [build_figures([each.score for each in group]) for group in groups]
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
    absences = [[each.absence for each in group] for group in groups]
    for name, cells in (
        ("pairs with footage wrongly called absent", [str(sum(x.seconds > 0 for x in g)) for g in absences]),
        ("seconds of it", [f"{sum(x.seconds for x in g):.1f}" for g in absences]),
        ("longest piece of it", [f"{max(x.longest for x in g):.2f} s" for g in absences]),
        (
            "moved shots mostly called absent",
            [f"{sum(x.lost for x in g)} of {sum(x.moved for x in g)}" for g in absences],
        ),
    ):
        print(f"| {name} | " + " | ".join(cells) + " |")
    hidden = [sum(len(each.one.hidden) for each in group) for group in groups]
    print("| edits that the files do not show | " + " | ".join(map(str, hidden)) + " |")
    tables = [build_figures([each.with_hidden for each in group]) for group in groups]
    for name in ("F1 per second, all pairs", "correct kind", "boundary error, p95", "region IoU, mean"):
        print(f"| {name}, if these count | " + " | ".join(table[name] for table in tables) + " |")
    print()
    for each in sorted(results, key=lambda each: each.score.f1)[:WORST]:
        case, score = each.one.case, each.score
        largest = max(score.boundary_errors, default=0)
        title = f"{case.base} {case.seed}: F1 {score.f1:.3f}, kinds {score.ops_correct} of {score.ops}"
        title += f", largest boundary error {largest:.2f} s, wrongly absent {each.absence.seconds:.1f} s"
        print(f"- {title}")
        if pictures and each.script["segments"]:
            draw(case, each.script["segments"], title, pictures / f"dense-{case.base}-{case.seed}.png")
    print(f"\n{time.perf_counter() - began:.0f} s in all\n")
