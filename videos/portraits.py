"""Draws the pictures of people, which come from strangers as videos do, in the same sandbox."""

import shutil
from pathlib import Path

from accounts.pictures import Unreadable
from videos import sandbox

LIMITS = sandbox.Limits(wall_seconds=30, cpu_seconds=20, memory_bytes=1024**3, output_bytes=4 * 1024**2, open_files=64)


def draw(source: Path, target: Path) -> None:
    """A small JPEG of the picture at `source`. Raises `Unreadable`."""
    room = target.parent / "room"
    room.mkdir()
    drawn = room / "drawn.jpg"
    try:
        arguments = {"path": str(source), "target": str(drawn)}
        sandbox.run("videos.media.portrait:draw", arguments, limits=LIMITS, room=room, reads=[source])
    except sandbox.Refused as refusal:
        raise Unreadable(str(refusal)) from refusal
    except sandbox.SandboxError as fault:
        raise Unreadable("This picture broke what reads it. Save it as PNG or JPEG, then choose it again.") from fault
    shutil.move(drawn, target)
