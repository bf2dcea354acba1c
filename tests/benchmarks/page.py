"""How smoothly the page of a long comparison zooms, pans and recolours, in headless Chromium on this machine."""

import shutil
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests import many
from tests.site import Site

SECONDS = 10
SEGMENTS = (150, 1000, 10_000)
LONGEST_MS = 33
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--mute-audio"]

# In turn a second of zooming in, of zooming out and of panning, at every frame; gaps between frames in milliseconds.
WHEEL = """async (seconds) => {
  const field = document.querySelector("#field");
  const box = field.getBoundingClientRect();
  const gaps = [];
  const where = { clientY: box.top + 50, bubbles: true, cancelable: true };
  const wheel = (how) => field.dispatchEvent(new WheelEvent("wheel", { ...how, ...where }));
  await new Promise((done) => {
    let began, last;
    const frame = (now) => {
      began ??= now;
      if (last !== undefined) gaps.push(now - last);
      last = now;
      const at = (now - began) / 1000;
      if (at > seconds) return done();
      const turn = Math.floor(at) % 3;
      const clientX = box.left + box.width * (0.5 + 0.4 * Math.sin(at));
      wheel(turn === 2 ? { deltaX: 40, clientX } : { deltaY: turn === 0 ? -60 : 60, clientX });
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  return gaps;
}"""

# The threshold dragged at every frame, to and fro over half of its range; gaps between frames in milliseconds.
DRAG = """async (seconds) => {
  const slider = document.querySelector("#threshold");
  const gaps = [];
  await new Promise((done) => {
    let began, last;
    const frame = (now) => {
      began ??= now;
      if (last !== undefined) gaps.push(now - last);
      last = now;
      const at = (now - began) / 1000;
      if (at > seconds) return done();
      slider.value = String(0.05 + 0.3 * Math.abs(Math.sin(2 * at)));
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  return gaps;
}"""
MOVED = {"zoom, pan": WHEEL, "threshold": DRAG}


def report() -> None:
    """Frames of ten seconds of zooming and panning, and of dragging; and what the server needs for the page."""
    print(f"## The page of a long comparison: {SECONDS} s of each, 1440 × 900\n")
    print("| segments | page, s | page, kB | moved | frames | median, ms | 99 %, ms | longest, ms | over 33 ms |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder) / "var").start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        try:
            for count in SEGMENTS:
                address = site.address + many.page_of(site, many.script(count))
                seconds, size = _fetched(address)
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                _open(page, address)
                for moved, how in MOVED.items():
                    gaps = sorted(page.evaluate(how, SECONDS))
                    middle, late = gaps[len(gaps) // 2], gaps[int(len(gaps) * 0.99)]
                    over = sum(gap > LONGEST_MS + 0.5 for gap in gaps)  # the clock ticks in sixtieths of a second
                    print(
                        f"| {count} | {seconds:.2f} | {size / 1000:.0f} | {moved} | {len(gaps)} | {middle:.1f} "
                        f"| {late:.1f} | {gaps[-1]:.1f} | {over} |"
                    )
                page.close()
        finally:
            browser.close()
            site.end()
    print()


def _fetched(address: str) -> tuple[float, int]:
    """The best of three: seconds until the whole page is there, and its bytes."""
    times, size = [], 0
    for _ in range(3):
        begun = time.perf_counter()
        with urllib.request.urlopen(address) as answer:
            size = len(answer.read())
        times.append(time.perf_counter() - begun)
    return min(times), size


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#compare[data-ready]", timeout=30_000)
    page.wait_for_timeout(1000)
