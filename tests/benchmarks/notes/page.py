"""Measure the page of a video with 2,000 notes and 5,000 lines of a transcript."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.footage import real
from tests.servers import ROOT
from tests.site import Site

NOTES, CUES = 2_000, 5_000
DURATION = 7_200.0  # seconds that the rows of the video name; its file is shorter
TRIES = 5
LONG_TASK_MS = 50  # from which browsers report a task as long
EMAIL, PASSWORD = "bench@example.org", "correct horse battery"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--mute-audio"]
FILL = """
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from accounts.models import User
from notes.models import Note
from videos.models import Cue, Transcript, Video
owner = User.objects.create_user({email!r}, {password!r}, name="Bench")
video = Video.objects.create(
    owner=owner, title="Interview", filename="f.mp4", size=1, storage_key="uploads/bench", duration={duration},
    status="ready", content_type="video/mp4", has_transcript=True,
)
from sage.storage import storage
from pathlib import Path
storage.put_file(video.storage_key, Path({film!r}))
client = Client(headers={{"host": "127.0.0.1"}})
client.force_login(owner)
def count_queries():
    client.get(f"/videos/{{video.pk}}/")
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/videos/{{video.pk}}/")
    return len(queries)
transcript = Transcript.objects.create(video=video, source="uploaded", language="en")
step = {duration} / {cues}
Cue.objects.bulk_create(
    Cue(transcript=transcript, start=step * n, end=step * (n + 1), text=f"Line {{n}} of what is said.")
    for n in range({cues})
)
text = "The **title** is too early, see [the script](https://example.org/{{0}})."
def add_notes(count):
    Note.objects.bulk_create(
        Note(
            owner=owner, video=video, seconds=n * {duration} / count, text=text.format(n),
            tags=["title"] if n % 9 == 0 else [],
            end_seconds=n * {duration} / count + 2 if n % 5 == 0 else None, done=n % 4 == 0,
        ) for n in range(count)
    )
add_notes(10)
few = count_queries()
Note.objects.all().delete()
add_notes({notes})
print(video.pk, few, count_queries())
"""
# Collect long tasks from the start of the page.
OBSERVE = """window.longTasks = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longTasks.push([entry.startTime, entry.duration]);
}).observe({ type: "longtask", buffered: true });"""
READY = """() => document.querySelector("#player[data-ready]") !== null"""


def report() -> None:
    """Print the queries, the server time, the time to interactive, and the long tasks while typing and seeking."""
    print(f"## Page of a video with {NOTES:,} notes and {CUES:,} lines, 1440 × 900\n")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder) / "var").start()
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"), args=ARGUMENTS
        )
        try:
            video_id, few, many = _fill(site)
            context = browser.new_context(base_url=site.address, viewport={"width": 1440, "height": 900})
            context.add_init_script(OBSERVE)
            _log_in(context)
            seconds, size = _fetch(context, video_id)
            page = context.new_page()
            interactive = _open(page, video_id)
            print(
                "| queries with 10 and 2,000 notes | server, s | page, kB | time to interactive, s |\n|---|---|---|---|"
            )
            print(f"| {few}, {many} | {seconds:.2f} | {size / 1000:.0f} | {interactive:.2f} |\n")
            print("| interaction | long tasks | longest, ms |\n|---|---|---|")
            for name, interact in (("type 60 characters", _type), ("seek 40 times", _seek), ("find a word", _find)):
                tasks = _measure_tasks(page, interact)
                print(f"| {name} | {len(tasks)} | {max(tasks, default=0):.0f} |")
        finally:
            browser.close()
            site.stop()
    print()


def _fill(site: Site) -> tuple[str, int, int]:
    """Create the video, and return its ID and the queries of its page with few and with many notes."""
    code = FILL.format(
        email=EMAIL, password=PASSWORD, duration=DURATION, cues=CUES, notes=NOTES, film=str(real("bigbuckbunny"))
    )
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
    run = subprocess.run(command, cwd=ROOT, env=site.environment, check=True, capture_output=True, text=True)
    video_id, few, many = run.stdout.split()[-3:]
    return video_id, int(few), int(many)


def _log_in(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/account/login/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/library/")
    page.close()


def _fetch(context: BrowserContext, video_id: str) -> tuple[float, int]:
    """Return the shortest time in seconds until the page is loaded, and its size in bytes."""
    times, size = [], 0
    for _ in range(TRIES):
        started = time.perf_counter()
        size = len(context.request.get(f"/videos/{video_id}/").body())
        times.append(time.perf_counter() - started)
    return min(times), size


def _open(page: Page, video_id: str) -> float:
    """Open the page, and return the seconds until the player is ready and the last long task of the start has ended."""
    page.goto(f"/videos/{video_id}/?panel=notes")
    page.wait_for_function(READY)
    page.wait_for_timeout(3000)
    ready, tasks = page.evaluate(
        "() => [performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd, window.longTasks]"
    )
    return max([ready, *(start + length for start, length in tasks)]) / 1000


def _measure_tasks(page: Page, interact) -> list[float]:
    """Return the durations in milliseconds of the long tasks while a function uses the page."""
    page.evaluate("() => { window.longTasks.length = 0; }")
    interact(page)
    page.wait_for_timeout(500)
    return [length for _, length in page.evaluate("() => window.longTasks") if length >= LONG_TASK_MS]


def _type(page: Page) -> None:
    page.keyboard.press("n")
    page.keyboard.type("The quick brown fox jumps over the lazy dog and over the fence", delay=30)
    page.keyboard.press("Escape")


def _seek(page: Page) -> None:
    for _ in range(20):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)
        page.keyboard.press("Home")
        page.wait_for_timeout(50)


def _find(page: Page) -> None:
    page.locator(".notes-find [type=search]").press_sequentially("title", delay=60)
    page.wait_for_timeout(300)
    page.keyboard.press("Escape")
