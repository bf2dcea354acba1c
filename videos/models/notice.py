"""Define the notifications of work that has ended: of videos, comparisons and conversations."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.viewer import Viewer


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Queries on notifications."""

    def owned_by(self, viewer: Viewer) -> "NoticeQuerySet":
        """Return the viewer's notifications of what is not deleted."""
        if viewer.user is None:
            return self.none()
        sides = {f"comparison__video_{side}__deleted_at": None for side in "ab"}
        of_video = Q(video__isnull=False, video__deleted_at=None)
        of_comparison = Q(comparison__isnull=False, comparison__deleted_at=None, **sides)
        of_conversation = Q(conversation__isnull=False, conversation__deleted_at=None)
        return self.filter(of_video | of_comparison | of_conversation, owner=viewer.user)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def with_subjects(self) -> "NoticeQuerySet":
        """Load the subjects, comparisons without their edit scripts."""
        subjects = self.select_related("video", "comparison__video_a", "comparison__video_b", "conversation")
        return subjects.defer("comparison__script")


class Notice(models.Model):
    """A notification that work has ended. There is one per user and subject; a retry or a new answer replaces it."""

    class Ended(models.TextChoices):
        """How the work ended."""

        WELL = "well"
        BADLY = "badly"
        TRANSCRIPT_FAILED = "transcript"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    video = models.ForeignKey("videos.Video", null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    comparison = models.OneToOneField("videos.Comparison", null=True, blank=True, on_delete=models.CASCADE)
    conversation = models.OneToOneField(
        "chat.Conversation", null=True, blank=True, on_delete=models.CASCADE, related_name="notice"
    )
    ended = models.CharField(max_length=10, choices=Ended.choices)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["owner", "-created_at"], name="videos_notice_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(video=None, comparison=None, conversation__isnull=False)
                | Q(video=None, comparison__isnull=False, conversation=None)
                | Q(video__isnull=False, comparison=None, conversation=None),
                name="videos_notice_of_exactly_one",
            ),
            models.UniqueConstraint(fields=["owner", "video"], name="videos_notice_one_of_a_video"),
        ]

    def __str__(self) -> str:
        """Return the notification for its owner."""
        well = self.ended == self.Ended.WELL
        if self.video and self.ended == self.Ended.TRANSCRIPT_FAILED:
            return f"Transcript failed: “{self.video}”"
        if self.video:
            return f"Video ready: “{self.video}”" if well else f"Processing failed: “{self.video}”"
        if self.conversation:
            return f"Answer ready: “{self.conversation}”" if well else f"Answer failed: “{self.conversation}”"
        assert self.comparison  # noqa: S101 - a constraint requires one of the three
        sides = f"“{self.comparison.video_a}” and “{self.comparison.video_b}”"
        return f"Comparison ready: {sides}" if well else f"Comparison failed: {sides}"

    def get_absolute_url(self) -> str:
        """Return the page of the subject."""
        if self.video:
            return reverse("videos:watch", args=[self.video.video_id])
        if self.conversation_id:
            return reverse("chat:conversation", args=[self.conversation_id])
        return reverse("videos:compare", args=[self.comparison_id])

    @property
    def subject_id(self) -> str:
        """The ID of the subject, as in the events."""
        return self.video.video_id if self.video else str(self.comparison_id or self.conversation_id)
