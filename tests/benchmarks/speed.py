"""Measure what ingest costs beyond decoding."""

import tempfile
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

import av
import numpy as np

from tests import footage
from videos.fingerprint.format import FingerprintWriter
from videos.fingerprint.records import summarise_frames
from videos.media.demux import find_video_stream, open_container
from videos.media.frames import decode_frames, read_ahead
from videos.processing.analysis import analyse

SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080)}
ROUNDS = 5
FRAMES = 500


def report_ingest() -> None:
    """Print the speed of decoding, of the fingerprint alone and of the complete ingest.

    The measurements alternate, so that load affects all of them. Decoding is timed in PyAV's plain loop, and with
    threads on every core, which leave no idle core for other work.
    """
    print("## Ingest compared with decoding, in frames per second, medians of paired runs\n")
    heads = ("size", "plain decode", "decode on every core", "fingerprint", "/ plain", "/ every core")
    heads += ("complete ingest", "/ plain", "/ every core")
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name, size in SIZES.items():
        path = footage.cached(f"speed-3:{name}", lambda path, size=size: _render_material(path, size))
        ways = (_plain_decode, _decode, _fingerprint, _ingest)
        runs = np.array([[way(path) for way in ways] for _ in range(ROUNDS)])
        plain, threaded, prints, whole = FRAMES / np.median(runs, axis=0)
        print(f"| {name} | {plain:.0f} | {threaded:.0f}", end="")
        for fps, seconds in ((prints, runs[:, 2:3]), (whole, runs[:, 3:4])):
            print(" | {:.0f} | {:.2f} | {:.2f}".format(fps, *np.median(runs[:, :2] / seconds, axis=0)), end="")
        print(" |")
    print()


def _render_material(path: Path, size: tuple[int, int]) -> None:
    clip = footage.pixels("bigbuckbunny", 1280, 720)
    back_and_forth = (frame for turn in range(4) for frame in (clip if turn % 2 == 0 else clip[::-1]))
    footage.write(path, islice(back_and_forth, FRAMES), 25, size=size, options={"crf": "20"}, sound=True)


def _plain_decode(path: Path) -> float:
    started = time.perf_counter()
    with av.open(str(path)) as container:
        for _ in container.decode(video=0):
            pass
    return time.perf_counter() - started


def _decode(path: Path) -> float:
    started = time.perf_counter()
    with open_container(str(path)) as container:
        for _ in decode_frames(container, find_video_stream(container)):
            pass
    return time.perf_counter() - started


def _fingerprint(path: Path) -> float:
    """Run the fingerprint part of ingest, without stills, clips or audio."""
    started = time.perf_counter()
    with tempfile.NamedTemporaryFile() as file, open_container(str(path)) as container:
        frames = closing(read_ahead(decode_frames(container, find_video_stream(container))))
        with frames as shown, FingerprintWriter(Path(file.name), 0, 0, 0.0, 0.0) as writer:
            for times, records in summarise_frames(shown, lambda *frame: None):
                writer.add(times, records)
    return time.perf_counter() - started


def _ingest(path: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        analyse(str(path), folder, lambda share: None)
        return time.perf_counter() - started
