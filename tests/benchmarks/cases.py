"""Cases rendered to files: a base, an edit and a seed, with truth in seconds; rendered once, kept in the cache."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from tests import footage
from tests.benchmarks.bases import BASES, Frames
from tests.benchmarks.edits import EDITS, Box

GENERATOR = 3  # raise when bases or edits change


@dataclass(frozen=True)
class Told:
    """What was done, in seconds of either side."""

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
    truth: tuple[Told, ...]
    transforms: tuple[str, ...]


@lru_cache(maxsize=1)
def _frames(base: str) -> Frames:
    return BASES[base].render()


def case(base: str, edit: str, seed: int) -> Case:
    rate = BASES[base].rate
    a = footage.cached(f"{GENERATOR}:{base}", lambda path: footage.write(path, _frames(base), rate))
    key = f"{GENERATOR}:{base}:{edit}:{seed}"
    b = footage.cached(key, lambda path: _render(base, edit, seed, path))
    told = json.loads(footage.cached(f"{key}:truth-3", lambda path: _tell(base, edit, seed, path), ".json").read_text())
    return Case(base, edit, seed, a, b, tuple(told["durations"]), told_from(told), tuple(told["transforms"]))


def told_from(stored: dict) -> tuple[Told, ...]:
    """The truth of a file that lies beside a case."""
    return tuple(
        Told(each["op"], _pair(each["a"]), _pair(each["b"]), tuple(each["box"]) if each["box"] else None)
        for each in stored["truth"]
    )


def _pair(span: list[float] | None) -> tuple[float, float] | None:
    return (span[0], span[1]) if span else None


def _edited(base: str, edit: str, seed: int):
    named = sum(map(ord, base + edit))  # the same every time, unlike hash()
    return EDITS[edit](_frames(base), BASES[base].rate, np.random.default_rng([seed, named]))


def _render(base: str, edit: str, seed: int, path: Path) -> None:
    made = _edited(base, edit, seed)
    rate = made.rate_of(BASES[base].rate)
    footage.write(path, made.frames, rate, made.codec, made.options, size=made.size)


def _tell(base: str, edit: str, seed: int, path: Path) -> None:
    made = _edited(base, edit, seed)
    rate_a = BASES[base].rate
    rate_b = made.rate_of(rate_a)
    truth = [
        {
            "op": each.op,
            "a": [frame / rate_a for frame in each.a] if each.a else None,
            "b": [frame / rate_b for frame in each.b] if each.b else None,
            "box": each.box,
        }
        for each in made.truth
    ]
    durations = [len(_frames(base)) / rate_a, len(made.frames) / rate_b]
    path.write_text(json.dumps({"truth": truth, "transforms": made.transforms, "durations": durations}))
