"""Which videos that a list names by their ids are there to be opened."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import template

from accounts.viewer import viewer_of
from videos.models import Video

register = template.Library()


@register.simple_tag(takes_context=True)
def kept_videos(context: template.Context, rows: Iterable[Any]) -> set[uuid.UUID]:
    """The visitor's own, of those that `rows` have as `video_id`."""
    named = {row.video_id for row in rows if row.video_id}
    mine = Video.objects.owned_by(viewer_of(context["request"]))
    return set(mine.filter(pk__in=named).values_list("pk", flat=True))
