"""Measure edits of the picture over an interval: whether they are found, their borders, and their kinds."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from tests.benchmarks.engine import REPORTING_SEED, frame_seconds, run_script
from tests.benchmarks.generated.bases import BASES
from tests.benchmarks.generated.cases import Case, case
from tests.benchmarks.generated.edits import REENCODES
from tests.benchmarks.generated.interval_edits import INTERVALS, TRANSITIONS
from tests.benchmarks.generated.score import Score, judge

_BY_START = {
    "soft": "softer",
    "sharp": "sharper",
    "noise": "noisier",
    "pixels": "pixelated",
    "collapse": "pixelated",
    "freeze": "frozen",
    "moving": "text_or_logo_added",
    "negative": "negated",
    "grey": "grey",
    "zoom": "reframed",
    "speed": "retimed",
}
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
    "replace-longer": "replaced",
    "speed-range": "retimed",
    **{name: _BY_START[name.split("-")[0]] for name in INTERVALS},
    **dict.fromkeys(TRANSITIONS, "transition"),
}
WITHOUT_KIND = ("insert-5", "delete-5", *REENCODES)
FIRST_SEED = REPORTING_SEED + 1000  # of reporting; earlier ones were looked at while the kinds were built
SEEDS = 1
FULL_SEEDS = 5


@dataclass
class Row:
    """What was measured of one edit, over bases and seeds."""

    kinds: Counter[str] = field(default_factory=Counter)
    scores: list[Score] = field(default_factory=list)

    def add(self, other: "Row") -> None:
        self.kinds += other.kinds
        self.scores += other.scores

    def print(self, name: str) -> None:
        wrong = ", ".join(
            f"{count} {kind.removeprefix('wrong: ')}" for kind, count in self.kinds.items() if "wrong" in kind
        )
        errors = [error for score in self.scores for error in score.boundary_errors]
        border = f"{np.median(errors):.3f} · {np.quantile(errors, 0.95):.3f}" if errors else ""
        f1 = np.mean([score.f1 for score in self.scores]) if self.scores else 0.0
        alarm = np.mean([score.false_alarm for score in self.scores]) if self.scores else 0.0
        found = f"{sum(score.ops_correct for score in self.scores)} of {sum(score.ops for score in self.scores)}"
        boxes = [overlap for score in self.scores for overlap in score.boxes]
        iou = f"{np.mean(boxes):.3f}" if boxes else ""
        print(
            f"| {name} | {len(self.scores)} | {f1:.3f} | {alarm:.4f} | {found} | {border} | {iou} "
            f"| {self.kinds['right']} | {wrong or 0} | {self.kinds['none']} |",
            flush=True,
        )


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
    """Print a table of the edits: their F1, borders and kinds."""
    first = 1 if tuning else FIRST_SEED
    names = [base.name for base in BASES.values() if base.reporting != tuning and (not bases or base.name in bases)]
    seeds = range(first, first + (FULL_SEEDS if full else SEEDS))
    print(f"## Kinds: {'tuning' if tuning else 'reporting'} cases, bases {', '.join(names)}, seeds {[*seeds]}\n")
    print("| edit | pairs | F1 | false alarm | found | border, s: median · p95 | IoU | right kind | wrong | none |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    total = Row()
    for edit in [name for name in (*EXPECTED, *WITHOUT_KIND) if not edits or name in edits]:
        row = Row()
        for base in names:
            for seed in seeds:
                try:
                    one = case(base, edit, seed)
                except ValueError:  # the edit is not visible in this base
                    continue
                script, seconds = run_script(one)
                row.kinds += count_kinds(one, script["segments"] or [])
                transforms = [each["kind"] for each in script["transforms"]]
                row.scores.append(judge(one, script["segments"], seconds, frame_seconds(base), transforms))
        row.print(edit)
        total.add(row)
    total.print("all")
