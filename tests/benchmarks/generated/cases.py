"""Render cases to files: a base, an edit and a seed, with the truth in seconds. Rendered files are cached."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from tests import footage
from tests.benchmarks.generated.bases import BASES, Frames
from tests.benchmarks.generated.edits import EDITS, Box
from tests.benchmarks.generated.interval_edits import INTERVALS, TRANSITIONS
from tests.benchmarks.generated.recuts import RECUTS
from tests.benchmarks.generated.whole_changes import WHOLE

GENERATOR = 4  # increment when bases or edits change


@dataclass(frozen=True)
class TrueSegment:
    """The truth of a case, in seconds of either side."""

    op: str
    a: tuple[float, float] | None
    b: tuple[float, float] | None
    box: Box | None


@dataclass(frozen=True)
class Case:
    base: str
    edit: str
    seed: int
    a: Path
    b: Path
    durations: tuple[float, float]
    truth: tuple[TrueSegment, ...]
    transforms: tuple[str, ...]


@lru_cache(maxsize=1)
def _frames(base: str) -> Frames:
    return BASES[base].render()


def case(base: str, edit: str, seed: int) -> Case:
    rate = BASES[base].rate
    a = footage.cached(f"{GENERATOR}:{base}", lambda path: footage.write(path, _frames(base), rate))
    key = f"{GENERATOR}:{base}:{edit}:{seed}"
    b = footage.cached(key, lambda path: _render(base, edit, seed, path))
    stored_truth = json.loads(
        footage.cached(f"{key}:truth-3", lambda path: _write_truth(base, edit, seed, path), ".json").read_text()
    )
    return Case(
        base,
        edit,
        seed,
        a,
        b,
        tuple(stored_truth["durations"]),
        read_truth(stored_truth),
        tuple(stored_truth["transforms"]),
    )


def read_truth(stored: dict) -> tuple[TrueSegment, ...]:
    """Read the truth stored next to a case."""
    return tuple(
        TrueSegment(each["op"], _pair(each["a"]), _pair(each["b"]), tuple(each["box"]) if each["box"] else None)
        for each in stored["truth"]
    )


def _pair(span: list[float] | None) -> tuple[float, float] | None:
    return (span[0], span[1]) if span else None


def _edited(base: str, edit: str, seed: int):
    digest = sum(map(ord, base + edit))  # the same every time, unlike hash()
    known = {**EDITS, **RECUTS, **INTERVALS, **TRANSITIONS, **WHOLE}
    return known[edit](_frames(base), BASES[base].rate, np.random.default_rng([seed, digest]))


def _render(base: str, edit: str, seed: int, path: Path) -> None:
    created = _edited(base, edit, seed)
    rate = created.rate_of(BASES[base].rate)
    footage.write(
        path, created.frames, rate, created.codec, created.options, size=created.size, colours=created.colours
    )


def _write_truth(base: str, edit: str, seed: int, path: Path) -> None:
    created = _edited(base, edit, seed)
    rate_a = BASES[base].rate
    rate_b = float(created.rate_of(rate_a))
    truth = [
        {
            "op": each.op,
            "a": [frame / rate_a for frame in each.a] if each.a else None,
            "b": [frame / rate_b for frame in each.b] if each.b else None,
            "box": each.box,
        }
        for each in created.truth
    ]
    durations = [len(_frames(base)) / rate_a, len(created.frames) / rate_b]
    path.write_text(json.dumps({"truth": truth, "transforms": created.transforms, "durations": durations}))
