"""Measure how exactly notes are carried to the next version, at random moments of generated version pairs."""

import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import av
import numpy as np

from tests.benchmarks import engine
from tests.benchmarks.generated.bases import BASES
from tests.benchmarks.generated.cases import Case, TrueSegment, case
from tests.benchmarks.generated.edits import EDITS, REENCODES
from tests.benchmarks.generated.recuts import RECUTS
from videos.diff.script.time_mapping import TimeMapping

MOMENTS = 1_000  # of all pairs together
SEED = 16
TUNING_SEED = 1
QUICK_BASES = ("bunny", "film-2", "film-1", "talk-1")  # two of the reporting bases and two of the tuning bases
NEAR_CUT_FRAMES = 1.0  # wrong moments this near to a true cut are marked in the output
NEAR_SECONDS = 1.0
SPEEDS = {"all-speed": 1.1, "all-slower": 0.96}  # exact, unlike the ratio of durations in whole frames
Span = tuple[float, float]
STATES = {"changed": "changed", "moved": "moved", "deleted": "deleted"}


class TrueMapping:
    """The true map from A's times to B's times: edited segments, and the footage between them, which is the same."""

    def __init__(self, truth: Sequence[TrueSegment], durations: tuple[float, float]) -> None:
        self._edited = [each for each in truth if each.a]
        in_place = [(each.a, each.b) for each in truth if each.op == "changed" and each.a and each.b]
        self._kept_a = _Remaining([each.a for each in truth if each.op in ("deleted", "moved") and each.a])
        self._kept_b = _Remaining([each.b for each in truth if each.op in ("inserted", "moved") and each.b])
        ends = [((0.0, 0.0), (0.0, 0.0)), *sorted(in_place), ((durations[0],) * 2, (durations[1],) * 2)]
        self._runs = [
            tuple(kept.shorten(at) for kept, at in zip((self._kept_a,) * 2 + (self._kept_b,) * 2, run, strict=True))
            for run in ((a0[1], a1[0], b0[1], b1[0]) for (a0, b0), (a1, b1) in pairwise(ends))
        ]

    def map_moment(self, second: float) -> tuple[str, float | None]:
        """Return the true state of a moment of A, and its second in B. None if it was deleted."""
        for each in self._edited:
            if each.a and each.a[0] <= second < each.a[1]:
                return STATES[each.op], each.b and _interpolate(each.a, each.b, second)
        short = self._kept_a.shorten(second)
        run = next(run for run in reversed(self._runs) if run[0] <= short + 1e-9)
        return "unchanged", self._kept_b.lengthen(_interpolate(run[:2], run[2:], short))

    @property
    def cuts(self) -> list[float]:
        """The boundaries of the edited segments in A."""
        return [at for each in self._edited if each.a for at in each.a]


class _Remaining:
    """A timeline without some spans."""

    def __init__(self, removed: Sequence[Span]) -> None:
        self._removed = sorted(removed)

    def shorten(self, second: float) -> float:
        return second - sum(max(0.0, min(second, end) - start) for start, end in self._removed)

    def lengthen(self, short: float) -> float:
        for start, end in self._removed:
            if short >= start - 1e-9:
                short += end - start
        return short


def _interpolate(a: Sequence[float], b: Sequence[float], second: float) -> float:
    return b[0] + (second - a[0]) / (a[1] - a[0]) * (b[1] - b[0]) if a[1] > a[0] else b[0]


@dataclass
class CarriedMoment:
    """One random moment. `frames` is its distance from the true place, None if one of both has no place."""

    edit: str
    state: str
    found_state: str
    frames: float | None
    is_near_cut: bool

    @property
    def has_state(self) -> bool:
        return self.state == self.found_state

    @property
    def is_correct(self) -> bool:
        return self.has_state and self.is_placed

    @property
    def is_placed(self) -> bool:
        if self.frames is None:
            return self.state == self.found_state == "deleted"
        return self.frames <= 1 + 1e-6


def select_cases(full: bool, tuning: bool) -> list[tuple[str, str, int]]:
    """Return the pairs as (base, edit, seed): every edit and recut, without those that only encode again."""
    seed = TUNING_SEED if tuning else engine.REPORTING_SEED
    names = [base.name for base in BASES.values() if base.reporting != tuning]
    if not full:
        names = [name for name in names if name in QUICK_BASES]
    edits = [edit for edit in (*EDITS, *RECUTS) if edit not in REENCODES]
    return [(name, edit, seed) for name in names for edit in edits]


