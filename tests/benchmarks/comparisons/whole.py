"""Measure the engine on changes of the whole video: their names, and the edits beneath them."""

import os
from collections.abc import Collection
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from tests.benchmarks.engine import REPORTING_SEED, run
from tests.benchmarks.generated.bases import BASES
from tests.benchmarks.generated.cases import case
from tests.benchmarks.generated.score import Score
from tests.benchmarks.generated.whole_changes import ROWS

TUNING_BASES = ("bikes", "fast-1", "film-1", "talk-1", "slides-3", "animation-3")
FULL_SEEDS = 4
TOO_SHORT = {"bunny", "carphone"}  # for a deletion or an insertion of three seconds
WORST = 12  # pairs that are listed
POOR = 0.97  # F1 below which a pair is listed


def list_cases(full: bool, tuning: bool, edits: Collection[str] = ()) -> list[tuple[str, str, int]]:
    """Return the cases as (base, edit, seed), with the edits of one base together."""
    first = 1 if tuning else REPORTING_SEED
    names = TUNING_BASES if tuning else [base.name for base in BASES.values() if base.reporting]
    wanted = [name for row, of_row in ROWS.items() for name in of_row if not edits or name in edits or row in edits]
    return [
        (base, edit, first + more)
        for base in names
        for edit in wanted
        for more in range(FULL_SEEDS if full else 1)
        if base not in TOO_SHORT or not edit.endswith(("-delete", "-insert"))
    ]


def measure(picked: tuple[str, str, int], pictures: Path | None = None) -> Score:
    return run(case(*picked), pictures)


def report(full: bool, tuning: bool, edits: Collection[str] = (), pictures: Path | None = None) -> None:
    """Print a table by row, and the worst pairs."""
    picked = list_cases(full, tuning, edits)
    print(f"## Changes of the whole video: {len(picked)} pairs, {'tuning' if tuning else 'reporting'} cases\n")
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        scores = list(pool.map(measure, picked, [pictures] * len(picked), chunksize=4))
    print(
        "| change | pairs | named | false alarm | F1 of the edit beneath | its kind | box IoU | seconds |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    for row, of_row in ROWS.items():
        if group := [score for score in scores if score.edit in of_row]:
            print(f"| {row} | {' | '.join(_describe_row(group))} |")
    print()
    poor = [(seed, each) for (_, _, seed), each in zip(picked, scores, strict=True) if _is_poor(each)]
    for seed, score in sorted(poor, key=lambda each: _rate(each[1]))[:WORST]:
        named = "named" if score.transforms_correct else "not named"
        print(f"- {score.base} {score.edit} {seed}: {named}, {_rate(score):.3f}, false alarm {score.false_alarm:.3f}")
    print()


def _is_poor(score: Score) -> bool:
    return not score.transforms_correct or _rate(score) < POOR or score.ops_correct < score.ops


def _rate(score: Score) -> float:
    """Return the F1, or the share of time without a false alarm if there is no edit beneath."""
    return score.f1 if score.ops else 1 - score.false_alarm


def _describe_row(scores: list[Score]) -> list[str]:
    beneath = [score for score in scores if score.ops]
    boxes = [box for score in scores for box in score.boxes]
    return [
        str(len(scores)),
        f"{sum(score.transforms_correct for score in scores)} of {len(scores)}",
        f"{np.mean([score.false_alarm for score in scores]):.4f}",
        f"{np.mean([score.f1 for score in beneath]):.3f}" if beneath else "",
        f"{sum(score.ops_correct for score in beneath)} of {sum(score.ops for score in beneath)}" if beneath else "",
        f"{np.mean(boxes):.3f}" if boxes else "",
        f"{np.mean([score.seconds for score in scores]):.2f}",
    ]
