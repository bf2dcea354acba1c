"""What is done for each kind of job, outside any transaction.

A step returns a function that writes its result; the queue calls that inside the transaction which completes the job.
Each step may run twice. Only workers import this: it brings what measures pictures with it, which the web has no use
for.
"""

import hashlib
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from sage.providers.base import CLIPS_FILE, Clips
from sage.providers.local import PerceptualEmbedder
from sage.storage import FileLost, storage
from sage.storage.base import CHUNK
from videos import embedding, rereading, same_bytes, sandbox, scratch
from videos.comparison import pictures_of
from videos.diff.fingerprint import RECORD
from videos.diff.interval import Metric, compare_clips
from videos.jobs import Save, Watch
from videos.media.playable import plays_in_browsers
from videos.models import Comparison, Job, Video

MOST_PRODUCTS = 64 * 1024**3
MEASURED = ("duration", "width", "height", "frame_rate")  # told by the probe, corrected by the decode pass
RENDERING = sandbox.Limits(wall_seconds=24 * 3600, cpu_seconds=48 * 3600, output_bytes=64 * 1024**3)


def probe(job: Job, watch: Watch) -> Save:
    """What kind of file is this, and are these the bytes that were sent?"""
    video = job.video
    assert video  # noqa: S101 - the database holds a probe to a video
    with scratch.folder_for(job) as folder, storage.local_copy(video.storage_key, folder, watch) as path:
        sha256 = checksum(path, watch)
        if video.sha256 not in ("", sha256):
            raise FileLost("What arrived is not what was sent: its SHA-256 is another. Upload the file again.")
        facts = sandbox.run(
            "videos.media.probe:probe",
            {"path": str(path)},
            watch,
            sandbox.Limits(wall_seconds=120, cpu_seconds=120),
            room=folder,
            reads=[path],
        )

    def save() -> None:
        Video.everything.filter(pk=video.pk).update(
            **{name: facts[name] for name in MEASURED},
            metadata=facts,
            sha256=sha256,
        )
        same_bytes.share(video, sha256)
        if not plays_in_browsers(facts):
            Job.objects.get_or_create(video=video, kind=Job.Kind.RENDITION, defaults={"after": job})

    return save


def checksum(path: Path, watch: Watch) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            watch()
    return digest.hexdigest()


def reading(duration: float, frame_rate: float) -> sandbox.Limits:
    """What the decode pass may use for a video that declares this length, with room for twice that."""
    least = sandbox.Limits()
    record = RECORD.itemsize + 8  # of each frame, with its time
    return sandbox.Limits(
        wall_seconds=max(least.wall_seconds, 2 * duration),
        cpu_seconds=max(least.cpu_seconds, int(4 * duration)),
        output_bytes=min(MOST_PRODUCTS, max(least.output_bytes, 2 * int(duration * frame_rate * record))),
    )


def ingest(job: Job, watch: Watch) -> Save:
    """The one decode pass: fingerprint, frame times, stills, sprites, waveform, poster and vectors of the clips."""
    video = job.video
    assert video  # noqa: S101 - the database holds an ingest to a video
    with scratch.folder_for(job) as folder:
        products = folder / "products"
        products.mkdir()
        with storage.local_copy(video.storage_key, folder, watch) as path:
            facts = sandbox.run(
                "videos.analysis:analyse",
                {"path": str(path), "folder": str(products)},
                watch,
                reading(video.duration or 0.0, video.frame_rate or 0.0),
                room=folder,
                reads=[path],
            )
        clips = Clips.load(products / CLIPS_FILE)
        (products / CLIPS_FILE).unlink()  # kept as rows
        for made in sorted(products.iterdir()):
            storage.put_file(video.derived_key(made.name), made, tick=watch)

    def save() -> None:
        Video.everything.filter(pk=video.pk).update(
            **{name: facts[name] for name in MEASURED},
            frame_count=facts["frame_count"],
            stills=facts["stills"],
            has_sprites=True,
            has_waveform=facts["waveform"],
            fingerprint_version=facts["fingerprint_version"],
        )
        embedding.store(video, clips)

    return save


def rendition(job: Job, watch: Watch) -> Save:
    """A copy for browsers, where they could not play the original."""
    video = job.video
    assert video  # noqa: S101 - the database holds a rendition to a video
    with scratch.folder_for(job) as folder:
        target = folder / "web.mp4"
        with storage.local_copy(video.storage_key, folder, watch) as path:
            sandbox.run(
                "videos.media.rendition:render",
                {"path": str(path), "target": str(target)},
                watch,
                RENDERING,
                room=folder,
                reads=[path],
            )
        storage.put_file(video.rendition_key, target, "video/mp4", tick=watch)

    def save() -> None:
        Video.everything.filter(pk=video.pk).update(has_rendition=True)

    return save


def compare(job: Job, watch: Watch) -> Save:
    """Hold two videos against each other."""
    comparison = job.comparison
    assert comparison  # noqa: S101 - the database holds a compare to a comparison
    began = time.monotonic()
    for side, video in (("A", comparison.video_a), ("B", comparison.video_b)):
        if waits := rereading.why_it_waits(side, video):
            raise sandbox.Refused(waits)
    if comparison.mode == Comparison.Mode.INTERVAL:
        script, model = _by_interval(comparison), PerceptualEmbedder.model
    else:
        with scratch.folder_for(job) as folder:
            script, model = _by_content(comparison, folder, watch), ""
    taken = round(time.monotonic() - began, 2)

    def save() -> None:
        Comparison.everything.filter(pk=comparison.pk).update(script=script, embedding_model=model, seconds_taken=taken)

    return save


def _by_interval(comparison: Comparison) -> dict[str, object]:
    """Clips against clips; nothing is decoded. Raises `sandbox.Refused` where a side has no vectors."""
    sides = []
    for side, video in (("A", comparison.video_a), ("B", comparison.video_b)):
        clips = embedding.clips_of(video, PerceptualEmbedder.model)
        if clips is None:
            raise sandbox.Refused(
                f"Video {side} has to be read again before it can be compared in this way. Retry later."
            )
        sides.append(clips)
    metric: Metric = "euclidean" if comparison.metric == "euclidean" else "cosine"
    return compare_clips(sides[0], sides[1], metric, settings.COMPARISON_INTERVAL_THRESHOLD)


def _by_content(comparison: Comparison, folder: Path, watch: Watch) -> dict[str, object]:
    """Run the engine on both sides and keep its pictures."""
    a, b = comparison.video_a, comparison.video_b
    pictures = folder / "pictures"
    pictures.mkdir()
    with ExitStack() as held:
        files = {
            "fingerprint_a": a.derived_key("fingerprint.bin"),
            "fingerprint_b": b.derived_key("fingerprint.bin"),
            "media_a": a.storage_key,
            "media_b": b.storage_key,
        }
        arguments = {
            name: str(held.enter_context(storage.local_copy(key, folder / "copies", watch)))
            for name, key in files.items()
        }
        script = sandbox.run(
            "videos.diff.compare:compare",
            {**arguments, "pictures": str(pictures)},
            watch,
            room=folder,
            reads=map(Path, arguments.values()),
        )
    for picture in sorted(pictures.iterdir()):
        storage.put_file(f"{pictures_of(comparison)}/{picture.name}", picture, tick=watch)
    return dict(script)


STEPS: dict[Job.Kind, Callable[[Job, Watch], Save]] = {
    Job.Kind.PROBE: probe,
    Job.Kind.INGEST: ingest,
    Job.Kind.RENDITION: rendition,
    Job.Kind.COMPARE: compare,
}
