"""What a video needs, in which order, and what each step does.

Each step works outside any transaction and returns a function that writes its result; the queue calls that inside the
transaction which completes the job. Each step may run twice.
"""

import hashlib
import logging
import uuid
from collections.abc import Callable
from pathlib import Path

from celery import current_app
from django.db import transaction

from sage.errors import Conflict, InsufficientTokens
from sage.providers.base import CLIPS_FILE, Clips
from sage.storage import FileLost, StorageAway, storage
from sage.storage.base import CHUNK
from videos import charging, comparison, embedding, jobs, notices, same_bytes, sandbox, scratch, versions
from videos.diff.fingerprint import RECORD
from videos.jobs import Save, Watch
from videos.media.errors import FULL
from videos.media.playable import plays_in_browsers
from videos.models import Job, Notice, Video

log = logging.getLogger(__name__)

ORDER = (Job.Kind.PROBE, Job.Kind.INGEST)
TOO_MUCH = "This takes more time, memory or room than one file may use. Export it shorter or smaller, then upload that."
NO_ROOM = "The disk that Sage works on is full. Ask its operator to make room; then this goes on by itself."
NEEDED = ORDER  # for a video to be ready
MOST_PRODUCTS = 64 * 1024**3
RENDERING = sandbox.Limits(wall_seconds=24 * 3600, cpu_seconds=48 * 3600, output_bytes=64 * 1024**3)
TROUBLE = {
    Job.Kind.PROBE: "Sage could not look into this file: its decoder stopped. Export it again, then upload that.",
    Job.Kind.INGEST: "Sage could not read these pictures: the decoder stopped. Export it again, then upload that.",
    Job.Kind.RENDITION: "Sage could not make a copy that browsers play. The original is kept; retry, or download it.",
    Job.Kind.COMPARE: "The comparison stopped unexpectedly. Both videos are kept; retry it.",
}


def begin(video: Video) -> None:
    """Queue everything that a new video needs. Call it in the transaction that makes the row."""
    before = None
    for kind in ORDER:
        before = Job.objects.create(video=video, kind=kind, after=before)
        if before.after is None:
            jobs.nudge(before)


def run(job_id: uuid.UUID | str) -> None:
    """Do one job, if it is there to be done. Never raises for what a video or a vendor does wrong."""
    jobs.heard(job_id)
    job = jobs.claim(job_id, settle)
    if job is None:
        return
    try:
        save = STEPS[Job.Kind(job.kind)](job, Watch(job))
        if not jobs.finish(job, save, settle):
            raise jobs.LostLease
    except jobs.LostLease:
        log.info("pipeline: %s was taken away", job.pk)
        comparison.clear_up(job)
    except jobs.Stopping:
        jobs.let_go(job)
    except (sandbox.Refused, FileLost) as error:
        jobs.fail(job, str(error), settle)
        comparison.clear_up(job)
    except sandbox.UsedUp as error:
        log.warning("pipeline: %s of %s: %s", job.kind, job.pk, error)
        jobs.fail(job, TROUBLE[Job.Kind.RENDITION] if job.kind == Job.Kind.RENDITION else TOO_MUCH, settle)
    except Exception as error:  # noqa: BLE001 - a fault of ours or of the machine: it may pass, so it is tried again
        if reason := _no_place(error):
            _put_off(job, reason)
        else:
            _try_again(job)


def _no_place(error: Exception) -> str:
    """What to say where the storage is away or a disk is full, which is no fault of the job; else nothing."""
    if isinstance(error, StorageAway):
        return str(error)
    full = isinstance(error, sandbox.NoRoom) or (isinstance(error, OSError) and error.errno in FULL)
    return NO_ROOM if full else ""


def _put_off(job: Job, reason: str) -> None:
    """Let it wait for its place, until that takes too long."""
    log.warning("pipeline: %s of %s waits: %s", job.kind, job.pk, reason)
    if job.waits >= jobs.MAX_WAITS:
        jobs.fail(job, reason, settle)
    else:
        jobs.put_off(job, reason)


def _try_again(job: Job) -> None:
    """Within an `except`: after a fault whose cause is not known."""
    log.exception("pipeline: %s of %s failed on attempt %d", job.kind, job.pk, job.attempts)
    if job.attempts >= jobs.MAX_ATTEMPTS:
        jobs.fail(job, TROUBLE[Job.Kind(job.kind)], settle)
    else:
        jobs.put_back(job)


