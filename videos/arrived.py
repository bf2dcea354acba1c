"""Files that lie in storage whole become videos, with their jobs."""

import dataclasses
import uuid
from pathlib import PurePosixPath

from django.db import transaction

from accounts.models import User
from accounts.viewer import Viewer
from videos import charging, library, pipeline, versions
from videos.models import Collection, Upload, Video


@dataclasses.dataclass(frozen=True)
class Arrived:
    """A file that lies in storage, whole."""

    owner: User
    filename: str
    content_type: str
    size: int
    storage_key: str
    sha256: str = ""
    etag: str = ""
    version_of: Video | None = None
    collection: Collection | None = None
    id: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)

    @classmethod
    def of(cls, upload: Upload, etag: str) -> "Arrived":
        return cls(
            upload.owner,
            upload.filename,
            upload.content_type,
            upload.size,
            upload.storage_key,
            upload.sha256,
            etag,
            upload.version_of,
            upload.collection,
            upload.pk,
        )


@transaction.atomic
def accept(arrived: Arrived) -> Video:
    """The row, its jobs and the hold, in one transaction: from here on the pipeline sees to it.

    Raises `InsufficientTokens` where not even a second of it is covered.
    """
    video = Video(
        id=arrived.id,
        owner=arrived.owner,
        title=PurePosixPath(arrived.filename).stem[:300] or arrived.filename,
        filename=arrived.filename,
        content_type=arrived.content_type,
        size=arrived.size,
        storage_key=arrived.storage_key,
        sha256=arrived.sha256,
        etag=arrived.etag,
        collection=arrived.collection,
    )
    if arrived.version_of:
        versions.put_on_top(video, arrived.version_of)
    video.save()
    pipeline.begin(video)
    charging.begin(video)
    return video


@transaction.atomic
def place(held: Video, version_of: Video | None, collection: Collection | None) -> Video:
    """Do with a video that is here already what was wished for the same bytes, and return it.

    A version of another film, or in another collection, it stays.
    """
    named = [held.pk, *([version_of.pk] if version_of else [])]
    now = {one.pk: one for one in Video.objects.select_for_update(no_key=True).filter(pk__in=named).order_by("pk")}
    video, before = now.get(held.pk), now.get(version_of.pk) if version_of else None
    if video is None:
        return held
    if before and before != video and video.stack_id is None:
        video.collection = collection or before.collection or video.collection
        versions.put_on_top(video, before)
        video.save(update_fields=["stack", "version", "collection", "updated_at"])
        versions.compare_in_order(video)
    elif collection and video.collection_id is None:
        library.change(Viewer(video.owner), video, {"collection_id": collection.pk})
        video.collection = collection
    return video
