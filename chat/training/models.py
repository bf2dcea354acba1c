"""Define sets of training pairs, which a person reviews before they are exported."""

import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from pgvector.django import VectorField

from accounts.viewer import Viewer
from chat.outputs.models import Output
from sage.jobs.models import AbstractJob, JobQuerySet

MAX_SET_TITLE_LENGTH = 200  # characters
MAX_PAIR_LENGTH = 4_000  # characters of an input, and of an output
MAX_TYPE_LENGTH = 100  # characters; a model chooses the type of a pair


class TrainingSetQuerySet(models.QuerySet["TrainingSet"]):
    def owned_by(self, viewer: Viewer) -> Self:
        """Return the sets of a user. Guests have none."""
        return self.filter(owner=viewer.user) if viewer.user else self.none()

    def with_counts(self) -> Self:
        """Annotate `pair_count` and `accepted_count`, without the pairs of deleted videos. The newest come first."""
        is_shown = models.Q(pairs__isnull=False, pairs__video__deleted_at=None)
        return self.annotate(
            pair_count=models.Count("pairs", filter=is_shown),
            accepted_count=models.Count("pairs", filter=is_shown & models.Q(pairs__status="accepted")),
        ).order_by("-created_at", "pk")


class ActiveTrainingSetManager(models.Manager["TrainingSet"]):
    """Hide deleted sets."""

    def get_queryset(self) -> TrainingSetQuerySet:
        return TrainingSetQuerySet(self.model, using=self._db).filter(deleted_at=None)


class TrainingSet(models.Model):
    """Training pairs of several videos, as one data set."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="training_sets")
    title = models.CharField(max_length=MAX_SET_TITLE_LENGTH)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ActiveTrainingSetManager.from_queryset(TrainingSetQuerySet)()
    all_objects: ClassVar[models.Manager["TrainingSet"]] = models.Manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="chat_trainingset_of_owner"),
            models.Index(fields=["deleted_at"], condition=~models.Q(deleted_at=None), name="chat_trainingset_deleted"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("chat:training-set", args=[self.pk])


class TrainingPairQuerySet(models.QuerySet["TrainingPair"]):
    def with_subjects(self) -> Self:
        """Load what the API and the page show, without vectors."""
        return self.select_related("video", "duplicate_of").defer("vector", "duplicate_of__vector")

    def in_groups(self) -> Self:
        """Return each pair before its duplicates, in the order in which they were added."""
        return self.order_by(Coalesce("duplicate_of__number", "number"), "number")

    def with_duplicates(self) -> Self:
        """Return the duplicates of a set, and the pairs that they repeat."""
        repeated = self.filter(status="duplicate").order_by().values("duplicate_of")
        return self.filter(models.Q(status="duplicate") | models.Q(pk__in=repeated))


class ActiveTrainingPairManager(models.Manager["TrainingPair"]):
    """Hide the pairs of deleted videos."""

    def get_queryset(self) -> TrainingPairQuerySet:
        return TrainingPairQuerySet(self.model, using=self._db).filter(video__deleted_at=None)


class TrainingPair(models.Model):
    """An input and the output that a model should learn to give. `number` is its place in the set.

    `place` is the place of the example in the output that it was copied from. Times are in seconds of the video.
    `version` increases with each change by a person. `is_kept` means that a person said that it is no duplicate.
    """

    class Status(models.TextChoices):
        NEW = "new", "New"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"
        DUPLICATE = "duplicate", "Duplicate"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    set = models.ForeignKey(TrainingSet, on_delete=models.CASCADE, related_name="pairs")
    number = models.PositiveIntegerField()
    output = models.ForeignKey(Output, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    place = models.PositiveSmallIntegerField()
    video = models.ForeignKey(
        "videos.Video", null=True, blank=True, on_delete=models.CASCADE, related_name="training_pairs"
    )
    input = models.TextField()
    output_text = models.TextField()
    type = models.CharField(max_length=MAX_TYPE_LENGTH, blank=True)
    language = models.CharField(max_length=35, blank=True)
    start = models.FloatField(null=True, blank=True)
    end = models.FloatField(null=True, blank=True)
    model = models.CharField(max_length=100, blank=True, help_text="The engine and model that made it.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.NEW)
    duplicate_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="duplicates"
    )
    is_kept = models.BooleanField(default=False)
    is_edited = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    vector_model = models.CharField(max_length=100, blank=True)
    vector = VectorField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ActiveTrainingPairManager.from_queryset(TrainingPairQuerySet)()
    all_objects: ClassVar[models.Manager["TrainingPair"]] = models.Manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["set", "number"], name="chat_trainingpair_one_at_a_number"),
            models.UniqueConstraint(fields=["set", "output", "place"], name="chat_trainingpair_once_in_a_set"),
            models.CheckConstraint(
                condition=models.Q(duplicate_of=None) | models.Q(status="duplicate"),
                name="chat_trainingpair_duplicate_of_another",
            ),
        ]
        indexes = [models.Index(fields=["set", "status"], name="chat_trainingpair_by_status")]

    def __str__(self) -> str:
        return self.input[:80]

    @property
    def is_duplicate(self) -> bool:
        return self.status == self.Status.DUPLICATE


class TrainingJobQuerySet(JobQuerySet["TrainingJob"]):
    def with_subjects(self) -> Self:
        return self.select_related("set")


class TrainingJob(AbstractJob):
    """The job that computes the vectors of the pairs of a set and marks duplicates. It is restarted for new pairs."""

    KIND = "deduplicate"

    set = models.OneToOneField(TrainingSet, on_delete=models.CASCADE, related_name="job")

    objects: ClassVar[Any] = TrainingJobQuerySet.as_manager()

    class Meta(AbstractJob.Meta):
        pass

    @property
    def subject(self) -> TrainingSet:
        return self.set

    def list_audience(self) -> list[uuid.UUID]:
        return [self.set.owner_id]
