"""Define the topics of videos at `/ws/events/`."""

from sage.events import Topic

WORK = Topic("work")  # {video_id, job, status, progress} and {comparison_id, status, progress}
