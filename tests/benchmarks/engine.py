"""The engine and its rivals over generated edits."""

import time
import traceback
from collections.abc import Collection
from pathlib import Path

import numpy as np

from tests.benchmarks.bases import BASES
from tests.benchmarks.cases import Case, case
from tests.benchmarks.edits import CUTS, EDITS, GLOBAL, GLOBAL_AND, LOCAL, REENCODES
from tests.benchmarks.pictures import draw
from tests.benchmarks.prints import fingerprint
from tests.benchmarks.rivals import at_best_threshold, clip_embeddings, frame_similarity, hash_distance
from tests.benchmarks.score import Score, judge
from videos.diff.compare import compare
from videos.diff.fingerprint import read_fingerprint

QUICK_BASES = ("bunny", "slides-2")
REPORTING_SEED = 1000
MORE_SEEDS = 1  # of every edit, in the full set
MIXED_SEEDS = 15  # so that more than a hundred pairs of the full set are re-encodes


def frame_seconds(base: str) -> float:
    return 1 / BASES[base].rate


def chosen(full: bool, tuning: bool) -> list[tuple[str, str, int]]:
    """(base, edit, seed); the quick set is a part of the reporting bases."""
    first = 1 if tuning else REPORTING_SEED
    names = [base.name for base in BASES.values() if base.reporting != tuning and (full or base.name in QUICK_BASES)]
    picked = [(name, edit, first) for name in names for edit in EDITS]
    if full:
        changing = [edit for edit in EDITS if edit not in REENCODES]
        picked += [(n, edit, first + more) for n in names for edit in changing for more in range(1, MORE_SEEDS + 1)]
        picked += [(name, "mixed", first + more) for name in names for more in range(1, MIXED_SEEDS)]
    return sorted(picked)


def run(one: Case, pictures: Path | None = None) -> Score:
    """The score of one case; a picture of it is left in the folder `pictures` where its answer is poor."""
    prints = [fingerprint(path) for path in (one.a, one.b)]
    begun = time.perf_counter()
    try:
        script: dict = compare(*prints, str(one.a), str(one.b))
    except Exception:  # noqa: BLE001  a crash is a wrong answer, and the others still count
        traceback.print_exc()
        script = {"segments": None, "transforms": []}
    kinds = [transform["kind"] for transform in script["transforms"]]
    score = judge(one, script["segments"], time.perf_counter() - begun, frame_seconds(one.base), kinds)
    if pictures and is_poor(score) and script["segments"]:
        title = f"{one.base} {one.edit} {one.seed}: F1 {score.f1:.3f}, {score.ops_right} of {score.ops} ops"
        draw(one, script["segments"], title, pictures / f"{one.base}-{one.edit}-{one.seed}.png")
    return score


def report(
    full: bool,
    tuning: bool,
    rivals: bool = True,
    bases: Collection[str] = (),
    edits: Collection[str] = (),
    pictures: Path | None = None,
) -> None:
    """Tables of the cases chosen, or of those alone that have one of the names given."""
    picked = [
        (base, edit, seed)
        for base, edit, seed in chosen(full, tuning)
        if (not bases or base in bases) and (not edits or edit in edits)
    ]
    print(f"## Generated edits: {len(picked)} pairs, {'tuning' if tuning else 'reporting'} cases\n")
    scores, clips, similar, hashes = [], [], [], []
    for base, edit, seed in picked:
        one = case(base, edit, seed)
        scores.append(run(one, pictures))
        if rivals:
            prints = [read_fingerprint(fingerprint(path)) for path in (one.a, one.b)]
            clips.append(clip_embeddings(one, *prints))
            similar.append(frame_similarity(one))
            hashes.append(hash_distance(one))
    columns = {"Sage": scores}
    if rivals:
        columns["one embedding per 2 s, best threshold"] = at_best_threshold(clips, frame_seconds)
        columns["SSIM at equal times, best threshold"] = at_best_threshold(similar, frame_seconds)
        columns["perceptual hashes at equal times, best threshold"] = at_best_threshold(hashes, frame_seconds)
    table(columns)
    weakest(scores)


def table(columns: dict[str, list[Score]]) -> None:
    rows = {name: figures(scores) for name, scores in columns.items()}
    print("| figure | " + " | ".join(rows) + " |\n|---" * 1 + "|---" * len(rows) + "|")
    for figure in next(iter(rows.values())):
        print(f"| {figure} | " + " | ".join(row[figure] for row in rows.values()) + " |")
    print()


def figures(scores: list[Score]) -> dict[str, str]:
    harmless = [score for score in scores if score.edit in REENCODES]
    borders = np.concatenate([score.borders for score in scores] or [np.zeros(0)])
    frames = np.concatenate([score.frames_off for score in scores] or [np.zeros(0)])
    over_all = [score for score in scores if score.edit in GLOBAL]
    both = [score for score in scores if score.edit in GLOBAL_AND]
    boxes = [box for score in scores for box in score.boxes]
    alarm = _mean([score.false_alarm for score in harmless], 5)
    alarmed = sum(score.false_alarm > 0 for score in harmless)
    return {
        "F1 per second, all pairs": _mean([score.f1 for score in scores]),
        "F1, local edits": _mean([score.f1 for score in scores if score.edit in LOCAL]),
        "F1, cuts": _mean([score.f1 for score in scores if score.edit in CUTS]),
        "F1, four edits": _mean([score.f1 for score in scores if score.edit == "four"]),
        "false alarm on re-encodes": f"{alarm} ({alarmed} of {len(harmless)} pairs)",
        "transforms of the whole named": f"{sum(score.named for score in over_all)} of {len(over_all)}",
        "false alarm there": _mean([score.false_alarm for score in over_all], 5),
        "F1, an edit under a transform": _mean([score.f1 for score in both]),
        "transforms named beside it": f"{sum(score.named for score in both)} of {len(both)}",
        "transforms named wrongly elsewhere": str(
            sum(not score.named for score in scores if score.edit not in {*GLOBAL, *GLOBAL_AND})
        ),
        "right op": f"{sum(score.ops_right for score in scores)} of {sum(score.ops for score in scores)}",
        "border error, median": f"{np.median(frames):.2f} frames" if len(frames) else "",
        "border error, p95": f"{np.quantile(borders, 0.95):.3f} s" if len(borders) else "",
        "box IoU, mean": _mean(boxes),
        "failed runs": str(sum(bool(score.failed) for score in scores)),
        "seconds a pair": _mean([score.took for score in scores]),
    }


def _mean(values: list[float], digits: int = 3) -> str:
    return f"{np.mean(values):.{digits}f}" if values else ""


def is_poor(score: Score) -> bool:
    return score.f1 < 0.97 or score.ops_right < score.ops or not score.named


def weakest(scores: list[Score]) -> None:
    poor = [score for score in scores if is_poor(score)]
    if not poor:
        return
    print(
        "Pairs with F1 under 0.97, a wrong op or a wrong transform:\n\n"
        "| base | edit | F1 | false alarm | right op | transforms | worst border, s |\n|---|---|---|---|---|---|---|"
    )
    for score in sorted(poor, key=lambda each: each.f1):
        worst = f"{max(score.borders):.2f}" if score.borders else ""
        named = "right" if score.named else "wrong"
        ops = f"{score.ops_right} of {score.ops}"
        print(f"| {score.base} | {score.edit} | {score.f1:.3f} | {score.false_alarm:.3f} | {ops} | {named} | {worst} |")
    print()
