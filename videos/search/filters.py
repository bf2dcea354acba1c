"""Limit a search to a part of the viewer's library."""

import dataclasses
import datetime
import uuid

from django.db.models import Q
from django.http import Http404

from accounts.viewer import Viewer
from videos.library.collections import get_collection
from videos.models import Video
from videos.models.video import VideoQuerySet


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilters:
    """What a search is limited to.

    `kind` is the name of a search kind, and empty means all. Times are from `since` on and before `until`.
    """

    kind: str = ""
    video_id: uuid.UUID | None = None
    collection_id: uuid.UUID | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None

    def match_dates(self, field: str) -> Q:
        """Return the condition that the time in `field` is between `since` and `until`."""
        condition = Q()
        if self.since:
            condition &= Q(**{f"{field}__gte": self.since})
        if self.until:
            condition &= Q(**{f"{field}__lt": self.until})
        return condition

    def list_videos(self, viewer: Viewer) -> VideoQuerySet:
        """Return the videos of the viewer's library within the video and the collection, whatever their dates.

        Every search kind of videos selects its rows through this query, which hides deleted videos.
        """
        videos = Video.objects.owned_by(viewer)
        if self.video_id:
            videos = videos.filter(pk=self.video_id)
        if self.collection_id:
            videos = videos.filter(collection=self.collection_id)
        return videos.order_by()

    def check(self, viewer: Viewer) -> None:
        """Raise `NotFound` or `Http404` if the video or the collection is not in the viewer's library."""
        if self.collection_id:
            get_collection(viewer, self.collection_id)
        if self.video_id and not Video.objects.owned_by(viewer).filter(pk=self.video_id).exists():
            raise Http404
