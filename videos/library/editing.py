"""Edit the title and the collection of a video."""

import uuid
from typing import TypedDict

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.viewer import Viewer
from videos.library.collections import get_collection
from videos.models import Video


class VideoChanges(TypedDict, total=False):
    """The fields of a video that its owner may edit."""

    title: str
    collection_id: uuid.UUID | None


def update_video(viewer: Viewer, video: Video, changes: VideoChanges) -> None:
    """Save the changed fields. A new collection applies to every version of the video."""
    with transaction.atomic():
        if "collection_id" in changes:
            collection_id = changes["collection_id"]
            versions = Q(stack=video.stack_id) if video.stack_id else Q(pk=video.pk)
            collection = get_collection(viewer, collection_id) if collection_id else None
            Video.all_objects.filter(versions).update(collection=collection)
        title = {"title": changes["title"]} if "title" in changes else {}
        Video.objects.filter(pk=video.pk).update(**title, updated_at=timezone.now())
