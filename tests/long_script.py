"""Stored scripts with any number of segments, and a comparison page of one on a running site."""

import json
import os
import random
import subprocess
import sys
from typing import Any

from tests.servers import ROOT
from tests.site import Site

STORE = """
import json, sys, uuid
from accounts.models import User
from videos.models import Comparison, Job, Video
script = json.load(sys.stdin)
owner = User.objects.system()
sides = {
    side: Video.objects.create(
        owner=owner, title=f"Long cut {side}", filename="none.mp4", size=1, storage_key=f"videos/{uuid.uuid4()}",
        status=Video.Status.READY, duration=script[f"duration_{side}"], width=640, height=360,
    )
    for side in "ab"
}
made = Comparison.objects.create(owner=owner, video_a=sides["a"], video_b=sides["b"], script=script)
Job.objects.create(comparison=made, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)
print(f"made {made.pk}")
"""


def build_script(count: int, seed: int = 7) -> dict[str, Any]:
    """Return a stored script of `count` segments of about two seconds, with every op."""
    rng = random.Random(seed)
    rows: list[dict[str, Any]] = []
    at = {"a": 0.0, "b": 0.0}
    for _ in range(count):
        length = rng.uniform(0.5, 3.5)
        op = rng.choices(("matched", "inserted", "deleted", "moved"), (88, 5, 5, 2))[0]
        sides = {"matched": "ab", "inserted": "b", "deleted": "a", "moved": "b"}[op]
        spans: dict[str, Any] = {"a": None, "b": None}
        for side in sides:
            spans[side] = [round(at[side], 4), round(at[side] + length, 4)]
            at[side] = spans[side][1]
        if op == "moved":
            start = round(rng.uniform(0, at["a"]), 4)
            spans["a"] = [start, round(start + length, 4)]
        distance = round(min(rng.expovariate(12), 1.0), 4) if op == "matched" else None
        shown_op = op if distance is None else "changed" if distance >= 0.1 else "equal"
        boxes = [{"x": 0.6, "y": 0.1, "width": 0.2, "height": 0.2}] if rng.random() < 0.3 and distance else []
        if op == "moved" and length > 2:  # moved and changed
            distance, boxes = round(length / 10, 4), [{"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}]
        if boxes and len(rows) % 2:  # a change that moves
            boxes[0]["keyframes"] = [[at["b"], 0.6, 0.1, 0.1, 0.1], [at["b"] + length, 0.7, 0.2, 0.1, 0.1]]
        row = {"op": shown_op, **spans, "distance": distance, "severity": None, "regions": boxes}
        if op in ("deleted", "inserted") and length < 1.5:  # few frames, for the titles
            kind = "dropped_frames" if op == "deleted" else "doubled_frames" if length < 1 else None
            row |= {"frames": 1 + len(rows) % 3, "kind": kind}
        rows.append(row)
    return {
        "duration_a": at["a"],
        "duration_b": at["b"],
        "transforms": [],
        "threshold": 0.1,
        "similarity_percent": 0.0,
        "total_segments": count,
        "differing_segments": sum(row["op"] != "equal" for row in rows),
        "segments": rows,
    }


def create_page(site: Site, stored: dict[str, Any]) -> str:
    """Create a public comparison with this script and return its path. Its videos have no files."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", STORE],
        cwd=ROOT,
        env={**os.environ, **site.environment},
        input=json.dumps(stored),
        text=True,
        capture_output=True,
        check=True,
    )
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("made "))
    return f"/compare/{line.removeprefix('made ')}/"
