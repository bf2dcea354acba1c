"""Select the outputs of a viewer."""

import uuid
from typing import Any

from django.http import Http404

from accounts.viewer import Viewer
from chat.outputs.models import Output, OutputQuerySet
from videos.library.collections import get_collection
from videos.models import Video


def list_outputs(
    viewer: Viewer,
    video_id: Any = None,
    collection_id: uuid.UUID | None = None,
    type: str = "",  # noqa: A002
) -> OutputQuerySet:
    """Return the viewer's outputs, newest first, of one video, collection or type if named.

    Raises `Http404` if the video or the collection is not the viewer's. Guests have no library, but may see videos of
    YouTube.
    """
    rows = Output.objects.owned_by(viewer).with_subjects()
    if video_id:
        videos = Video.objects.in_library_of(viewer) if viewer.user else Video.objects.visible_to(viewer)
        video = videos.with_id(video_id).first()
        if video is None:
            raise Http404
        rows = rows.filter(video=video)
    if collection_id:
        rows = rows.filter(collection=get_collection(viewer, collection_id))
    return rows.filter(type=type) if type else rows
