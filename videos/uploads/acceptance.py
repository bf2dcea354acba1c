"""Create videos, with their jobs, from files that are completely stored."""

import dataclasses
import uuid
from pathlib import PurePosixPath

from django.db import transaction

from accounts.models import User
from accounts.viewer import Viewer
from videos import charging
from videos.library import editing, versions
from videos.models import Collection, Upload, Video
from videos.processing import pipeline


@dataclasses.dataclass(frozen=True)
class StoredFile:
    """A completely stored file that is not a video yet."""

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
    def from_upload(cls, upload: Upload, etag: str) -> "StoredFile":
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
def create_video(stored: StoredFile) -> Video:
    """Create the video, its jobs and the hold of tokens in one transaction.

    Raises `InsufficientTokens` if the balance does not cover the hold.
    """
    video = Video(
        id=stored.id,
        owner=stored.owner,
        title=PurePosixPath(stored.filename).stem[:300] or stored.filename,
        filename=stored.filename,
        content_type=stored.content_type,
        size=stored.size,
        storage_key=stored.storage_key,
        sha256=stored.sha256,
        etag=stored.etag,
        collection=stored.collection,
    )
    if stored.version_of:
        versions.add_version(video, stored.version_of)
    video.save()
    pipeline.begin(video)
    charging.hold(video)
    return video


@transaction.atomic
def reuse_video(duplicate: Video, version_of: Video | None, collection: Collection | None) -> Video:
    """Apply the requested version and collection to an existing video with the same bytes, and return it.

    A video that already belongs to a version stack or a collection stays in it.
    """
    ids = [duplicate.pk, *([version_of.pk] if version_of else [])]
    locked = Video.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").in_bulk()
    video, previous = locked.get(duplicate.pk), locked.get(version_of.pk) if version_of else None
    if video is None:
        return duplicate
    if previous and previous != video and video.stack_id is None:
        video.collection = collection or previous.collection or video.collection
        versions.add_version(video, previous)
        video.save(update_fields=["stack", "version", "collection", "updated_at"])
        versions.compare_adjacent_versions(video)
    elif collection and video.collection_id is None:
        editing.update_video(Viewer(video.owner), video, {"collection_id": collection.pk})
        video.collection = collection
    return video
