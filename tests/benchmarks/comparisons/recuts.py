"""Measure what the engine wrongly calls absent: footage of one-sided or replaced segments that both sides show."""

from tests.benchmarks.engine import REPORTING_SEED, build_figures, run_script
from tests.benchmarks.generated.bases import BASES
from tests.benchmarks.generated.cases import Case, case
from tests.benchmarks.generated.score import SIDES, judge

TOO_SHORT = {"bunny", "carphone"}  # for three edits with footage between them
SEEDS = 12
FULL_SEEDS = 40
EDGE_SECONDS = 0.2  # at both ends of a segment that may lie beyond the truth
REPLACED = 1.0  # distance of a segment whose sides have nothing in common


def measure_false_absence(one: Case, segments: list[dict]) -> float:
    """Return the seconds of both sides that are called absent from the other side, and are not."""
    seconds = 0.0
    for side in SIDES:
        absent = [span for each in one.truth if each.op != "moved" and (span := getattr(each, side)) and not each.box]
        for segment in segments:
            alone = segment["op"] in {"deleted", "inserted"} or segment["distance"] == REPLACED
            if segment[side] and alone:
                start, end = segment[side]
                covered = sum(max(0.0, min(end, high) - max(start, low)) for low, high in absent)
                wrong = end - start - covered
                seconds += wrong if wrong > EDGE_SECONDS else 0.0
    return seconds


def report(full: bool, tuning: bool) -> None:
    """Print a table of recuts."""
    first = 1 if tuning else REPORTING_SEED
    names = [base.name for base in BASES.values() if base.reporting != tuning and base.name not in TOO_SHORT]
    picked = [(name, first + more) for name in names for more in range(FULL_SEEDS if full else SEEDS)]
    print(f"## Recuts: {len(picked)} pairs, {'tuning' if tuning else 'reporting'} cases\n")
    scores, absences = [], []
    for base, seed in picked:
        one = case(base, "recut", seed)
        script, seconds = run_script(one)
        kinds = [transform["kind"] for transform in script["transforms"]]
        scores.append(judge(one, script["segments"], seconds, 1 / BASES[base].rate, kinds))
        absences.append(measure_false_absence(one, script["segments"] or []))
    figures = build_figures(scores)
    print("| figure | Sage |\n|---|---|")
    for name in ("F1 per second, all pairs", "correct kind", "boundary error, p95", "region IoU, mean"):
        print(f"| {name} | {figures[name]} |")
    print(f"| pairs with footage wrongly called absent | {sum(each > 0 for each in absences)} of {len(absences)} |")
    print(f"| seconds of it | {sum(absences):.1f} |\n")
