"""Define the library entries of YouTube videos."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.viewer import Viewer


class LibraryEntryQuerySet(models.QuerySet["LibraryEntry"]):
    """Queries on library entries."""

    def owned_by(self, viewer: Viewer) -> "LibraryEntryQuerySet":
        return self.filter(user=viewer.user) if viewer.user else self.none()

    def active(self) -> "LibraryEntryQuerySet":
        """Return the entries that are not deleted."""
        return self.filter(deleted_at=None)


class LibraryEntry(models.Model):
    """A YouTube video in the library of one user. The video itself is one row for all users.

    An empty `title` means the title of the video.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="library_entries")
    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="entries")
    title = models.CharField(max_length=300, blank=True)
    collection = models.ForeignKey(
        "videos.Collection", null=True, blank=True, on_delete=models.SET_NULL, related_name="entries"
    )
    has_transcript = models.BooleanField(default=False, help_text="Whether the user has stored a transcript.")
    has_chapters = models.BooleanField(default=False, help_text="Whether the user has stored chapters.")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects: Any = LibraryEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "library entries"
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["user", "video"], name="videos_library_entry_once")]

    def __str__(self) -> str:
        return self.title or str(self.video)
