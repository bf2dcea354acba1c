"""Measure the comparison engine and the baselines on generated edits."""

import time
import traceback
from collections.abc import Collection
from pathlib import Path

import numpy as np

from tests.benchmarks.fingerprints import fingerprint
from tests.benchmarks.generated.baselines import at_best_threshold, clip_embeddings, frame_similarity, hash_distance
from tests.benchmarks.generated.bases import BASES
from tests.benchmarks.generated.cases import Case, case
from tests.benchmarks.generated.edits import CUTS, EDITS, GLOBAL, GLOBAL_AND, LOCAL, REENCODES
from tests.benchmarks.generated.pictures import draw
from tests.benchmarks.generated.score import Score, judge
from videos.diff.compare import compare
from videos.fingerprint.format import read_fingerprint

QUICK_BASES = ("bunny", "slides-2")
REPORTING_SEED = 1000
MORE_SEEDS = 1  # additional seeds of every edit in the full set
MIXED_SEEDS = 15  # gives more than a hundred re-encoded pairs in the full set


def frame_seconds(base: str) -> float:
    return 1 / BASES[base].rate


def select_cases(full: bool, tuning: bool) -> list[tuple[str, str, int]]:
    """Return the selected cases as (base, edit, seed). The quick set is a part of the reporting bases."""
    first = 1 if tuning else REPORTING_SEED
    names = [base.name for base in BASES.values() if base.reporting != tuning and (full or base.name in QUICK_BASES)]
    picked = [(name, edit, first) for name in names for edit in EDITS]
    if full:
        changing = [edit for edit in EDITS if edit not in REENCODES]
        picked += [(n, edit, first + more) for n in names for edit in changing for more in range(1, MORE_SEEDS + 1)]
        picked += [(name, "mixed", first + more) for name in names for more in range(1, MIXED_SEEDS)]
    return sorted(picked)


def run(one: Case, pictures: Path | None = None) -> Score:
    """Score one case. Draw a picture of it in the folder `pictures` if the result is poor."""
    script, seconds = run_script(one)
    kinds = [transform["kind"] for transform in script["transforms"]]
    score = judge(one, script["segments"], seconds, frame_seconds(one.base), kinds)
    if pictures and is_poor(score) and script["segments"]:
        title = f"{one.base} {one.edit} {one.seed}: F1 {score.f1:.3f}, {score.ops_correct} of {score.ops} ops"
        draw(one, script["segments"], title, pictures / f"{one.base}-{one.edit}-{one.seed}.png")
    return score


def run_script(one: Case) -> tuple[dict, float]:
    """Return the script of a case and the seconds that it took. Its segments are None after a crash."""
    prints = [fingerprint(path) for path in (one.a, one.b)]
    started = time.perf_counter()
    try:
        script: dict = compare(*prints, str(one.a), str(one.b))
    except Exception:  # noqa: BLE001  a crash is a wrong result of this case only
        traceback.print_exc()
        script = {"segments": None, "transforms": []}
    return script, time.perf_counter() - started


def report(
    full: bool,
    tuning: bool,
    baselines: bool = True,
    bases: Collection[str] = (),
    edits: Collection[str] = (),
    pictures: Path | None = None,
) -> None:
    """Print tables of the selected cases, or only of cases with one of the given names."""
    picked = [
        (base, edit, seed)
        for base, edit, seed in select_cases(full, tuning)
        if (not bases or base in bases) and (not edits or edit in edits)
    ]
    print(f"## Generated edits: {len(picked)} pairs, {'tuning' if tuning else 'reporting'} cases\n")
    scores, clips, similar, hashes = [], [], [], []
    for base, edit, seed in picked:
        one = case(base, edit, seed)
        scores.append(run(one, pictures))
        if baselines:
            prints = [read_fingerprint(fingerprint(path)) for path in (one.a, one.b)]
            clips.append(clip_embeddings(one, *prints))
            similar.append(frame_similarity(one))
            hashes.append(hash_distance(one))
    columns = {"Sage": scores}
    if baselines:
        columns["one embedding per 2 s, best threshold"] = at_best_threshold(clips, frame_seconds)
        columns["SSIM at equal times, best threshold"] = at_best_threshold(similar, frame_seconds)
        columns["perceptual hashes at equal times, best threshold"] = at_best_threshold(hashes, frame_seconds)
    print_table(columns)
    print_weakest(scores)


