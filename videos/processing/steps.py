"""Run the jobs of videos and comparisons. Only workers import this module, because it imports numpy and PyAV.

The steps are declared in `videos.processing.pipeline` and `videos.processing.comparison`. Each function works outside
any transaction, may run twice, and returns a function that writes its result.
"""

import hashlib
import time
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from sage.jobs.errors import JobPostponed, JobRejected
from sage.jobs.heartbeat import Heartbeat
from sage.jobs.registry import Save
from sage.providers.protocols import CLIPS_FILE, Clips
from sage.storage import FileLost, storage
from sage.storage.base import CHUNK
from videos.comparisons import clip_vectors, screen_text, words
from videos.diff.interval import Metric, compare_clips
from videos.diff.parallel import MOST_PROCESSES
from videos.diff.script.stored import StoredScript
from videos.fingerprint.format import RECORD
from videos.library import deduplication
from videos.media.browser_support import plays_in_browsers
from videos.models import Comparison, Job, Video
from videos.processing import embeddings, reanalysis
from videos.sandbox import runner, scratch

MAX_OUTPUT_BYTES = 64 * 1024**3  # of one decode pass
MEASURED = ("duration", "width", "height", "frame_rate")  # set by the probe, corrected by the decode pass
RENDITION_LIMITS = runner.SandboxLimits(wall_seconds=24 * 3600, cpu_seconds=48 * 3600, output_bytes=64 * 1024**3)


def probe(job: Job, heartbeat: Heartbeat) -> Save:
    """Read the properties of a file and check its SHA-256 against the declared one."""
    video = job.video
    assert video  # noqa: S101 - a probe has a video
    with scratch.open_job_folder(job) as folder, storage.local_copy(video.storage_key, folder, heartbeat) as path:
        sha256 = calculate_sha256(path, heartbeat)
        if video.sha256 not in ("", sha256):
            raise FileLost("The file was damaged during the upload: its SHA-256 differs. Upload the file again.")
        facts = runner.run_in_sandbox(
            "videos.media.probe:probe_video",
            {"path": str(path)},
            heartbeat,
            runner.SandboxLimits(wall_seconds=120, cpu_seconds=120),
            room=folder,
            reads=[path],
        )

    def save() -> None:
        Video.all_objects.filter(pk=video.pk).update(
            **{name: facts[name] for name in MEASURED},
            metadata=facts,
            sha256=sha256,
        )
        deduplication.share_stored_file(video, sha256)
        if not plays_in_browsers(facts):
            Job.objects.get_or_create(video=video, kind=Job.Kind.RENDITION, defaults={"after": job})

    return save


def calculate_sha256(path: Path, heartbeat: Heartbeat) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            heartbeat()
    return digest.hexdigest()


def calculate_limits(duration: float, frame_rate: float) -> runner.SandboxLimits:
    """Return the limits of the decode pass: twice the needs of a video with this declared duration and frame rate."""
    defaults = runner.SandboxLimits()
    frame_bytes = RECORD.itemsize + 8  # the fingerprint of a frame and its time
    return runner.SandboxLimits(
        wall_seconds=max(defaults.wall_seconds, 2 * duration),
        cpu_seconds=max(defaults.cpu_seconds, int(4 * duration)),
        output_bytes=min(MAX_OUTPUT_BYTES, max(defaults.output_bytes, 2 * int(duration * frame_rate * frame_bytes))),
    )


def ingest(job: Job, heartbeat: Heartbeat) -> Save:
    """Decode a video once and store its fingerprint, frame times, stills, sprites, waveform, poster and vectors."""
    video = job.video
    assert video  # noqa: S101 - an ingest has a video
    with scratch.open_job_folder(job) as folder:
        products = folder / "products"
        products.mkdir()
        with storage.local_copy(video.storage_key, folder, heartbeat) as path:
            facts = runner.run_in_sandbox(
                "videos.processing.analysis:analyse",
                {"path": str(path), "folder": str(products)},
                heartbeat,
                calculate_limits(video.duration or 0.0, video.frame_rate or 0.0),
                room=folder,
                reads=[path],
            )
        clips = Clips.load(products / CLIPS_FILE)
        (products / CLIPS_FILE).unlink()  # stored as rows
        for product in sorted(products.iterdir()):
            storage.put_file(video.derived_key(product.name), product, tick=heartbeat)

    def save() -> None:
        Video.all_objects.filter(pk=video.pk).update(
            **{name: facts[name] for name in MEASURED},
            frame_count=facts["frame_count"],
            stills=facts["stills"],
            shots=facts["shots"],
            has_sprites=True,
            has_waveform=facts["waveform"],
            fingerprint_version=facts["fingerprint_version"],
        )
        embeddings.store_vectors(video, clips)

    return save


