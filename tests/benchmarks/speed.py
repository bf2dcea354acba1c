"""What taking a video in costs beyond decoding it, and what ten minutes cost to compare."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests import footage
from tests.benchmarks.bases import HEIGHT, WIDTH, pan, photographs
from videos.diff.ingest import ingest
from videos.media.frames import decode
from videos.media.opening import open_container, video_stream

SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080)}
ROUNDS = 5
FRAMES = 500
RATE = 24
MINUTES = 10

MEASURE = """
import json, resource, sys, time
from videos.diff.compare import compare
from videos.diff.ingest import ingest
import os
begun = time.perf_counter()
for side, path in zip("ab", sys.argv[2:4]):
    os.mkdir(f"{sys.argv[1]}/{side}")
    ingest(path, f"{sys.argv[1]}/{side}", lambda share: None)
taken = time.perf_counter()
prints = [f"{sys.argv[1]}/{side}/fingerprint.bin" for side in "ab"]
script = compare(*prints, *sys.argv[2:4], regions=sys.argv[4] == "regions")
ended = time.perf_counter()
print(json.dumps({
    "ingest": taken - begun, "compare": ended - taken, "segments": script["segments"],
    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def report_ingest() -> None:
    """Bare decode and the whole of taking in, in turn, so that all see the same machine.

    Decoding is timed twice: in PyAV's plain loop as it comes, and by threads on every core, which leaves taking in
    nothing to hide behind.
    """
    print("## Taking in against bare decode, frames a second and medians of paired runs\n")
    print("| material | taking in | plain decode | ratio | decode on every core | ratio |\n|---|---|---|---|---|---|")
    for name, size in SIZES.items():
        path = footage.cached(f"speed-2:{name}", lambda path, size=size: _material(path, size))
        runs = np.array([(_take_in(path), _plain_decode(path), _decode(path)) for _ in range(ROUNDS)])
        whole, plain, bare = FRAMES / np.median(runs, axis=0)
        to_plain, to_bare = np.median(runs[:, 1:] / runs[:, :1], axis=0)
        print(f"| {name} | {whole:.0f} | {plain:.0f} | {to_plain:.2f} | {bare:.0f} | {to_bare:.2f} |")
    print()


def _material(path: Path, size: tuple[int, int]) -> None:
    there = footage.pixels("bigbuckbunny", 1280, 720)
    back_and_forth = (frame for turn in range(4) for frame in (there if turn % 2 == 0 else there[::-1]))
    footage.write(path, islice(back_and_forth, FRAMES), 25, size=size, options={"crf": "20"})


def _plain_decode(path: Path) -> float:
    begun = time.perf_counter()
    with av.open(str(path)) as container:
        for _ in container.decode(video=0):
            pass
    return time.perf_counter() - begun


def _decode(path: Path) -> float:
    begun = time.perf_counter()
    with open_container(str(path)) as container:
        for _ in decode(container, video_stream(container)):
            pass
    return time.perf_counter() - begun


def _take_in(path: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        ingest(str(path), folder, lambda share: None)
        return time.perf_counter() - begun


def report_long() -> None:
    """A film of ten minutes at 360p against its edited copy."""
    a, b = (footage.cached(f"long-1:{side}", lambda path, side=side: _long(path, side)) for side in "ab")
    print(f"## {MINUTES} minutes against their edited copy (an insertion, a deletion, a logo, other encoding)\n")
    print("| look | taking in both, s | comparing, s | peak memory, MB | script |\n|---|---|---|---|---|")
    for look in ("regions", "fingerprints only"):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-c", MEASURE, folder, str(a), str(b), look]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        ops = ", ".join(
            f"{segment['op']} {(segment['b'] or segment['a'])[0]:.2f}"
            for segment in told["segments"]
            if segment["op"] != "equal"
        )
        print(f"| {look} | {told['ingest']:.1f} | {told['compare']:.1f} | {told['megabytes']:.0f} | {ops} |")
    print("\nTruth: inserted 120.00, deleted at 296.00, changed 410.00 (times in B, or in A where deleted).\n")


def _long(path: Path, side: str) -> None:
    frames = _film() if side == "a" else _edited(_film())
    footage.write(path, frames, RATE, size=(640, 360), options={"crf": "21" if side == "a" else "28"})


def _film() -> Iterator[NDArray[np.uint8]]:
    """Shots of four seconds, each a drift of its own over a photograph."""
    names = photographs()
    for shot in range(MINUTES * 60 // 4):
        yield from pan(names[shot % len(names)], 4 * RATE, 5000 + shot)


def _edited(frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    for index, frame in enumerate(frames):
        seconds = index / RATE
        if index == 120 * RATE:
            yield from pan(photographs()[0], 10 * RATE, 99)
        if 296 <= seconds < 300:
            continue
        if 404 <= seconds < 424:  # shown 6 s later, after 10 s more and 4 s less
            frame = frame.copy()
            frame[10 : HEIGHT // 6, 10 : WIDTH // 6] = (240, 60, 30)
        yield frame
