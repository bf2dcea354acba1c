"""Two cuts of one film as files, and the ways of the browser tests to get them compared."""

import re
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from tests import footage

A_TITLE, B_TITLE = "First cut", "Second cut"
A_RATE, B_RATE = 24, Fraction(30000, 1001)
SOURCE_RATE = 25
LONGEST_FRAME = 1 / A_RATE


def cuts(folder: Path) -> list[Path]:
    """Real footage as H.264: A is 640 × 360 at 24 frames a second, B 480 × 270 at 29.97.

    In B a shot is inserted at 6 s, one of A's is deleted after 12 s, and a card covers the top right from 4 to 5.5 s.
    """
    paths = []
    for title, rate, size, shots in (
        (A_TITLE, A_RATE, (640, 360), _first),
        (B_TITLE, B_RATE, (480, 270), _second),
    ):
        made = footage.clip(title, partial(_at, shots, rate), rate=rate, size=size, sound=True)
        named = folder / f"{title}.mp4"
        if not named.exists():
            named.symlink_to(made)
        paths.append(named)
    return paths


def _first() -> footage.Frames:
    bikes, bunny = (footage.pixels(name, 640, 360) for name in ("bikes", "bigbuckbunny"))
    return np.concatenate([bikes[:150], bikes[150:], bunny[:50], bunny[50:125]])


def _second() -> footage.Frames:
    bikes, bunny = (footage.pixels(name, 640, 360).copy() for name in ("bikes", "bigbuckbunny"))
    bikes[100:138, 36:108, 440:600] = (236, 190, 60)
    return np.concatenate([bikes[:150], footage.scene(50, 7, 640, 360), bikes[150:], bunny[50:125]])


def _at(shots: Callable[[], footage.Frames], rate: int | Fraction) -> footage.Frames:
    frames = shots()
    count = int(len(frames) / SOURCE_RATE * rate)
    return frames[(np.arange(count) * SOURCE_RATE / float(rate) + 0.001).astype(int)]


def open_comparison(page: Page, site: str, folder: Path, query: str = "") -> None:
    """The comparison of both cuts, alive; they are uploaded and compared where Alice has not done so yet."""
    page.goto(f"{site}/compare/")
    done = page.locator(".comparison a", has_text=re.compile(f"{A_TITLE}.*{B_TITLE}.*difference", re.DOTALL))
    if not done.count():
        have_videos(page, site, folder)
        pick(page)
        page.click("#pick [data-do=compare]")
        page.wait_for_selector("#compare", timeout=120_000)
        page.goto(f"{site}/compare/")
    page.goto(site + (done.first.get_attribute("href") or "") + query)
    page.wait_for_selector("#compare[data-ready]", timeout=30_000)


def have_videos(page: Page, site: str, folder: Path) -> None:
    """The library, with both cuts ready in it."""
    page.goto(f"{site}/library/")
    missing = [path for path in cuts(folder) if not page.locator(card(path.stem)).count()]
    if missing:
        page.set_input_files("#upload input[type=file]", missing)
    for title in (A_TITLE, B_TITLE):
        page.wait_for_selector(f"{card(title)}.ready", timeout=120_000)


def pick(page: Page) -> None:
    for side, title in (("a", A_TITLE), ("b", B_TITLE)):
        page.locator(f"{card(title)} .picks input[name={side}]").check(force=True)


def card(title: str) -> str:
    return f'.card[data-title="{title}"]'
