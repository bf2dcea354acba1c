"""Version stacks with stored edit scripts, for tests of carried notes."""

import uuid
from typing import Any

from accounts.models import User
from videos.library import versions
from videos.models import Comparison, Job, Video

BOX = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}
Row = tuple[str, tuple[float, float] | None, tuple[float, float] | None]

# 0-10 equal, 10-20 deleted, 20-30 changed, 30-40 moved to the end, 40-60 equal
RECUT: list[Row] = [
    ("equal", (0, 10), (0, 10)),
    ("deleted", (10, 20), None),
    ("changed", (20, 30), (10, 20)),
    ("equal", (40, 60), (20, 40)),
    ("moved", (30, 40), (40, 50)),
]
SAME: list[Row] = [("equal", (0, 50), (0, 50))]


def build_script(rows: list[Row], **facts: Any) -> dict[str, Any]:
    """Return a stored script with the threshold 0.05. Changed segments have the distance 0.12 and one box."""
    segments = [
        {
            "op": op,
            "a": list(a) if a else None,
            "b": list(b) if b else None,
            "distance": {"equal": 0.01, "changed": 0.12, "moved": 0.02}.get(op),
            "severity": None if op == "equal" else "low",
            "regions": [BOX] if op == "changed" else [],
        }
        for op, a, b in rows
    ]
    return {
        "duration_a": max(a[1] for _, a, _ in rows if a),
        "duration_b": max(b[1] for _, _, b in rows if b),
        "transforms": [],
        "threshold": 0.05,
        "similarity_percent": 80.0,
        "total_segments": len(segments),
        "differing_segments": sum(segment["op"] != "equal" for segment in segments),
        "segments": segments,
        **facts,
    }


def create_version(owner: User, title: str, duration: float, of: Video | None = None) -> Video:
    """Create a ready upload without files, as the next version of another."""
    video = Video(
        owner=owner, title=title, filename="a.mp4", size=1, storage_key=f"videos/{uuid.uuid4()}",
        status=Video.Status.READY, duration=duration, frame_rate=25.0, width=640, height=360,
    )  # fmt: skip
    if of:
        versions.add_version(video, of)
    video.save()
    if of:
        of.refresh_from_db()
    return video


def compare(a: Video, b: Video, rows: list[Row], **fields: Any) -> Comparison:
    """Create a comparison with a stored script. Nothing is carried yet."""
    comparison = Comparison.objects.create(owner=a.owner, video_a=a, video_b=b, script=build_script(rows), **fields)
    Job.objects.create(comparison=comparison, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)
    return comparison
