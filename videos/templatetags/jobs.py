"""Find the jobs that a page shows for a video that is ready."""

from django import template

from videos.models import Job, Video
from videos.processing import reanalysis

register = template.Library()


@register.filter
def reanalysis_job(video: Video) -> Job | None:
    """Return the job that reanalyses an outdated video. None if the video is up to date."""
    return reanalysis.find_job(video)


@register.filter
def rendition_job(video: Video) -> Job | None:
    """Return the job that creates the browser version of a ready video. None if it is done or not needed."""
    if not video.is_ready or video.has_rendition:
        return None
    return next((job for job in video.jobs.all() if job.kind == Job.Kind.RENDITION), None)


@register.filter
def has_open_youtube_job(video: Video) -> bool:
    """Return whether metadata, transcript or summary of a YouTube video are still on their way."""
    return video.is_youtube and any(job.is_open for job in video.jobs.all())
