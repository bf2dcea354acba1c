"""Define collections of videos."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.viewer import Viewer
from videos.models.library_entry import LibraryEntry


class CollectionQuerySet(models.QuerySet["Collection"]):
    def owned_by(self, viewer: Viewer) -> "CollectionQuerySet":
        return self.filter(owner=viewer.user) if viewer.user else self.none()

    def with_counts(self) -> "CollectionQuerySet":
        """Annotate `video_count`, without deleted videos, and `card_count`, which counts each version stack once."""
        kept = models.Q(videos__deleted_at=None)
        card = Coalesce("videos__stack", "videos__id")
        entries = LibraryEntry.objects.active().filter(collection=models.OuterRef("pk")).order_by()
        counted = entries.values("collection").annotate(count=models.Count("pk")).values("count")
        added = Coalesce(models.Subquery(counted), 0)
        return self.annotate(
            video_count=models.Count("videos", filter=kept) + added,
            card_count=models.Count(card, filter=kept, distinct=True) + added,
        )


class Collection(models.Model):
    """A named group of videos. A video belongs to at most one, together with all its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="collections")
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["name", "created_at"]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="videos_collection_is_named")]

    def __str__(self) -> str:
        return self.name