def is_complete(one: Case) -> bool:
    """Return whether the base was long enough for its edits: a recut of a short base lacks some of its footage."""
    ends = zip(one.durations, ("a", "b"), strict=True)
    return all(span[1] <= end + 1e-6 for end, side in ends for each in one.truth if (span := getattr(each, side)))


def draw_moments(one: Case, count: int, rng: np.random.Generator, *, near_edits: bool) -> np.ndarray:
    """Return random seconds of A, anywhere or within `NEAR_SECONDS` of edited footage."""
    last = one.durations[0]
    spans = [each.a for each in one.truth if each.a] if near_edits else []
    if not spans:
        return rng.random(count) * last
    chosen = (spans[place] for place in rng.integers(len(spans), size=count))
    return np.array([rng.uniform(max(a - NEAR_SECONDS, 0.0), min(b + NEAR_SECONDS, last)) for a, b in chosen])


def measure(one: Case, moments: np.ndarray) -> list[CarriedMoment]:
    """Carry moments of A along the script of the engine."""
    script = find_script(one)
    if not script["segments"]:
        return [CarriedMoment(one.edit, "", "failed", None, is_near_cut=False) for _ in moments]
    length_b = one.durations[0] / SPEEDS[one.edit] if one.edit in SPEEDS else one.durations[1]
    found, true = TimeMapping(script), TrueMapping(one.truth, (one.durations[0], length_b))
    rate_a = BASES[one.base].rate
    frame = max(1 / rate_a, 1 / _read_rate(one))
    measured = []
    for second in moments:
        state, place = true.map_moment(second)
        mapped = found.map_moment(second)
        both = place is not None and mapped.start is not None
        frames = abs((mapped.start or 0.0) - (place or 0.0)) / frame if both else None
        cuts = sorted(true.cuts)
        at = bisect_right(cuts, second)
        near = min((abs(cut - second) for cut in cuts[max(at - 1, 0) : at + 1]), default=np.inf)
        measured.append(CarriedMoment(one.edit, state, mapped.state, frames, bool(near <= NEAR_CUT_FRAMES * frame)))
    return measured


def _read_rate(one: Case) -> float:
    with av.open(str(one.b)) as container:
        return float(container.streams.video[0].average_rate or BASES[one.base].rate)


@cache
def find_script(one: Case) -> dict:
    return engine.run_script(one)[0]


def report(full: bool, tuning: bool) -> None:
    """Print how many of the moments have the right state and land within one frame."""
    started = time.perf_counter()
    cases = []
    for picked in select_cases(full, tuning):
        with suppress(ValueError):  # the edit is not visible in this base
            one = case(*picked)
            if is_complete(one):
                cases.append(one)
    name = "tuning" if tuning else "reporting"
    print(f"## Carried notes: {MOMENTS:,} random moments of {len(cases)} pairs, {name}\n")
    for label, near_edits in (("Anywhere", False), (f"Within {NEAR_SECONDS:g} s of edited footage", True)):
        rng = np.random.default_rng(SEED)
        counts = rng.multinomial(MOMENTS, [1 / len(cases)] * len(cases))
        carried = []
        for one, count in zip(cases, counts, strict=True):
            results = measure(one, draw_moments(one, count, rng, near_edits=near_edits))
            carried += results
            if wrong := [each for each in results if not each.is_correct]:
                kinds = Counter((each.state, each.found_state, each.is_near_cut) for each in wrong)
                print(f"<!-- {one.base} {one.edit}: {len(wrong)} of {len(results)} wrong, {dict(kinds)} -->")
        print_table(label, carried)
    print(f"{time.perf_counter() - started:.0f} s.\n")


def print_table(label: str, carried: Sequence[CarriedMoment]) -> None:
    groups = {"all": carried}
    groups |= {state: [each for each in carried if each.state == state] for state in ("unchanged", *STATES.values())}
    print(f"| {label} | " + " | ".join(f"{name} ({len(rows)})" for name, rows in groups.items()) + " |")
    print("|---" * (len(groups) + 1) + "|")
    checks: dict[str, Callable[[CarriedMoment], bool]] = {
        "right state": lambda each: each.has_state,
        "within one frame": lambda each: each.is_placed,
        "both": lambda each: each.is_correct,
    }
    for figure, check in checks.items():
        shares = [f"{sum(map(check, rows)) / len(rows):.1%}" if rows else "" for rows in groups.values()]
        print(f"| {figure} | {' | '.join(shares)} |")
    print()
