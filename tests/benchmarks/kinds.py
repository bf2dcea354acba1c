"""Measure the kinds of changes: how many changed segments have the right kind, a wrong one, or none."""

from collections import Counter

from tests.benchmarks.engine import REPORTING_SEED, run_script
from tests.benchmarks.generated.bases import BASES
from tests.benchmarks.generated.cases import Case, case

EXPECTED = {
    "logo": "text_or_logo_added",
    "logo-40": "text_or_logo_added",
    "logo-small": "text_or_logo_added",
    "subtitle": "text_or_logo_added",
    "blur": "softer",
    "pixelate": "pixelated",
    "grade-box": "regraded",
    "hue-box": "regraded",
    "grade": "regraded",
    "hue": "regraded",
    "mirror": "mirrored",
    "replace-equal": "replaced",
}
CUTS = ("insert-5", "delete-5")  # no segment of theirs has a kind
SEEDS = 1
FULL_SEEDS = 5


def count_kinds(one: Case, segments: list[dict]) -> Counter[str]:
    """Return how many of the changed segments have the right kind, a wrong one, or none."""
    counts: Counter[str] = Counter()
    for segment in segments:
        if segment["op"] != "changed":
            continue
        start, end = segment["a"]
        touches = any(each.a and each.a[0] < end and start < each.a[1] for each in one.truth)
        expected = EXPECTED.get(one.edit) if touches else None
        kind = segment["kind"]
        counts["none" if kind is None else "right" if kind == expected else f"wrong: {kind}"] += 1
    return counts


def report(full: bool, tuning: bool, bases: tuple[str, ...] = (), edits: tuple[str, ...] = ()) -> None:
    """Print a table of the kinds of changed segments for each kind of edit."""
    first = 1 if tuning else REPORTING_SEED
    names = [base.name for base in BASES.values() if base.reporting != tuning and (not bases or base.name in bases)]
    seeds = range(first, first + (FULL_SEEDS if full else SEEDS))
    print(f"## Kinds: {'tuning' if tuning else 'reporting'} cases, bases {', '.join(names)}, seeds {[*seeds]}\n")
    print("| edit | right | wrong | none |\n|---|---|---|---|")
    total: Counter[str] = Counter()
    for edit in [name for name in (*EXPECTED, *CUTS) if not edits or name in edits]:
        counts: Counter[str] = Counter()
        for base in names:
            for seed in seeds:
                try:
                    one = case(base, edit, seed)
                except ValueError:  # the edit is not visible in this base
                    continue
                counts += count_kinds(one, run_script(one)[0]["segments"] or [])
        _print_row(edit, counts)
        total += counts
    _print_row("all", total)


def _print_row(name: str, counts: Counter[str]) -> None:
    wrong = ", ".join(f"{count} {kind.removeprefix('wrong: ')}" for kind, count in counts.items() if "wrong" in kind)
    print(f"| {name} | {counts['right']} | {wrong or 0} | {counts['none']} |", flush=True)
