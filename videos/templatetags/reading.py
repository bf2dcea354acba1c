"""Where a video stands that an earlier version of Sage has read."""

from django import template

from videos import rereading
from videos.models import Job, Video

register = template.Library()


@register.filter
def read_again(video: Video) -> Job | None:
    """The job that reads it again; None where nothing has to."""
    return rereading.job_of(video)
