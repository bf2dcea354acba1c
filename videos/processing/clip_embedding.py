"""Have a provider compute the clip vectors of a video. Only workers import this module.

The job does not occupy a worker while the provider computes: it stores what it has begun there as its `external_id`,
returns to the queue, and asks again every `CLIP_VECTOR_POLL_SECONDS`. A worker that is restarted goes on from there.
"""

import contextlib
import dataclasses
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self, TypeVar

from django.conf import settings
from django.utils import timezone

from accounts.credentials.provider_keys import describe_caller
from sage.jobs import queue
from sage.jobs.errors import JobPostponed, JobRejected, LostLease
from sage.jobs.heartbeat import Heartbeat, run_in_thread
from sage.jobs.registry import Save
from sage.providers import registry
from sage.providers.errors import ProviderError, ProviderRejected
from sage.providers.keys import find_provider
from sage.providers.protocols import HostedClipEmbedder
from sage.storage import storage
from videos.models import Job, Video
from videos.processing import clip_models, embeddings
from videos.sandbox import scratch

log = logging.getLogger(__name__)
T = TypeVar("T")
TOO_SLOW = (
    "The provider of the clip vectors did not finish this video in time. Retry, or ask the operator of this site."
)
NONE = "-"  # an empty field of an external ID


@dataclasses.dataclass(frozen=True, slots=True)
class HostedWork:
    """What a job has begun at a provider.

    `is_own_key` tells whether it began with the user's own key, because only that account knows it. The asset is
    complete if `is_sent`. Without an asset, the provider reads the file from a public URL.
    """

    model: str
    is_own_key: bool
    asset_id: str = ""
    is_sent: bool = False
    task_id: str = ""

    @classmethod
    def read(cls, external_id: str) -> Self | None:
        """Return the work of an `external_id`. None if there is none."""
        if not external_id:
            return None
        model, key, asset_id, sent, task_id = ("" if field == NONE else field for field in external_id.split())
        return cls(model, key == "own", asset_id, sent == "sent", task_id)

    def __str__(self) -> str:
        key, sent = "own" if self.is_own_key else "site", "sent" if self.is_sent else NONE
        return f"{self.model} {key} {self.asset_id or NONE} {sent} {self.task_id or NONE}"


def embed_clips(job: Job, heartbeat: Heartbeat) -> Save:
    """Do the next part of the work, and return to the queue until the vectors are there."""
    video = job.video
    assert video  # noqa: S101 - this kind has a video
    if find_provider(clip_models.SETTING) is None:  # the setting was changed; the local vectors are enough
        return lambda: _forget_work(job)
    if job.started_at and (timezone.now() - job.started_at).total_seconds() > settings.CLIP_VECTOR_DEADLINE_SECONDS:
        raise JobRejected(TOO_SLOW)
    with _explained_errors():
        work = HostedWork.read(job.external_id)
        embedder, is_own_key = _choose_embedder(video, work)
        if work and (work.model != embedder.model or (work.asset_id and not work.is_sent)):
            _delete_asset(embedder, work)  # of another model, or of an upload that was interrupted
            work = None
        if work is None:
            work = _send_file(job, video, embedder, HostedWork(embedder.model, is_own_key), heartbeat)
        if not work.task_id:
            _create_task(job, video, embedder, work, heartbeat)
            raise JobPostponed(settings.CLIP_VECTOR_POLL_SECONDS)
        task_id = work.task_id
        clips = run_in_thread(lambda: embedder.fetch_clips(task_id), heartbeat)
        if clips is None:
            raise JobPostponed(settings.CLIP_VECTOR_POLL_SECONDS)
        _delete_asset(embedder, work)

    def save() -> None:
        embeddings.store_vectors(video, clips)
        _forget_work(job)

    return save