def settle(job: Job) -> None:
    """In the transaction that ended `job`: start what waited for it, and bring the video's own status up to date."""
    if job.status == Job.Status.COMPLETED:
        for follower in job.followers.all():
            jobs.nudge(follower)
    ended = Notice.Ended.WELL if job.status == Job.Status.COMPLETED else Notice.Ended.BADLY
    if job.comparison:
        notices.tell(job.comparison, ended)
        (charging.take if job.status == Job.Status.COMPLETED else charging.give_back)(job.comparison)
    if job.video_id is None or job.kind == Job.Kind.RENDITION:  # nothing waits for a copy
        return
    video = Video.everything.select_for_update().get(pk=job.video_id)
    if video.is_ready:  # it was read again, and is as ready as before whatever came of that
        transaction.on_commit(lambda: current_app.send_task("videos.tasks.reread", retry=False), robust=True)
        versions.compare_in_order(video)
        return
    if job.status == Job.Status.FAILED:
        _fail(video, job, job.error)
    elif not video.jobs.filter(kind__in=NEEDED).exclude(status=Job.Status.COMPLETED).exists():
        video.status, video.error = Video.Status.READY, ""
    video.save()
    if video.status in (Video.Status.READY, Video.Status.FAILED):
        notices.tell(video, ended)
    versions.compare_in_order(video)
    _settle_up(video, job)


def _fail(video: Video, job: Job, reason: str) -> None:
    """Nothing comes of `video`, nor of what waits for `job`."""
    for follower in job.followers.filter(status=Job.Status.PENDING):
        follower.status = Job.Status.CANCELLED
        follower.save()
    video.status, video.error = Video.Status.FAILED, reason


def _settle_up(video: Video, job: Job) -> None:
    """What it costs, as far as `job` has brought it. What its owner cannot pay for goes no further."""
    if video.is_ready:
        charging.take(video)
    elif video.status == Video.Status.FAILED:
        charging.give_back(video)
    elif job.kind == Job.Kind.PROBE and job.status == Job.Status.COMPLETED:
        try:
            charging.measure(video)
        except InsufficientTokens as error:
            for follower in job.followers.filter(kind=Job.Kind.INGEST, status=Job.Status.PENDING):
                jobs.refuse(follower, error.message)
            _fail(video, job, error.message)
            video.save()
            notices.tell(video, Notice.Ended.BADLY)
            versions.compare_in_order(video)
            charging.give_back(video)


def cancel(video: Video) -> None:
    """Stop all work on a video; the file is kept. Raises `Conflict` where nothing runs."""
    with transaction.atomic():
        if not jobs.cancel(video):
            raise Conflict("Nothing runs for this video any more, so there is nothing to cancel.")
        unready = Video.objects.filter(pk=video.pk).exclude(status=Video.Status.READY)
        stopped = unready.update(status=Video.Status.CANCELLED, error="")
        versions.compare_in_order(video)
        if stopped:
            charging.give_back(video)


def retry(video: Video) -> None:
    """Run again what failed or was cancelled. Raises `Conflict` where nothing did, 402 where it is not covered."""
    with transaction.atomic():
        if not jobs.renew(video):
            raise Conflict("Nothing failed for this video, so there is nothing to retry.")
        unready = Video.objects.filter(pk=video.pk).exclude(status=Video.Status.READY)
        if unready.update(status=Video.Status.PROCESSING, error=""):
            charging.begin(video)


# --- The steps ---


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
            duration=facts["duration"],
            width=facts["width"],
            height=facts["height"],
            frame_rate=facts["frame_rate"],
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
            duration=facts["duration"],
            width=facts["width"],
            height=facts["height"],
            frame_rate=facts["frame_rate"],
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
    """Hold two fingerprints against each other."""
    assert job.comparison  # noqa: S101 - the database holds a compare to a comparison
    with scratch.folder_for(job) as folder:
        return comparison.work_out(job.comparison, folder, watch)


STEPS: dict[Job.Kind, Callable[[Job, Watch], Save]] = {
    Job.Kind.PROBE: probe,
    Job.Kind.INGEST: ingest,
    Job.Kind.RENDITION: rendition,
    Job.Kind.COMPARE: compare,
}
