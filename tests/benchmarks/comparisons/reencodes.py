"""Measure false alarms where nothing was edited: long takes in which the camera starts and stops, encoded again.

Such takes lose detail at a rate that changes with the movement, and from one key frame to the next.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from tests import footage
from tests.benchmarks.engine import REPORTING_SEED, run_script
from tests.benchmarks.generated.bases import Frames, grainy, photograph, photographs
from tests.benchmarks.generated.cases import Case
from tests.benchmarks.generated.score import judge

GENERATOR = 3  # increment when footage or encodings change
WIDTH, HEIGHT, RATE, SECONDS = 640, 360, 24, 60
FILMS, FULL_FILMS = 2, 12
SHOT_SECONDS = (0.8, 6.0)
GRAIN = 2.5  # levels
SHARES = (0.4, 0.4, 0.2)  # of the shots: photographs, smooth pictures and clips
FIRST_ENCODING = {"crf": "26", "preset": "medium"}  # of the film, H.264
ENCODINGS = {  # codec, options and size
    "H.264, crf 30": ("libx264", {"crf": "30", "preset": "medium"}, (WIDTH, HEIGHT)),
    "H.264, 480 x 270": ("libx264", {"crf": "26", "preset": "veryfast"}, (480, 270)),
    "H.264, 960 x 540": ("libx264", {"crf": "34", "preset": "fast"}, (960, 540)),
    "HEVC, crf 33": (
        "libx265",
        {"crf": "33", "preset": "veryfast", "x265-params": "log-level=none:pools=1"},
        (WIDTH, HEIGHT),
    ),
    "VP9, crf 45": (
        "libvpx-vp9",
        {"crf": "45", "b": "0", "deadline": "realtime", "cpu-used": "7"},
        (WIDTH, HEIGHT),
    ),
    "MPEG-2, 1.5 Mbit/s": ("mpeg2video", {"b": "1500k"}, (WIDTH, HEIGHT)),
    "MPEG-4, 0.8 Mbit/s": ("mpeg4", {"b": "800k"}, (WIDTH, HEIGHT)),
}


def film(seed: int) -> Frames:
    """Return shots of clips, and of pictures over which a camera moves that starts and stops."""
    rng = np.random.default_rng(seed)
    shots: list[Frames] = []
    while sum(map(len, shots)) < SECONDS * RATE:
        count = round(rng.uniform(*SHOT_SECONDS) * RATE)
        kind = int(rng.choice(len(SHARES), p=SHARES))
        if kind == 2:
            shots.append(_cut_clip(count, rng))
        else:
            grain = GRAIN if kind == 0 else 0.0
            picture = photograph(str(rng.choice(photographs()))) if kind == 0 else _paint_smoothly(rng)
            shots.append(_ease(picture, count, rng, grain))
    return np.concatenate(shots)[: SECONDS * RATE]


def _cut_clip(count: int, rng: np.random.Generator) -> Frames:
    """Return at most `count` frames of a part of a real clip."""
    clip = footage.pixels(str(rng.choice(["bikes", "bigbuckbunny", "carphone_pristine"])), WIDTH, HEIGHT)
    first = int(rng.integers(0, max(1, len(clip) - count)))
    size = rng.uniform(0.6, 1.0)
    corner = rng.uniform(0, 1 - size, 2)
    box = np.array([*corner, *(corner + size)]) * (WIDTH, HEIGHT, WIDTH, HEIGHT)
    return np.stack(
        [
            np.asarray(Image.fromarray(picture).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC, tuple(box)))
            for picture in clip[first : first + count]
        ]
    )


def _paint_smoothly(rng: np.random.Generator) -> Image.Image:
    """Return a picture of colours that flow into one another, at several scales."""
    size = 900, 600
    painted = np.zeros((size[1], size[0], 3))
    for octave in range(5):
        coarse = rng.uniform(0, 255, (4 << octave, 6 << octave, 3)).astype(np.uint8)
        painted += np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), float) / 2**octave
    low, high = painted.min(axis=(0, 1)), painted.max(axis=(0, 1))
    return Image.fromarray(((painted - low) / (high - low) * 255).astype(np.uint8))


def _ease(picture: Image.Image, count: int, rng: np.random.Generator, grain: float) -> Frames:
    """Return a movement of a camera over a picture, which starts and stops, with grain."""
    widths = rng.uniform(0.4, 0.9, 2) * min(picture.width, picture.height * WIDTH / HEIGHT)
    corners = rng.uniform(0, 1, (2, 2))
    frames = []
    for index in range(count):
        part = index / max(1, count - 1)
        part = part * part * (3 - 2 * part)
        width = widths[0] + (widths[1] - widths[0]) * part
        box = np.array([width, width * HEIGHT / WIDTH])
        corner = (corners[0] + (corners[1] - corners[0]) * part) * (np.array(picture.size) - box)
        view = picture.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC, (*corner, *(corner + box)))
        frames.append(grainy(np.asarray(view), rng, grain))
    return np.stack(frames)


@lru_cache(maxsize=1)
def _frames(seed: int) -> Frames:
    return film(seed)


def list_cases(seed: int) -> Iterator[Case]:
    """Yield a film with each of its encodings."""
    name = f"reencodes-{GENERATOR}:{seed}"
    a = footage.cached(name, lambda path: footage.write(path, _frames(seed), RATE, options=FIRST_ENCODING))
    for encoding, (codec, options, size) in ENCODINGS.items():

        def write(path: Path, codec: str = codec, options: dict = options, size: tuple[int, int] = size) -> None:
            footage.write(path, _frames(seed), RATE, codec, options, size=size)

        b = footage.cached(f"{name}:{encoding}", write)
        yield Case(f"takes-{seed}", encoding, seed, a, b, (SECONDS, SECONDS), (), ())


def report(full: bool, tuning: bool) -> None:
    """Print a table of false alarms by encoding."""
    first = 1 if tuning else REPORTING_SEED
    seeds = range(first, first + (FULL_FILMS if full else FILMS))
    print(
        f"## Long takes encoded again: {len(seeds) * len(ENCODINGS)} pairs, "
        f"{'tuning' if tuning else 'reporting'} cases\n"
    )
    alarms: dict[str, list[float]] = {encoding: [] for encoding in ENCODINGS}
    for each in (case for seed in seeds for case in list_cases(seed)):
        script, seconds = run_script(each)
        alarms[each.edit].append(judge(each, script["segments"], seconds).false_alarm)
    print("| encoding | false alarms | pairs with any |\n|---|---|---|")
    for encoding, shares in [*alarms.items(), ("all", [share for each in alarms.values() for share in each])]:
        print(f"| {encoding} | {np.mean(shares):.4f} | {sum(share > 0 for share in shares)} of {len(shares)} |")
    print()
