"""Measure how smoothly the page of a long comparison zooms, pans and recolours in headless Chromium."""

import shutil
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests import long_script
from tests.site import Site

SECONDS = 10
SEGMENTS = (150, 1000, 10_000)
LONGEST_MS = 33
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--mute-audio"]

# Zoom in, zoom out and pan for a second each, at every frame. Return the times between frames in milliseconds.
WHEEL = """async (seconds) => {
  const field = document.querySelector("#timeline-plot");
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

# Drag the threshold over half of its range at every frame. Return the times between frames in milliseconds.
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
INTERACTIONS = {"zoom, pan": WHEEL, "threshold": DRAG}


def report() -> None:
    """Print frame times of ten seconds of zooming, panning and dragging, and the server time of the page."""
    print(f"## Page of a long comparison: {SECONDS} s of each interaction, 1440 × 900\n")
    print("| segments | page, s | page, kB | interaction | frames | median, ms | 99 %, ms | longest, ms | over 33 ms |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder) / "var").start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        try:
            for count in SEGMENTS:
                address = site.address + long_script.create_page(site, long_script.build_script(count))
                seconds, size = _fetch(address)
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                _open(page, address)
                for interaction, how in INTERACTIONS.items():
                    gaps = sorted(page.evaluate(how, SECONDS))
                    median, late = gaps[len(gaps) // 2], gaps[int(len(gaps) * 0.99)]
                    over = sum(
                        gap > LONGEST_MS + 0.5 for gap in gaps
                    )  # frame times are multiples of a sixtieth of a second
                    print(
                        f"| {count} | {seconds:.2f} | {size / 1000:.0f} | {interaction} | {len(gaps)} | {median:.1f} "
                        f"| {late:.1f} | {gaps[-1]:.1f} | {over} |"
                    )
                page.close()
        finally:
            browser.close()
            site.stop()
    print()


def _fetch(address: str) -> tuple[float, int]:
    """Return the shortest of three times in seconds until the page is loaded, and its size in bytes."""
    times, size = [], 0
    for _ in range(3):
        started = time.perf_counter()
        with urllib.request.urlopen(address) as answer:
            size = len(answer.read())
        times.append(time.perf_counter() - started)
    return min(times), size


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#compare[data-ready]", timeout=30_000)
    page.wait_for_timeout(1000)
