"""Edit the title and the collection of a video."""

import uuid
from typing import Any, TypedDict

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.viewer import Viewer
from videos.library.collections import get_collection
from videos.models import LibraryEntry, Video


class VideoChanges(TypedDict, total=False):
    """The fields of a video that its owner may edit."""

    title: str
    collection_id: uuid.UUID | None


def update_video(viewer: Viewer, video: Video, changes: VideoChanges) -> None:
    """Save the changed fields: those of an upload, or those of the viewer's entry of a YouTube video.

    A new collection applies to every version of the video.
    """
    with transaction.atomic():
        values: dict[str, Any] = {}
        if "collection_id" in changes:
            collection_id = changes["collection_id"]
            values["collection"] = get_collection(viewer, collection_id) if collection_id else None
        if "title" in changes:
            values["title"] = changes["title"]
        if video.is_youtube:
            LibraryEntry.objects.owned_by(viewer).active().filter(video=video).update(**values)
            return
        if "collection" in values:
            versions = Q(stack=video.stack_id) if video.stack_id else Q(pk=video.pk)
            Video.all_objects.filter(versions).update(collection=values.pop("collection"))
        Video.objects.filter(pk=video.pk).update(**values, updated_at=timezone.now())
