"""Measure how the engine finds events of one or two frames, and what it claims where there are none."""

import json
import os
import time
from collections import defaultdict
from collections.abc import Collection
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from tests import footage
from tests.benchmarks.engine import REPORTING_SEED, run_script
from tests.benchmarks.generated.bases import Frames
from tests.benchmarks.generated.cases import Case
from tests.benchmarks.generated.frame_events import CONTROLS, EVENTFUL, FRAME_FOOTAGE, HELD, VARIANTS, Event, Eventful

GENERATOR = 2  # increment when footage or events change
SEEDS, FULL_SEEDS = 2, 6  # of each eventful variant on each footage
BRIEF_FRAMES = 3.5  # a reported difference up to this long is a claim of an event
WORST = 10  # pairs that are listed


@dataclass(frozen=True)
class FrameCase:
    """A pair, the kind of its footage and events, its events, and the longer frame of the two sides."""

    case: Case
    events: tuple[Event, ...]
    frame: float


@dataclass(frozen=True)
class Result:
    """Which events were found, and the differences that are no event."""

    footage: str
    variant: str
    seed: int
    found: tuple[tuple[str, bool], ...]
    wrong: tuple[str, ...]
    brief: int  # wrong ones up to BRIEF_FRAMES
    seconds: float

    @property
    def missed(self) -> list[str]:
        return [kind for kind, is_found in self.found if not is_found]


@lru_cache(maxsize=1)
def _frames(name: str) -> Frames:
    return FRAME_FOOTAGE[name].render()


@lru_cache(maxsize=1)
def _create(name: str, variant: str, seed: int) -> Eventful:
    rng = np.random.default_rng([seed, *map(ord, name + variant)])
    return VARIANTS[variant](_frames(name), FRAME_FOOTAGE[name].rate, rng)


def frame_case(name: str, variant: str, seed: int) -> FrameCase:
    """Return a pair of files with its events. Rendered files are cached."""
    key, rate = f"frames-{GENERATOR}:{name}", FRAME_FOOTAGE[name].rate
    a = footage.cached(key, lambda path: footage.write(path, _frames(name), rate))

    def write_b(path: Path) -> None:
        created = _create(name, variant, seed)
        footage.write(
            path, created.frames, created.rate, created.codec, created.options, size=created.size, times=created.times
        )

    def write_truth(path: Path) -> None:
        created = _create(name, variant, seed)
        durations = [len(_frames(name)) / rate, len(created.frames) / float(created.rate)]
        told = {"events": [asdict(event) for event in created.events], "durations": durations}
        path.write_text(json.dumps(told | {"frame": float(max(1 / Fraction(created.rate), Fraction(1, rate)))}))

    b = footage.cached(f"{key}:{variant}:{seed}", write_b, ".mkv" if variant == "varying-rate" else ".mp4")
    stored = json.loads(footage.cached(f"{key}:{variant}:{seed}:truth", write_truth, ".json").read_text())
    events = tuple(
        Event(each["kind"], each["op"], each["a"] and tuple(each["a"]), each["b"] and tuple(each["b"]))
        for each in stored["events"]
    )
    return FrameCase(Case(name, variant, seed, a, b, tuple(stored["durations"]), (), ()), events, stored["frame"])


def is_found(event: Event, segment: dict, frame: float) -> bool:
    """Return whether a segment has the event's op and lies within a frame of it on each side."""
    if segment["op"] != event.op:
        return False
    spans = [(span, segment[side]) for side, span in (("a", event.a), ("b", event.b)) if span]
    return all(
        found is not None and all(abs(one - other) <= 1.1 * frame for one, other in zip(span, found, strict=True))
        for span, found in spans
    )


def judge(one: FrameCase, variant: str, script: dict, seconds: float) -> Result:
    """Match events and segments, each with at most one of the others."""
    left = [segment for segment in script["segments"] or [] if segment["op"] != "equal"]
    found = []
    for event in one.events:
        hit = next((segment for segment in left if is_found(event, segment, one.frame)), None)
        found.append((event.kind, hit is not None))
        if hit is not None:
            left.remove(hit)
    lengths = [max(span[1] - span[0] for span in (segment["a"], segment["b"]) if span) for segment in left]
    wrong = tuple(
        f"{segment['op']} {(segment['a'] or segment['b'])[0]:.2f} s for {length / one.frame:.1f} frames"
        for segment, length in zip(left, lengths, strict=True)
    )
    brief = sum(length <= BRIEF_FRAMES * one.frame for length in lengths)
    return Result(one.case.base, variant, one.case.seed, tuple(found), wrong, brief, seconds)


def list_cases(full: bool, tuning: bool, variants: Collection[str] = ()) -> list[tuple[str, str, int]]:
    """Return names of footage, variants and seeds, with the cases of one piece of footage together."""
    first = 1 if tuning else REPORTING_SEED
    names = [each.name for each in FRAME_FOOTAGE.values() if each.reporting != tuning]
    seeds = FULL_SEEDS if full else SEEDS
    return [
        (name, variant, first + more)
        for name in names
        for variant in VARIANTS
        if (not variants or variant in variants) and (variant == "still") == name.startswith(HELD)
        for more in range(seeds if variant in EVENTFUL else 1)
    ]


def measure(picked: tuple[str, str, int]) -> Result:
    one = frame_case(*picked)
    script, seconds = run_script(one.case)
    return judge(one, picked[1], script, seconds)


def report(full: bool, tuning: bool, variants: Collection[str] = ()) -> None:
    """Print tables of events that were found and of false ones, and the worst pairs; only of the given variants."""
    picked = list_cases(full, tuning, variants)
    print(f"## Events of single frames: {len(picked)} pairs, {'tuning' if tuning else 'reporting'} cases\n")
    began = time.perf_counter()
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        results = list(pool.map(measure, picked, chunksize=len(VARIANTS)))
    events: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for result in results:
        for kind, hit in result.found:
            events[result.variant, kind].append(hit)
    print("| event | pairs | found |\n|---|---|---|")
    for (variant, kind), hits in sorted(events.items()):
        print(f"| {variant}: {kind} | {len(hits)} | {sum(hits)} ({sum(hits) / len(hits):.0%}) |")
    print("\n| pairs | number | events found | pairs with a false difference | false differences | up to 3 frames |")
    print("|---|---|---|---|---|---|")
    for variant in VARIANTS:
        group = [result for result in results if result.variant == variant]
        if not group:
            continue
        told = [hit for result in group for _, hit in result.found]
        found = f"{sum(told)} of {len(told)}" if variant not in CONTROLS else ""
        print(
            f"| {variant} | {len(group)} | {found} | {sum(bool(result.wrong) for result in group)} "
            f"| {sum(len(result.wrong) for result in group)} | {sum(result.brief for result in group)} |"
        )
    print()
    for result in sorted(results, key=lambda each: -len(each.missed) - len(each.wrong))[:WORST]:
        missed, wrong = ", ".join(result.missed) or "nothing", "; ".join(result.wrong[:6]) or "none"
        print(f"- {result.footage} {result.variant} {result.seed}: missed {missed}; false {wrong}")
    took = np.mean([result.seconds for result in results])
    print(f"\n{took:.3f} s per pair, {time.perf_counter() - began:.0f} s in all\n")