def rendition(job: Job, heartbeat: Heartbeat) -> Save:
    """Transcode a video that browsers cannot play."""
    video = job.video
    assert video  # noqa: S101 - a rendition has a video
    with scratch.open_job_folder(job) as folder:
        target = folder / "web.mp4"
        with storage.local_copy(video.storage_key, folder, heartbeat) as path:
            runner.run_in_sandbox(
                "videos.media.rendition:write_rendition",
                {"path": str(path), "target": str(target)},
                heartbeat,
                RENDITION_LIMITS,
                room=folder,
                reads=[path],
            )
        storage.put_file(video.rendition_key, target, "video/mp4", tick=heartbeat)

    def save() -> None:
        Video.all_objects.filter(pk=video.pk).update(has_rendition=True)

    return save


def compare(job: Job, heartbeat: Heartbeat) -> Save:
    """Compare two videos."""
    comparison = job.comparison
    assert comparison  # noqa: S101 - a compare job has a comparison
    began = time.monotonic()
    for side, video in (("A", comparison.video_a), ("B", comparison.video_b)):
        if obstacle := reanalysis.describe_obstacle(side, video):
            raise JobRejected(obstacle)
    if comparison.mode == Comparison.Mode.INTERVAL:
        model = clip_vectors.choose_model(comparison)
        clip_vectors.wait_for_vectors(comparison, model)
        script = _compare_by_interval(comparison, model)
    else:
        with scratch.open_job_folder(job) as folder:
            script, model = _compare_by_content(comparison, folder, heartbeat), ""
    heartbeat()
    differing_words = words.compare_transcripts(comparison.video_a, comparison.video_b)
    seconds = round(time.monotonic() - began, 2)

    def save() -> None:
        Comparison.all_objects.filter(pk=comparison.pk).update(
            script=script, words=differing_words, embedding_model=model, seconds_taken=seconds
        )
        screen_text.refresh_comparison(comparison.pk)

    return save


def _compare_by_interval(comparison: Comparison, model: str) -> StoredScript:
    """Compare the stored vectors of the clips by `model`."""
    sides = []
    for video in (comparison.video_a, comparison.video_b):
        clips = embeddings.load_clips(video, model)
        if clips is None:
            raise JobPostponed  # it was deleted meanwhile, for example by a reanalysis
        sides.append(clips)
    metric: Metric = "euclidean" if comparison.metric == "euclidean" else "cosine"
    return compare_clips(sides[0], sides[1], metric, settings.COMPARISON_INTERVAL_THRESHOLD)


def _compare_by_content(comparison: Comparison, folder: Path, heartbeat: Heartbeat) -> StoredScript:
    """Run the engine in the sandbox and store its stills."""
    a, b = comparison.video_a, comparison.video_b
    pictures = folder / "pictures"
    pictures.mkdir()
    with ExitStack() as copies:
        files = {
            "fingerprint_a": a.derived_key("fingerprint.bin"),
            "fingerprint_b": b.derived_key("fingerprint.bin"),
            "media_a": a.storage_key,
            "media_b": b.storage_key,
        }
        arguments = {
            name: str(copies.enter_context(storage.local_copy(key, folder / "copies", heartbeat)))
            for name, key in files.items()
        }
        script: StoredScript = runner.run_in_sandbox(
            "videos.diff.compare:compare",
            {**arguments, "pictures": str(pictures)},
            heartbeat,
            runner.SandboxLimits(processes=MOST_PROCESSES),
            room=folder,
            reads=map(Path, arguments.values()),
        )
    for picture in sorted(pictures.iterdir()):
        storage.put_file(f"{comparison.pictures_key}/{picture.name}", picture, tick=heartbeat)
    return script
