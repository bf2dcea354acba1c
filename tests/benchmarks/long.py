"""Films of 5, 20 and 60 minutes against their edited copies: what comparing them costs, and how right it is.

A film is a list of clips, each drawn from its seed alone: drifts over a pattern, a talker before a wall, still slides.
In `fresh` no clip comes twice; in `repeating` the same opening runs every four minutes, every third clip is an earlier
one, and black lies in between. The copy has another codec and half the size, and an edit of some kind every minute.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests import footage
from tests.benchmarks.cases import Case, told_from
from tests.benchmarks.prints import fingerprint
from tests.benchmarks.score import Score, judge

GENERATOR = 1  # raise when films or edits change
RATE = 24
WIDTH, HEIGHT = 640, 360
MINUTES = (5, 20, 60)
KINDS = ("fresh", "repeating")
TUNING_SEED, REPORTING_SEED = 0, 1  # films of the second are reported on and never looked into
CLIPS_A_SEED = 10_000_000
CODECS = {"a": ("libx264", {"preset": "ultrafast", "crf": "23"}), "b": ("mpeg4", {"b": "500k"})}
SIZES = {"a": (WIDTH, HEIGHT), "b": (WIDTH // 2, HEIGHT // 2)}
EVERY = 60 * RATE  # frames of A from one edit to the next
MARK = (slice(24, 84), slice(32, 152), 235)  # rows, columns and brightness of the overlay

Plane = NDArray[np.uint8]

MEASURE = """
import json, re, sys, time
from videos.diff.compare import compare
begun = time.perf_counter()
calls = [0.0]
script = compare(*sys.argv[1:5], regions=sys.argv[5] == "regions",
                 progress=lambda share: calls.append(time.perf_counter() - begun))
took = time.perf_counter() - begun
worked = time.process_time()
print(json.dumps({
    "took": took, "worked": worked, "segments": script["segments"], "transforms": script["transforms"],
    "silent": max(later - earlier for earlier, later in zip(calls, [*calls[1:], took])),
    "megabytes": int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024,
}))
"""


@dataclass(frozen=True)
class Shot:
    """Frames `first` up to `last` of the clip of a seed; -1 is black."""

    seed: int
    first: int
    last: int
    marked: bool = False

    def __len__(self) -> int:
        return self.last - self.first

    def cut(self, first: int, last: int, marked: bool = False) -> "Shot":
        return Shot(self.seed, self.first + first, self.first + last, marked or self.marked)


Film = list[Shot]


class Clip:
    """Draws one clip: frames of luma and two planes of colour, from its seed."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([7, seed])
        self._kind = rng.choice(["drift", "talk", "slide"], p=[0.6, 0.25, 0.15])
        size = (2 * WIDTH, 2 * HEIGHT)
        coarse = rng.integers(30, 225, (int(rng.integers(6, 24)), int(rng.integers(8, 40))), np.uint8)
        self._ground = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))
        self._tint = rng.integers(96, 160, 2)
        self._start, self._speed = rng.uniform(0, 200, 2), rng.uniform(-1.5, 1.5, 2)
        self._pace, self._phase = rng.uniform(0.2, 1.3, (3, 2)), rng.uniform(0, 6.28, (3, 2))
        self._shade = rng.integers(20, 235, 3)

    def planes(self, index: int) -> tuple[Plane, Plane, Plane]:
        at = self._start + (self._speed * index if self._kind == "drift" else 0)
        x, y = (int(value) % room for value, room in zip(at, (WIDTH, HEIGHT), strict=True))
        luma = self._ground[y : y + HEIGHT, x : x + WIDTH].copy()
        if self._kind != "slide":
            for place, shade in enumerate(self._shade):
                wave = np.sin(self._pace[place] * index / RATE * 6.28 + self._phase[place])
                row, column = (int(value) for value in (wave * 0.15 + 0.5) * (HEIGHT, WIDTH))
                luma[row - 40 : row + 40, column - 40 - 20 * place : column + 40 + 20 * place] = shade
        colour = luma[::2, ::2] // 4
        return luma, colour + np.uint8(self._tint[0] - 32), colour + np.uint8(self._tint[1] - 32)


