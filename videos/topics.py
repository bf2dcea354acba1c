"""Define the topics of videos and comparisons at `/ws/events/`."""

from sage.events import Topic

REVIEWS = Topic("reviews")  # {comparison_id, index, review}, of the stored segment at the index
WORK = Topic("work")  # {video_id, job, status, progress} and {comparison_id, status, progress}
