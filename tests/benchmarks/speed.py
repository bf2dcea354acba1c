"""What taking a video in costs beyond decoding it."""

import tempfile
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

import av
import numpy as np

from tests import footage
from videos.analysis import analyse
from videos.diff.fingerprint import FingerprintWriter
from videos.diff.looks import summed_up
from videos.media.frames import decode, read_ahead
from videos.media.opening import open_container, video_stream

SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080)}
ROUNDS = 5
FRAMES = 500


def report_ingest() -> None:
    """Bare decode, the fingerprint alone and the whole of taking in, in turn, so that all see the same machine.

    Decoding is timed twice: in PyAV's plain loop as it comes, and by threads on every core, which leaves the others
    nothing to hide behind.
    """
    print("## Taking in against bare decode, frames a second and medians of paired runs\n")
    heads = ("material", "plain decode", "decode on every core", "fingerprint", "of plain", "of every core")
    heads += ("all of taking in", "of plain", "of every core")
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name, size in SIZES.items():
        path = footage.cached(f"speed-3:{name}", lambda path, size=size: _material(path, size))
        ways = (_plain_decode, _decode, _fingerprint, _take_in)
        runs = np.array([[way(path) for way in ways] for _ in range(ROUNDS)])
        plain, bare, prints, whole = FRAMES / np.median(runs, axis=0)
        print(f"| {name} | {plain:.0f} | {bare:.0f}", end="")
        for fps, seconds in ((prints, runs[:, 2:3]), (whole, runs[:, 3:4])):
            print(" | {:.0f} | {:.2f} | {:.2f}".format(fps, *np.median(runs[:, :2] / seconds, axis=0)), end="")
        print(" |")
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


def _fingerprint(path: Path) -> float:
    """The fingerprint as taking in makes it, with no pictures, clips or sound beside it."""
    begun = time.perf_counter()
    with tempfile.NamedTemporaryFile() as file, open_container(str(path)) as container:
        frames = closing(read_ahead(decode(container, video_stream(container))))
        with frames as shown, FingerprintWriter(Path(file.name), 0, 0, 0.0, 0.0) as writer:
            for times, records in summed_up(shown, lambda *frame: None):
                writer.add(times, records)
    return time.perf_counter() - begun


def _take_in(path: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        analyse(str(path), folder, lambda share: None)
        return time.perf_counter() - begun
