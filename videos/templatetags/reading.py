"""Where work on a video stands besides what makes it ready."""

from django import template

from videos import rereading
from videos.models import Job, Video

register = template.Library()

NAMES = {
    Job.Kind.PROBE: "Look into the file",
    Job.Kind.INGEST: "Read every frame",
    Job.Kind.RENDITION: "Make a copy for browsers",
}
UNDER_WAY = {
    Job.Kind.PROBE: "Looking into the file",
    Job.Kind.INGEST: "Reading frames",
    Job.Kind.RENDITION: "Making a copy for browsers",
}


@register.filter
def read_again(video: Video) -> Job | None:
    """The job that reads again what an earlier version of Sage has read; None where nothing has to."""
    return rereading.job_of(video)


@register.filter
def copying(video: Video) -> Job | None:
    """The job that makes a copy for browsers of a ready video, unless it is done."""
    if not video.is_ready or video.has_rendition:
        return None
    return next((job for job in video.jobs.all() if job.kind == Job.Kind.RENDITION), None)


@register.filter
def name(job: Job) -> str:
    return NAMES[Job.Kind(job.kind)]


@register.filter
def under_way(job: Job) -> str:
    return UNDER_WAY[Job.Kind(job.kind)]
