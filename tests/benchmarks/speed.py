"""What taking a video in costs beyond decoding it."""

import tempfile
import time
from itertools import islice
from pathlib import Path

import av
import numpy as np

from tests import footage
from videos.analysis import analyse
from videos.media.frames import decode
from videos.media.opening import open_container, video_stream

SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080)}
ROUNDS = 5
FRAMES = 500


def report_ingest() -> None:
    """Bare decode and the whole of taking in, in turn, so that all see the same machine.

    Decoding is timed twice: in PyAV's plain loop as it comes, and by threads on every core, which leaves taking in
    nothing to hide behind.
    """
    print("## Taking in against bare decode, frames a second and medians of paired runs\n")
    print("| material | taking in | plain decode | ratio | decode on every core | ratio |\n|---|---|---|---|---|---|")
    for name, size in SIZES.items():
        path = footage.cached(f"speed-3:{name}", lambda path, size=size: _material(path, size))
        runs = np.array([(_take_in(path), _plain_decode(path), _decode(path)) for _ in range(ROUNDS)])
        whole, plain, bare = FRAMES / np.median(runs, axis=0)
        to_plain, to_bare = np.median(runs[:, 1:] / runs[:, :1], axis=0)
        print(f"| {name} | {whole:.0f} | {plain:.0f} | {to_plain:.2f} | {bare:.0f} | {to_bare:.2f} |")
    print()


def _material(path: Path, size: tuple[int, int]) -> None:
    there = footage.pixels("bigbuckbunny", 1280, 720)
    back_and_forth = (frame for turn in range(4) for frame in (there if turn % 2 == 0 else there[::-1]))
    footage.write(path, islice(back_and_forth, FRAMES), 25, size=size, options={"crf": "20"}, sound=True)


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
        analyse(str(path), folder, lambda share: None)
        return time.perf_counter() - begun
