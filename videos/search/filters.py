"""Limit a search to a part of the viewer's library."""

import dataclasses
import datetime
import uuid
from typing import Any

from django.db.models import F, Q
from django.db.models.lookups import GreaterThanOrEqual, LessThan
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
    video_id: uuid.UUID | str | None = None
    collection_id: uuid.UUID | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None

    def match_dates(self, field: Any) -> Q:
        """Return the condition that the time in `field`, a name or an expression, is between `since` and `until`."""
        field = F(field) if isinstance(field, str) else field
        condition = Q()
        if self.since:
            condition &= Q(GreaterThanOrEqual(field, self.since))
        if self.until:
            condition &= Q(LessThan(field, self.until))
        return condition

    def list_videos(self, viewer: Viewer) -> VideoQuerySet:
        """Return the videos of the viewer's library within the video and the collection, whatever their dates.

        They have the annotations of `VideoQuerySet.with_entries_of`.

        Every search kind of videos selects its rows through this query, which hides deleted videos.
        """
        videos = Video.objects.in_library_of(viewer)
        if self.video_id:
            videos = videos.with_id(self.video_id)
        if self.collection_id:
            videos = videos.in_collection(self.collection_id)
        return videos.order_by()

    def check(self, viewer: Viewer) -> None:
        """Raise `NotFound` or `Http404` if the video or the collection is not in the viewer's library."""
        if self.collection_id:
            get_collection(viewer, self.collection_id)
        if self.video_id and not Video.objects.in_library_of(viewer).with_id(self.video_id).exists():
            raise Http404
