"""Define the jobs that work on a video or a comparison."""

import enum
import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from sage.jobs.models import AbstractJob, JobQuerySet
from videos.models.library_entry import LibraryEntry
from videos.topics import WORK

if TYPE_CHECKING:
    from videos.models.comparison import Comparison
    from videos.models.video import Video


class VideoJobQuerySet(JobQuerySet["Job"]):
    """Queries on the jobs of videos and comparisons."""

    def of(self, subject: "Video | Comparison") -> Self:
        """Return the jobs of one video or one comparison."""
        return self.filter(**{str(subject._meta.model_name): subject})

    def with_subjects(self) -> Self:
        """Load the videos and comparisons, without their edit scripts."""
        subjects = self.select_related("video", "comparison__video_a", "comparison__video_b")
        return subjects.defer("comparison__script")


class Job(AbstractJob):
    """A job for one video or one comparison."""

    class Kind(enum.StrEnum):
        """The kinds that code refers to by name. Every kind is defined by its registered step."""

        PROBE = "probe"
        INGEST = "ingest"
        CLIPS = "clips"
        RENDITION = "rendition"
        METADATA = "metadata"
        TRANSCRIPT = "transcript"
        PASSAGES = "passages"
        SCREEN_TEXT = "screen_text"
        SUMMARY = "summary"
        COMPARE = "compare"

    video = models.ForeignKey("videos.Video", null=True, blank=True, on_delete=models.CASCADE, related_name="jobs")
    comparison = models.OneToOneField(
        "videos.Comparison", null=True, blank=True, on_delete=models.CASCADE, related_name="job"
    )

    objects: ClassVar = VideoJobQuerySet.as_manager()
    topic = WORK

    class Meta(AbstractJob.Meta):
        constraints = [
            *AbstractJob.Meta.constraints,
            models.CheckConstraint(
                condition=Q(video=None, comparison__isnull=False) | Q(video__isnull=False, comparison=None),
                name="videos_job_of_exactly_one",
            ),
            models.UniqueConstraint(fields=["video", "kind"], name="videos_job_one_of_a_kind"),
        ]

    @property
    def subject(self) -> "Video | Comparison":
        return self.video or self.comparison  # type: ignore[return-value]  # a constraint requires one of them

    def list_audience(self) -> list[uuid.UUID]:
        """Return the owner, or for a YouTube video the video itself and all users who have added it.

        Streams of a YouTube video, also those of guests, join the group of the video. Only the ID of the owner is
        fetched, because a comparison's row may hold a large script.
        """
        field = "video" if self.video_id else "comparison"
        owner_id = type(self).objects.values_list(f"{field}__owner_id", flat=True).get(pk=self.pk)
        if owner_id is not None:
            return [owner_id]
        users = LibraryEntry.objects.active().filter(video=self.video_id).values_list("user_id", flat=True)
        return [self.video_id, *users] if self.video_id else []

    def as_event(self) -> dict[str, Any]:
        """Return the message of the live updates: see `videos.consumers`."""
        if self.video:
            subject = {"video_id": self.video.video_id, "job": self.kind}
        else:
            subject = {"comparison_id": str(self.comparison_id)}
        return {**subject, "status": self.status, "progress": round(self.progress, 3)}
