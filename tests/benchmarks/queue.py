"""How fast queued videos are read by one worker, and by two."""

import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.torture import clips
from tests.torture.house import House


def report(count: int = 200) -> None:
    """The same tiny films each time, all queued before the first worker starts; one decoder a worker."""
    print(f"## {count} queued videos of 2 s, 160 × 90 (load {os.getloadavg()[0]:.1f} when begun)\n")
    print("| workers | seconds | videos a minute | scaling |\n|---|---|---|---|")
    folder = Path(tempfile.mkdtemp(prefix="sage-queue-"))
    house = House(folder / "house", worker_threads=1)
    try:
        house.build()
        alone = 0.0
        for workers in (1, 2):
            house.kill("worker")
            alice = house.visitor()
            for _ in range(count):
                alice.upload("film.mp4", clips.unlike(clips.plain()))
            house.start("worker")
            if workers == 2:
                house.hire("second")
            house.wait(lambda: house.rows("SELECT 1 FROM videos_job WHERE status = 'in_progress'"))
            began = time.perf_counter()
            house.settle_down(3600)
            seconds = time.perf_counter() - began
            alone = alone or seconds
            print(f"| {workers} | {seconds:.0f} | {60 * count / seconds:.0f} | {alone / seconds:.2f} |", flush=True)
    finally:
        house.pull_down()
        shutil.rmtree(folder)
    print()