class Black(Clip):
    def __init__(self) -> None:
        pass

    def planes(self, index: int) -> tuple[Plane, Plane, Plane]:
        half = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
        return np.full((HEIGHT, WIDTH), 16, np.uint8), half, half


@lru_cache(maxsize=4)
def clip(seed: int) -> Clip:
    return Clip(seed) if seed >= 0 else Black()


def film(minutes: int, kind: str, seed: int = TUNING_SEED) -> Film:
    """Shots of 2 to 8 seconds, cut to exactly so many minutes."""
    rng = np.random.default_rng([minutes, KINDS.index(kind), *([seed] if seed else [])])
    fresh = iter(range(seed * CLIPS_A_SEED + minutes * 1000, 1 << 30))
    opening = [Shot(seed, 0, 3 * RATE) for seed in (1, 2, 3, 4, 5)]
    shots: Film = []
    total, next_opening = 0, 0
    while total < minutes * EVERY:
        if kind == "repeating" and total >= next_opening:
            new, next_opening = [*opening, Shot(-1, 0, RATE)], next_opening + 4 * EVERY
        elif kind == "repeating" and shots and rng.random() < 1 / 3:
            new = [shots[int(rng.integers(len(shots)))]]
        else:
            new = [Shot(next(fresh), 0, int(rng.integers(2 * RATE, 8 * RATE)))]
        shots += new
        total += sum(map(len, new))
    return _between(shots, 0, minutes * EVERY)


def _between(shots: Film, start: int, end: int, marked: bool = False) -> Film:
    """The frames from `start` up to `end` of a film."""
    found, at = [], 0
    for shot in shots:
        first, last = max(0, start - at), min(len(shot), end - at)
        if first < last:
            found.append(shot.cut(first, last, marked))
        at += len(shot)
    return found


