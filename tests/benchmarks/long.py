"""Measure the cost and accuracy of comparing films of 5, 20 and 60 minutes with edited copies.

A film is a list of clips, each generated from its seed: camera drift over a pattern, a talking head or still slides. In
`fresh` films no clip is repeated. In `repeating` films the same opening and a second of black come every four minutes,
and every third clip repeats an earlier one. The copy has another codec, half the size and one edit per minute.
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
from tests.benchmarks.fingerprints import fingerprint
from tests.benchmarks.generated.cases import Case, read_truth
from tests.benchmarks.generated.score import Score, judge

GENERATOR = 1  # increment when films or edits change
RATE = 24
WIDTH, HEIGHT = 640, 360
MINUTES = (5, 20, 60)
KINDS = ("fresh", "repeating")
TUNING_SEED, REPORTING_SEED = 0, 1  # films of the second seed are used only for reporting
CLIPS_A_SEED = 10_000_000
CODECS = {"a": ("libx264", {"preset": "ultrafast", "crf": "23"}), "b": ("mpeg4", {"b": "500k"})}
SIZES = {"a": (WIDTH, HEIGHT), "b": (WIDTH // 2, HEIGHT // 2)}
EVERY = 60 * RATE  # frames of A between edits
MARK = (slice(24, 84), slice(32, 152), 235)  # rows, columns and brightness of the overlay

Plane = NDArray[np.uint8]

MEASURE = """
import json, re, sys, time
from videos.diff.compare import compare
begun = time.perf_counter()
calls = [0.0]
script = compare(*sys.argv[1:5], regions=sys.argv[5] == "regions",
                 progress=lambda share: calls.append(time.perf_counter() - begun))