def _forget_work(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(external_id="")


@contextlib.contextmanager
def _explained_errors() -> Iterator[None]:
    """Fail the job if the provider refuses the work, and postpone it if the provider is unavailable."""
    try:
        yield
    except ProviderRejected as error:
        raise JobRejected(str(error)) from error
    except ProviderError as error:
        raise JobPostponed(error.retry_after_seconds or 0.0, str(error)) from error


def _choose_embedder(video: Video, work: HostedWork | None) -> tuple[HostedClipEmbedder, bool]:
    """Return the embedder, and whether it uses the user's own key. `work` goes on with the key that began it."""
    caller = describe_caller(video.owner_id, clip_models.SETTING)
    provider = find_provider(clip_models.SETTING)
    site_key = provider and getattr(settings, f"{provider.name}_API_KEY")
    if work and not work.is_own_key and site_key:
        caller = {"user_id": video.owner_id}
    return registry.choose_clip_embedder(**caller), bool(caller.get("key"))


def _send_file(
    job: Job, video: Video, embedder: HostedClipEmbedder, work: HostedWork, heartbeat: Heartbeat
) -> HostedWork:
    """Upload the file, unless the storage has public URLs. The ID of the asset is stored before the first byte."""
    if _build_public_url(video):
        return work
    with scratch.open_job_folder(job) as folder, storage.local_copy(video.storage_key, folder, heartbeat) as path:
        asset = _begin_at_provider(
            lambda: embedder.create_asset(f"{video.pk}{Path(video.filename).suffix}", path.stat().st_size),
            lambda made: queue.store_external_id(job, str(dataclasses.replace(work, asset_id=made.asset_id))),
            lambda made: embedder.delete_asset(made.asset_id),
            heartbeat,
        )
        is_stopped = threading.Event()

        def check() -> None:
            if is_stopped.is_set():
                raise LostLease

        def beat() -> None:
            try:
                heartbeat()
            except Exception:
                is_stopped.set()  # ends the transfer in the thread
                raise

        run_in_thread(lambda: embedder.send_asset(asset, path, check), beat)
    work = dataclasses.replace(work, asset_id=asset.asset_id, is_sent=True)
    if not queue.store_external_id(job, str(work)):
        raise LostLease
    return work


def _create_task(job: Job, video: Video, embedder: HostedClipEmbedder, work: HostedWork, heartbeat: Heartbeat) -> None:
    """Create the task and store its ID. Raises `JobPostponed` if the provider has not checked the file yet."""
    if work.asset_id and not run_in_thread(lambda: embedder.is_asset_ready(work.asset_id), heartbeat):
        raise JobPostponed(settings.CLIP_VECTOR_POLL_SECONDS)
    url = "" if work.asset_id else _build_public_url(video)
    _begin_at_provider(
        lambda: embedder.create_task(asset_id=work.asset_id, url=url, seconds=video.duration),
        lambda task_id: queue.store_external_id(job, str(dataclasses.replace(work, task_id=task_id))),
        lambda task_id: _delete_asset(embedder, work),
        heartbeat,
    )


def _begin_at_provider(
    create: Callable[[], T], store: Callable[[T], bool], undo: Callable[[T], None], heartbeat: Heartbeat
) -> T:
    """Create something at the provider and store its ID, also if the worker is stopped meanwhile.

    Between the response and the commit of the ID, there is only one UPDATE. If the job was cancelled, undo it.
    """
    created: list[T] = []
    try:
        run_in_thread(lambda: created.append(create()), heartbeat)
    finally:
        if created and not store(created[0]):
            with contextlib.suppress(ProviderError):
                undo(created[0])
            raise LostLease
    return created[0]


def _build_public_url(video: Video) -> str:
    """Return a URL that the provider can read for an hour. Empty if only Sage serves the file."""
    return storage.address(video.storage_key, video.content_type, video.filename) or ""


def _delete_asset(embedder: HostedClipEmbedder, work: HostedWork) -> None:
    """Delete the file at the provider, which no longer needs it. A failure changes nothing for the user."""
    if work.asset_id:
        with contextlib.suppress(ProviderError):
            embedder.delete_asset(work.asset_id)


def clean_up(job: Job) -> None:
    """Delete the file at the provider after the job was cancelled or failed, and forget its task.

    TwelveLabs has no request that ends a task. Without its file, a task that has not begun fails; its vectors are
    deleted there after seven days.
    """
    ended = Job.objects.filter(pk=job.pk, status__in=[Job.Status.CANCELLED, Job.Status.FAILED])
    row = ended.exclude(external_id="").select_related("video").first()
    if row is None or row.video is None:
        return
    work = HostedWork.read(row.external_id)
    try:
        if work and work.asset_id:
            _choose_embedder(row.video, work)[0].delete_asset(work.asset_id)
    except ProviderRejected as error:
        log.warning("clips: the file of %s stays at the provider: %s", row.pk, error)
    except ProviderError as error:
        log.warning("clips: the file of %s is deleted at the provider later: %s", row.pk, error)
        return
    ended.filter(external_id=row.external_id).update(external_id="")