def edited(shots: Film, seed: int = TUNING_SEED) -> tuple[Film, list[dict]]:
    """The copy and what was done to it, in frames: one edit in the middle of every minute, in turn of eight kinds."""
    copy: Film = []
    truth: list[dict] = []
    done = 0
    donors = iter(range((1 << 30) + seed * CLIPS_A_SEED, 1 << 31))
    total = sum(map(len, shots))

    def length() -> int:
        return sum(map(len, copy))

    def keep(to: int, marked: bool = False) -> None:
        nonlocal done
        copy.extend(_between(shots, done, to, marked))
        done = to

    def add(frames: int) -> None:
        copy.append(Shot(next(donors), 0, frames))

    def tell(op: str, a: tuple[int, int] | None, b: tuple[int, int] | None, box: list[float] | None = None) -> None:
        truth.append({"op": op, "a": a, "b": b, "box": box})

    for number, at in enumerate(range(EVERY // 2, total, EVERY)):
        at += (37 * number) % RATE  # not always on the same part of a second
        kind = number % 8
        keep(at)
        here = length()
        if kind in (0, 4):  # inserted
            add(6 * RATE if kind == 0 else RATE // 2)
            tell("inserted", None, (here, length()))
        elif kind in (1, 5):  # deleted
            done = at + (5 * RATE if kind == 1 else RATE // 2)
            tell("deleted", (at, done), None)
        elif kind == 2:
            keep(at + 8 * RATE, marked=True)
            rows, columns = MARK[:2]
            box = [columns.start / WIDTH, rows.start / HEIGHT]
            box += [(columns.stop - columns.start) / WIDTH, (rows.stop - rows.start) / HEIGHT]
            tell("changed", (at, done), (here, length()), box)
        elif kind == 3:
            done = at + 4 * RATE
            add(4 * RATE)
            tell("changed", (at, done), (here, length()))
        elif kind == 6:  # moved, half a minute on
            done = at + 6 * RATE
            keep(min(total, at + 24 * RATE))
            there = length()
            copy.extend(_between(shots, at, at + 6 * RATE))
            tell("moved", (at, at + 6 * RATE), (there, length()))
        else:
            done = at + 4 * RATE
            add(7 * RATE)
            tell("changed", (at, done), (here, length()))
    keep(total)
    return copy, truth


def case(minutes: int, kind: str, seed: int = TUNING_SEED) -> Case:
    """The pair, rendered once and kept; its truth lies beside it as JSON."""
    key = f"long:{GENERATOR}:{minutes}:{kind}" + (f":{seed}" if seed else "")
    before = film(minutes, kind, seed)
    after, truth = edited(before, seed)
    a = footage.cached(f"{key}:a", lambda path: _write(path, before, "a"), ".mkv")
    b = footage.cached(f"{key}:b", lambda path: _write(path, after, "b"), ".mkv")
    told = json.loads(
        footage.cached(f"{key}:truth", lambda path: _tell(path, before, after, truth), ".json").read_text()
    )
    return Case(f"{minutes} min", kind, seed, a, b, tuple(told["durations"]), told_from(told), ())


def _tell(path: Path, before: Film, after: Film, truth: list[dict]) -> None:
    for each in truth:
        for side in "ab":
            each[side] = each[side] and [frame / RATE for frame in each[side]]
    durations = [sum(map(len, shots)) / RATE for shots in (before, after)]
    path.write_text(json.dumps({"truth": truth, "durations": durations}))


def _write(path: Path, shots: Film, side: str) -> None:
    """Encode planes as they are drawn: an hour in RGB would take as long again to convert."""
    codec, options = CODECS[side]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, options={**options, "threads": "1"})
        (stream.width, stream.height), stream.pix_fmt = SIZES[side], "yuv420p"
        for count, planes in enumerate(_drawn(shots)):
            frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
            for plane, drawn in zip(frame.planes, planes, strict=True):
                np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : drawn.shape[1]] = drawn
            if SIZES[side] != (WIDTH, HEIGHT):
                frame = frame.reformat(*SIZES[side], interpolation="AREA")
            frame.pts, frame.time_base = count, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _drawn(shots: Film) -> Iterator[tuple[Plane, Plane, Plane]]:
    for shot in shots:
        source = clip(shot.seed)
        for index in range(shot.first, shot.last):
            planes = source.planes(index)
            if shot.marked:
                planes[0][MARK[0], MARK[1]] = MARK[2]
            yield planes


def measure(one: Case, look: str) -> dict:
    """A comparison in a process of its own."""
    prints = [fingerprint(path) for path in (one.a, one.b)]
    command = [sys.executable, "-c", MEASURE, *prints, str(one.a), str(one.b), look]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict = json.loads(done.stdout)
    return answer


def report(minutes: tuple[int, ...] = MINUTES, seed: int = TUNING_SEED) -> None:
    print("## Long films against their edited copies: an edit a minute, another codec, half the size\n")
    print(
        "| film | length | comparing fingerprints, s (of CPU) | with boxes, s (of CPU) | peak memory, MB "
        "| longest silence, s | F1 | right op | border, median and p95, s | box IoU |\n" + "|---" * 10 + "|"
    )
    for kind in KINDS:
        costs = []
        for length in minutes:
            one = case(length, kind, seed)
            quick, whole = measure(one, "prints"), measure(one, "regions")
            score = judge(one, whole["segments"], whole["took"], 1 / RATE)
            costs.append(quick["worked"])
            print(_row(kind, length, quick, whole, score), flush=True)
        if len(minutes) > 1:
            exponent = np.polyfit(np.log(minutes), np.log(costs), 1)[0]
            print(f"\nCost of {kind} footage grows with duration to the power {exponent:.2f}.\n")


def _row(kind: str, length: int, quick: dict, whole: dict, score: Score) -> str:
    border = f"{np.median(score.borders):.3f}, {np.quantile(score.borders, 0.95):.3f}"
    box = f"{np.mean(score.boxes):.2f}" if score.boxes else ""
    silent = max(quick["silent"], whole["silent"])
    return (
        f"| {kind} | {length} min | {quick['took']:.1f} ({quick['worked']:.1f}) "
        f"| {whole['took']:.1f} ({whole['worked']:.1f}) | {quick['megabytes']:.0f}, "
        f"{whole['megabytes']:.0f} | {silent:.1f} | {score.f1:.3f} | {score.ops_right} of {score.ops} "
        f"| {border} | {box} |"
    )