seconds = time.perf_counter() - begun
cpu_seconds = time.process_time()
print(json.dumps({
    "seconds": seconds, "cpu_seconds": cpu_seconds, "segments": script["segments"], "transforms": script["transforms"],
    "progress_gap": max(later - earlier for earlier, later in zip(calls, [*calls[1:], seconds])),
    "megabytes": int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024,
}))
"""


@dataclass(frozen=True)
class Shot:
    """Frames `first` to `last` (exclusive) of the clip of a seed. Seed -1 is black."""

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
    """A generated clip: frames of luma and two chroma planes, drawn from its seed."""

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
    """Return shots of 2 to 8 seconds, cut to exactly this many minutes."""
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
    """Return the frames from `start` to `end` (exclusive) of a film."""
    found, at = [], 0
    for shot in shots:
        first, last = max(0, start - at), min(len(shot), end - at)
        if first < last:
            found.append(shot.cut(first, last, marked))
        at += len(shot)
    return found


def edited(shots: Film, seed: int = TUNING_SEED) -> tuple[Film, list[dict]]:
    """Return the copy and its truth in frames: one edit in the middle of each minute, cycling through eight kinds."""
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

    def add_truth(
        op: str, a: tuple[int, int] | None, b: tuple[int, int] | None, box: list[float] | None = None
    ) -> None:
        truth.append({"op": op, "a": a, "b": b, "box": box})

    for number, at in enumerate(range(EVERY // 2, total, EVERY)):
        at += (37 * number) % RATE  # vary the fraction of the second
        kind = number % 8
        keep(at)
        position = length()
        if kind in (0, 4):  # inserted
            add(6 * RATE if kind == 0 else RATE // 2)
            add_truth("inserted", None, (position, length()))
        elif kind in (1, 5):  # deleted
            done = at + (5 * RATE if kind == 1 else RATE // 2)
            add_truth("deleted", (at, done), None)
        elif kind == 2:
            keep(at + 8 * RATE, marked=True)
            rows, columns = MARK[:2]
            box = [columns.start / WIDTH, rows.start / HEIGHT]
            box += [(columns.stop - columns.start) / WIDTH, (rows.stop - rows.start) / HEIGHT]
            add_truth("changed", (at, done), (position, length()), box)
        elif kind == 3:
            done = at + 4 * RATE
            add(4 * RATE)
            add_truth("changed", (at, done), (position, length()))
        elif kind == 6:  # moved by half a minute
            done = at + 6 * RATE
            keep(min(total, at + 24 * RATE))
            there = length()
            copy.extend(_between(shots, at, at + 6 * RATE))
            add_truth("moved", (at, at + 6 * RATE), (there, length()))
        else:
            done = at + 4 * RATE
            add(7 * RATE)
            add_truth("changed", (at, done), (position, length()))
    keep(total)
    return copy, truth


def case(minutes: int, kind: str, seed: int = TUNING_SEED) -> Case:
    """Return the pair, rendered once and cached, with its truth as JSON next to it."""
    key = f"long:{GENERATOR}:{minutes}:{kind}" + (f":{seed}" if seed else "")
    before = film(minutes, kind, seed)
    after, truth = edited(before, seed)
    a = footage.cached(f"{key}:a", lambda path: _write(path, before, "a"), ".mkv")
    b = footage.cached(f"{key}:b", lambda path: _write(path, after, "b"), ".mkv")
    stored_truth = json.loads(
        footage.cached(f"{key}:truth", lambda path: _write_truth(path, before, after, truth), ".json").read_text()
    )
    return Case(f"{minutes} min", kind, seed, a, b, tuple(stored_truth["durations"]), read_truth(stored_truth), ())


def _write_truth(path: Path, before: Film, after: Film, truth: list[dict]) -> None:
    for each in truth:
        for side in "ab":
            each[side] = each[side] and [frame / RATE for frame in each[side]]
    durations = [sum(map(len, shots)) / RATE for shots in (before, after)]
    path.write_text(json.dumps({"truth": truth, "durations": durations}))


def _write(path: Path, shots: Film, side: str) -> None:
    """Encode planes while they are drawn. Converting an hour from RGB would double the time."""
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
    """Compare two fingerprints in a separate process."""
    prints = [fingerprint(path) for path in (one.a, one.b)]
    command = [sys.executable, "-c", MEASURE, *prints, str(one.a), str(one.b), look]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict = json.loads(done.stdout)
    return answer


def report(minutes: tuple[int, ...] = MINUTES, seed: int = TUNING_SEED) -> None:
    print("## Long films and edited copies: one edit per minute, another codec, half the size\n")
    print(
        "| film | length | fingerprints, s (CPU) | with regions, s (CPU) | peak memory, MB "
        "| longest progress gap, s | F1 | correct kind | boundary error, median and p95, s | region IoU |\n"
        + "|---" * 10
        + "|"
    )
    for kind in KINDS:
        costs = []
        for length in minutes:
            one = case(length, kind, seed)
            quick, whole = measure(one, "prints"), measure(one, "regions")
            score = judge(one, whole["segments"], whole["seconds"], 1 / RATE)
            costs.append(quick["cpu_seconds"])
            print(_row(kind, length, quick, whole, score), flush=True)
        if len(minutes) > 1:
            exponent = np.polyfit(np.log(minutes), np.log(costs), 1)[0]
            print(f"\nCost of {kind} footage grows with duration to the power {exponent:.2f}.\n")


def _row(kind: str, length: int, quick: dict, whole: dict, score: Score) -> str:
    boundary = f"{np.median(score.boundary_errors):.3f}, {np.quantile(score.boundary_errors, 0.95):.3f}"
    box = f"{np.mean(score.boxes):.2f}" if score.boxes else ""
    gap = max(quick["progress_gap"], whole["progress_gap"])
    return (
        f"| {kind} | {length} min | {quick['seconds']:.1f} ({quick['cpu_seconds']:.1f}) "
        f"| {whole['seconds']:.1f} ({whole['cpu_seconds']:.1f}) | {quick['megabytes']:.0f}, "
        f"{whole['megabytes']:.0f} | {gap:.1f} | {score.f1:.3f} | {score.ops_correct} of {score.ops} "
        f"| {boundary} | {box} |"
    )