def print_table(columns: dict[str, list[Score]]) -> None:
    rows = {name: build_figures(scores) for name, scores in columns.items()}
    print("| figure | " + " | ".join(rows) + " |\n|---" * 1 + "|---" * len(rows) + "|")
    for figure in next(iter(rows.values())):
        print(f"| {figure} | " + " | ".join(row[figure] for row in rows.values()) + " |")
    print()


def build_figures(scores: list[Score]) -> dict[str, str]:
    reencoded = [score for score in scores if score.edit in REENCODES]
    boundary_errors = np.concatenate([score.boundary_errors for score in scores] or [np.zeros(0)])
    frames = np.concatenate([score.boundary_frames for score in scores] or [np.zeros(0)])
    over_all = [score for score in scores if score.edit in GLOBAL]
    both = [score for score in scores if score.edit in GLOBAL_AND]
    boxes = [box for score in scores for box in score.boxes]
    alarm = _mean([score.false_alarm for score in reencoded], 5)
    alarmed = sum(score.false_alarm > 0 for score in reencoded)
    return {
        "F1 per second, all pairs": _mean([score.f1 for score in scores]),
        "F1, local edits": _mean([score.f1 for score in scores if score.edit in LOCAL]),
        "F1, cuts": _mean([score.f1 for score in scores if score.edit in CUTS]),
        "F1, four edits": _mean([score.f1 for score in scores if score.edit == "four"]),
        "false alarms on re-encodes": f"{alarm} ({alarmed} of {len(reencoded)} pairs)",
        "correct transforms of the whole video": (
            f"{sum(score.transforms_correct for score in over_all)} of {len(over_all)}"
        ),
        "false alarms under a transform alone": _mean([score.false_alarm for score in over_all], 5),
        "F1, an edit under a transform": _mean([score.f1 for score in both]),
        "correct transforms there": f"{sum(score.transforms_correct for score in both)} of {len(both)}",
        "wrong transforms in other pairs": str(
            sum(not score.transforms_correct for score in scores if score.edit not in {*GLOBAL, *GLOBAL_AND})
        ),
        "correct kind": f"{sum(score.ops_correct for score in scores)} of {sum(score.ops for score in scores)}",
        "boundary error, median": f"{np.median(frames):.2f} frames" if len(frames) else "",
        "boundary error, p95": f"{np.quantile(boundary_errors, 0.95):.3f} s" if len(boundary_errors) else "",
        "region IoU, mean": _mean(boxes),
        "failed runs": str(sum(bool(score.failed) for score in scores)),
        "seconds per pair": _mean([score.seconds for score in scores]),
    }


def _mean(values: list[float], digits: int = 3) -> str:
    return f"{np.mean(values):.{digits}f}" if values else ""


def is_poor(score: Score) -> bool:
    return score.f1 < 0.97 or score.ops_correct < score.ops or not score.transforms_correct


def print_weakest(scores: list[Score]) -> None:
    poor = [score for score in scores if is_poor(score)]
    if not poor:
        return
    print(
        "Pairs with F1 below 0.97, a wrong kind or a wrong transform:\n\n"
        "| base | edit | F1 | false alarms | correct kind | transforms | largest boundary error, s |\n"
        "|---|---|---|---|---|---|---|"
    )
    for score in sorted(poor, key=lambda each: each.f1):
        worst = f"{max(score.boundary_errors):.2f}" if score.boundary_errors else ""
        named = "correct" if score.transforms_correct else "wrong"
        ops = f"{score.ops_correct} of {score.ops}"
        print(f"| {score.base} | {score.edit} | {score.f1:.3f} | {score.false_alarm:.3f} | {ops} | {named} | {worst} |")
    print()
