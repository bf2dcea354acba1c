"""Two cuts of one film, and functions that upload and compare them in the browser."""

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

_comparison_addresses: dict[str, str] = {}  # by the address of their site


def render_cuts(folder: Path) -> list[Path]:
    """Render real footage as H.264: A is 640 × 360 at 24 frames per second, B is 480 × 270 at 29.97.

    B has an inserted shot at 6 s, a deleted shot after 12 s, and a card over the top right from 4 to 5.5 s.
    """
    paths = []
    for title, rate, size, shots in (
        (A_TITLE, A_RATE, (640, 360), _build_first_cut),
        (B_TITLE, B_RATE, (480, 270), _build_second_cut),
    ):
        created = footage.clip(title, partial(_convert_rate, shots, rate), rate=rate, size=size, sound=True)
        named = folder / f"{title}.mp4"
        if not named.exists():
            named.symlink_to(created)
        paths.append(named)
    return paths


def _build_first_cut() -> footage.Frames:
    bikes, bunny = (footage.pixels(name, 640, 360) for name in ("bikes", "bigbuckbunny"))
    return np.concatenate([bikes[:150], bikes[150:], bunny[:50], bunny[50:125]])


def _build_second_cut() -> footage.Frames:
    bikes, bunny = (footage.pixels(name, 640, 360).copy() for name in ("bikes", "bigbuckbunny"))
    card = bikes[100:138, 36:108, 440:600]
    card[:] = card * 0.6 + np.array((236, 190, 60)) * 0.4  # a distance of 0.45, below the highest threshold
    return np.concatenate([bikes[:150], footage.scene(50, 7, 640, 360), bikes[150:], bunny[50:125]])


def _convert_rate(shots: Callable[[], footage.Frames], rate: int | Fraction) -> footage.Frames:
    frames = shots()
    count = int(len(frames) / SOURCE_RATE * rate)
    return frames[(np.arange(count) * SOURCE_RATE / float(rate) + 0.001).astype(int)]


def open_comparison(page: Page, site: str, folder: Path, query: str = "") -> None:
    """Open Alice's comparison of both cuts. The first call for a site uploads and compares them."""
    if site not in _comparison_addresses:
        _comparison_addresses[site] = _find_comparison(page, site, folder)
    page.goto(_comparison_addresses[site] + query)
    page.wait_for_selector("#compare[data-ready]", timeout=60_000)


def _find_comparison(page: Page, site: str, folder: Path) -> str:
    """Return the address of Alice's comparison of both cuts. Upload and compare them first if that is not done yet."""
    page.goto(f"{site}/compare/")
    done = page.locator(".comparison a", has_text=re.compile(f"{A_TITLE}.*{B_TITLE}.*difference", re.DOTALL))
    if not done.count():
        ensure_videos(page, site, folder)
        pick_videos(page)
        page.click("#compare-bar [data-do=compare]")
        page.wait_for_selector("#compare", timeout=120_000)
        page.goto(f"{site}/compare/")
    return site + (done.first.get_attribute("href") or "")


def ensure_videos(page: Page, site: str, folder: Path) -> None:
    """Open the library and make sure that it has both cuts, ready."""
    page.goto(f"{site}/library/")
    missing = [path for path in render_cuts(folder) if not page.locator(card(path.stem)).count()]
    if missing:
        page.set_input_files("#upload input[type=file]", missing)
    for title in (A_TITLE, B_TITLE):
        page.wait_for_selector(f"{card(title)}.ready", timeout=120_000)


def pick_videos(page: Page) -> None:
    for side, title in (("a", A_TITLE), ("b", B_TITLE)):
        page.locator(f"{card(title)} .compare-choice input[name={side}]").check(force=True)


def card(title: str) -> str:
    return f'.card[data-title="{title}"]'
