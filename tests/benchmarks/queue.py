"""Measure how fast one worker and two workers process queued videos."""

import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.faults import clips
from tests.faults.site import FaultSite


def report(count: int = 200) -> None:
    """Print the times for small films that are all queued before the first worker starts. Each worker decodes one."""
    print(f"## {count} queued videos of 2 s, 160 × 90 (load at start {os.getloadavg()[0]:.1f})\n")
    print("| workers | seconds | videos per minute | speed-up |\n|---|---|---|---|")
    folder = Path(tempfile.mkdtemp(prefix="sage-queue-"))
    site = FaultSite(folder / "site", worker_threads=1)
    try:
        site.build()
        one_worker = 0.0
        for workers in (1, 2):
            site.kill("worker")
            alice = site.sign_in()
            for _ in range(count):
                alice.upload("film.mp4", clips.with_unique_bytes(clips.plain()))
            site.start("worker")
            if workers == 2:
                site.start_worker("second")
            site.wait(lambda: site.rows("SELECT 1 FROM videos_job WHERE status = 'in_progress'"))
            began = time.perf_counter()
            site.wait_until_idle(3600)
            seconds = time.perf_counter() - began
            one_worker = one_worker or seconds
            print(
                f"| {workers} | {seconds:.0f} | {60 * count / seconds:.0f} | {one_worker / seconds:.2f} |", flush=True
            )
    finally:
        site.tear_down()
        shutil.rmtree(folder)
    print()
