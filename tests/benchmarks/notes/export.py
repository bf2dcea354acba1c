"""Measure the memory that an export of notes needs, while its parts are streamed."""

import asyncio
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.servers import LocalServers

COUNTS = (5_000, 50_000)
FORMATS = ("md", "csv", "json", "srt", "edl", "fcp7xml", "fcpxml", "avid")
MB = 1024**2


def report() -> None:
    """Print the growth of the resident memory of a process that exports, on a separate database."""
    servers = LocalServers()
    servers.start()
    try:
        _set_up()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        owners = {count: _create_notes(count) for count in COUNTS}
        print(f"## Export of notes (load at start {os.getloadavg()[0]:.1f})\n")
        print("| format | notes | file, MB | seconds | memory growth, MB |\n|---|---|---|---|---|")
        spawn = multiprocessing.get_context("spawn")
        for kind in FORMATS:
            for count, video_id in owners.items():
                with ProcessPoolExecutor(1, mp_context=spawn, initializer=_set_up) as process:
                    size, seconds, growth = process.submit(_export, kind, video_id).result()
                print(f"| {kind} | {count:,} | {size / MB:.1f} | {seconds:.1f} | {growth / MB:.1f} |", flush=True)
    finally:
        servers.stop()


def _set_up() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "sage.settings"
    django.setup()


def _create_notes(count: int) -> str:
    """Create a video with notes of a new user. Return the ID of the video."""
    from accounts.models import User
    from notes.models import Note
    from videos.models import Video

    owner = User.objects.create(email=f"{count}@example.org", name="Alice")
    video = Video.objects.create(
        owner=owner, title="Long film", status=Video.Status.READY, duration=100_000.0, frame_rate=25.0
    )
    text = "The logo appears a second too early, and its shadow is too dark. " * 2
    Note.objects.bulk_create(
        (Note(owner=owner, video=video, seconds=number * 1.5, text=f"{number}: {text}") for number in range(count)),
        batch_size=1_000,
    )
    return str(video.pk)


def _export(kind: str, video_id: str) -> tuple[int, float, int]:
    """Export the notes of a video. Return the bytes, the seconds and the growth of the resident memory in bytes.

    A first export of a few notes loads the code, which counts as the memory before.
    """
    from notes.exchange.exports import export_notes
    from notes.models import Note
    from videos.models import Video

    video = Video.objects.get(pk=video_id)
    notes = Note.objects.filter(video=video)

    def run(wanted: object) -> tuple[int, int]:
        response = export_notes(wanted, kind, "http://127.0.0.1:8000", video)  # type: ignore[arg-type]

        async def read_all() -> tuple[int, int]:
            size, most = 0, _read_memory()
            async for part in response.streaming_content:  # type: ignore[union-attr]
                size += len(part)
                most = max(most, _read_memory())
            return size, most

        return asyncio.run(read_all())

    run(notes.filter(seconds__lt=1_500))
    before, began = _read_memory(), time.monotonic()
    size, most = run(notes)
    return size, time.monotonic() - began, most - before


def _read_memory() -> int:
    """Return the resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
