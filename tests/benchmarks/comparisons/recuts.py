"""Measure the engine on recuts of three edits, and what it wrongly calls absent in them."""

from tests.benchmarks.engine import REPORTING_SEED, build_figures, run_script
from tests.benchmarks.generated.absence import measure_absence
from tests.benchmarks.generated.bases import BASES
from tests.benchmarks.generated.cases import case
from tests.benchmarks.generated.score import judge

TOO_SHORT = {"bunny", "carphone"}  # for three edits with footage between them
SEEDS = 12
FULL_SEEDS = 40


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
        absences.append(measure_absence(one, script["segments"] or []).seconds)
    figures = build_figures(scores)
    print("| figure | Sage |\n|---|---|")
    for name in ("F1 per second, all pairs", "correct kind", "boundary error, p95", "region IoU, mean"):
        print(f"| {name} | {figures[name]} |")
    print(f"| pairs with footage wrongly called absent | {sum(each > 0 for each in absences)} of {len(absences)} |")
    print(f"| seconds of it | {sum(absences):.1f} |\n")
