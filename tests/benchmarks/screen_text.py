"""Measure how well text on screen is read, and what it costs.

Titles in five kinds of font are drawn over moving footage. The thresholds are tuned on some titles and footage
(`--tuning`) and reported on others.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, partial
from itertools import chain, cycle, islice
from pathlib import Path
from statistics import median

import numpy as np
import skimage.data
from PIL import Image, ImageFont

from tests import footage
from tests.titles import Frame, Title, draw_titles
from videos.media.screen_text.reading import read_screen_text
from videos.media.screen_text.texts import fold_text
from videos.processing.analysis import analyse

RATE, WIDTH, HEIGHT = 25, 1280, 720
TOLERANCE_SECONDS = 0.25  # of the times at which a title begins and ends
FONTS = {  # of Debian's packages fonts-dejavu-core, fonts-dejavu-extra and fonts-liberation
    "serif": "liberation/LiberationSerif-Regular.ttf",
    "sans": "dejavu/DejaVuSans.ttf",
    "mono": "liberation/LiberationMono-Regular.ttf",
    "condensed bold": "liberation/LiberationSansNarrow-Bold.ttf",
    "italic": "dejavu/DejaVuSerif-Italic.ttf",
}
COST_CASES = (
    ("360p", (640, 360), True),
    ("720p", (1280, 720), True),
    ("720p", (1280, 720), False),
    ("1080p", (1920, 1080), True),
)
FOLDER = Path("/usr/share/fonts/truetype")
TUNING_TEXTS = (
    "Harbour at dawn", "Dr. Ines Moreau", "Episode 12: The Lock", "Take 3, camera B", "Call 555 0182",
    "Directed by K. Osei", "Quarterly results", "See you next week", "Chapter two", "Price: 49.90 EUR",
    "Recorded in Oslo, 1998", "Turn left at the mill",
)  # fmt: skip
REPORTING_TEXTS = (
    "Vale Trails", "Open every morning from 6:00", "Maria Lindqvist, editor", "The long way home", "Breaking news",
    "Written and produced by", "Net revenue rose by 14 %", "Version 2.0 is here", "Thursday, 26 November",
    "Music: Quiet Rivers", "What is a fjord?", "Subscribe for more", "Temperature in the hall", "Platform 9, track 4",
    "Thank you for watching", "Jonas Weber", "In association with", "Five minutes earlier", "All rights reserved",
    "www.valetrails.example", "Serves four people", "No service on Sunday", "Sound design", "Next: the glacier",
)  # fmt: skip
COLOURS = (("white", ""), ("#ffe45c", ""), ("white", "#000000b0"), ("#101010", "#f4f4f4d0"), ("white", "#14532d"))
PLACES = ((0.07, 0.80), (0.20, 0.42), (0.06, 0.06), (0.30, 0.66))


@dataclass(frozen=True)
class Clip:
    path: Path
    titles: Sequence[Title]


def report(tuning: bool) -> None:
    print(f"## Text on screen, {'tuning' if tuning else 'reporting'} titles over moving footage\n")
    print("| font | titles | characters found | characters right | times within 0.25 s |\n|---|---|---|---|---|")
    results = [(clip, _read(clip.path, _measure_seconds(clip.titles))) for clip in _render_clips(tuning)]
    for font in FONTS:
        _print_row(font, results, font)
    _print_row("all", results)
    print(f"\nLines where no title is: {sum(len(_find_false(clip, lines)) for clip, lines in results)}\n")
    _report_cost()


def _print_row(name: str, results: list[tuple[Clip, list[dict]]], font: str = "") -> None:
    found = total = read = right = times = titles = 0
    for clip, lines in results:
        for title in clip.titles:
            if font and title.load_font is not _load(font):
                continue
            line = _find_line(title, lines)
            truth, text = fold_text(title.text), fold_text(line["text"]) if line else ""
            same = sum(block.size for block in SequenceMatcher(None, truth, text, False).get_matching_blocks())
            found, total, read, right = found + same, total + len(truth), read + len(text), right + same
            titles += 1
            for moment, wanted in ((line["start"], title.start), (line["end"], title.end)) if line else ():
                times += abs(moment - wanted) <= TOLERANCE_SECONDS
        if not font:
            read += sum(len(fold_text(line["text"])) for line in _find_false(clip, lines))
    print(f"| {name} | {titles} | {found / total:.3f} | {right / max(1, read):.3f} | {times} of {2 * titles} |")


def _find_line(title: Title, lines: list[dict]) -> dict | None:
    """Return the line that shares the most time with a title and is at its place."""
    near = [line for line in lines if abs(line["box"][1] - title.place[1]) < 0.08 and _share(title, line) > 0]
    return max(near, key=partial(_share, title), default=None)


def _share(title: Title, line: dict) -> float:
    return min(title.end, line["end"]) - max(title.start, line["start"])


def _find_false(clip: Clip, lines: list[dict]) -> list[dict]:
    found = [_find_line(title, lines) for title in clip.titles]
    return [line for line in lines if line not in found]


def _render_clips(tuning: bool) -> list[Clip]:
    texts = TUNING_TEXTS if tuning else REPORTING_TEXTS
    clips = []
    for number, start in enumerate(range(0, len(texts), 6)):
        titles = _place_titles(texts[start : start + 6], 10 * number + (0 if tuning else 1000))
        name = f"screen-text-3:{tuning}:{number}"  # raise the number when the titles change
        path = footage.cached(name, lambda path, number=number, titles=titles: _render(path, tuning, number, titles))
        clips.append(Clip(path, titles))
    return clips


def _render(path: Path, tuning: bool, number: int, titles: Sequence[Title]) -> None:
    seconds = _measure_seconds(titles)
    if tuning:
        ground = footage.pixels("bikes", WIDTH, HEIGHT) if number % 2 else _pan("astronaut", seconds)
    else:
        ground = footage.pixels("bigbuckbunny", WIDTH, HEIGHT) if number % 2 else _pan("coffee", seconds)
    back_and_forth = chain.from_iterable(cycle((ground, ground[::-1])))
    frames = islice(back_and_forth, round(seconds * RATE))
    footage.write(path, draw_titles(frames, titles, RATE), RATE, options={"crf": "23"}, sound=True)


def _measure_seconds(titles: Sequence[Title]) -> float:
    return max(title.end for title in titles) + 1.5


def _place_titles(texts: Sequence[str], seed: int) -> list[Title]:
    """Return titles of 4 to 12 % of the height that follow each other, sometimes two at once."""
    rng, titles, moment = np.random.default_rng(seed), [], 0.6
    for index, text in enumerate(texts):
        place = PLACES[(seed + index) % len(PLACES)]
        length = float(rng.uniform(1.2, 3.5))
        start = round(moment * RATE) / RATE
        font = list(FONTS)[(seed // 10 + index) % len(FONTS)]
        size = min(float(rng.uniform(0.04, 0.12)), 1.5 * (0.98 - place[0]) / len(text) / 0.6)
        colour, plate = COLOURS[(seed // 10 + 2 * index) % len(COLOURS)]
        end = round((start + length) * RATE) / RATE
        fade = 0.2 if index % 3 == 2 else 0.0
        titles.append(Title(text, start, end, size, place, colour, plate, fade, _load(font)))
        moment += length * (0.5 if index % 4 == 1 else 1.0) + float(rng.uniform(0.1, 0.8))
    return titles


@cache
def _load(font: str) -> partial:
    path = FOLDER / FONTS[font]
    if not path.exists():
        raise SystemExit(f"There is no font at {path}. Install fonts-dejavu and fonts-liberation.")
    return partial(ImageFont.truetype, str(path))


def _pan(name: str, seconds: float) -> list[Frame]:
    """Return a camera movement over a photograph."""
    photo = Image.fromarray(getattr(skimage.data, name)())
    scale = 1.4 * max(WIDTH / photo.width, HEIGHT / photo.height)
    wide = photo.resize((round(photo.width * scale), round(photo.height * scale)))
    reach = np.array(wide.size) - (WIDTH, HEIGHT)
    steps = np.linspace(0, 1, round(seconds * RATE))
    corners = [(reach * (0.5 + 0.5 * np.sin([2 * step, 3 * step]))).astype(int) for step in steps]
    return [np.asarray(wide.crop((x, y, x + WIDTH, y + HEIGHT))) for x, y in corners]


def _read(path: Path, seconds: float) -> list[dict]:
    return read_screen_text(str(path), seconds, lambda share: None)


def _report_cost() -> None:
    """Print the time that text on screen takes as a share of ingest, for a minute of video."""
    print("| one minute of video | seconds of ingest | seconds of text on screen | share |\n|---|---|---|---|")
    for name, size, has_titles in COST_CASES:
        path = footage.cached(
            f"screen-text-cost:{name}:{has_titles}",
            lambda path, size=size, has_titles=has_titles: _render_minute(path, size, has_titles),
        )
        runs = [(_time_ingest(path), _time_reading(path)) for _ in range(3)]
        ingest, reading = median(run[0] for run in runs), median(run[1] for run in runs)
        kind = "with a title each 4 s" if has_titles else "without text"
        print(f"| {name}, {kind} | {ingest:.1f} | {reading:.1f} | {reading / ingest:.2f} |")
    print()


def _render_minute(path: Path, size: tuple[int, int], has_titles: bool) -> None:
    ground = footage.pixels("bigbuckbunny", 1280, 720)
    frames = islice(chain.from_iterable(cycle((ground, ground[::-1]))), 60 * RATE)
    texts = cycle(REPORTING_TEXTS)
    titles = [Title(next(texts), start, start + 2.5, 0.06) for start in range(1, 57, 4)] if has_titles else []
    footage.write(path, draw_titles(frames, titles, RATE), RATE, size=size, options={"crf": "20"}, sound=True)


def _time_ingest(path: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        analyse(str(path), folder, lambda share: None)
        return time.perf_counter() - began


def _time_reading(path: Path) -> float:
    began = time.perf_counter()
    _read(path, 60.0)
    return time.perf_counter() - began
