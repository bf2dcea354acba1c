"""Find which videos of a list can be opened."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import template

from accounts.viewer import viewer_of
from videos.models import Video

register = template.Library()


@register.simple_tag(takes_context=True)
def visible_videos(context: template.Context, rows: Iterable[Any]) -> set[uuid.UUID]:
    """Return the IDs of the viewer's videos among the `video_id` of `rows`."""
    named = {row.video_id for row in rows if row.video_id}
    mine = Video.objects.owned_by(viewer_of(context["request"]))
    return set(mine.filter(pk__in=named).values_list("pk", flat=True))
