"""Define what all job tables have in common.

The row of a job is authoritative. Celery messages only wake a worker that then reads the row.
"""

import uuid
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from sage.events import Topic
from sage.jobs import registry

J = TypeVar("J", bound="AbstractJob", covariant=True)


class JobQuerySet(models.QuerySet[J]):
    """Queries on a table of jobs."""

    def open(self) -> Self:
        """Return the jobs that are pending or in progress."""
        return self.filter(status__in=AbstractJob.OPEN)

    def claimable(self) -> Self:
        """Return the jobs that are due, not leased, and not waiting for another job."""
        due = Q(status=AbstractJob.Status.PENDING, run_after__lte=Now())
        lapsed = Q(status=AbstractJob.Status.IN_PROGRESS, lease_expires_at__lt=Now())
        unblocked = Q(after=None) | Q(after__status=AbstractJob.Status.COMPLETED)
        return self.filter(due | lapsed).filter(unblocked)

    def held(self, job: "AbstractJob") -> Self:
        """Return the row of `job` if the lease of that claim is still the current one."""
        return self.filter(pk=job.pk, status=AbstractJob.Status.IN_PROGRESS, lease=job.lease)

    def with_subjects(self) -> Self:
        """Load the objects that the jobs work on. Job models with foreign keys override this."""
        return self


class AbstractJob(models.Model):
    """A unit of background work. `lease` identifies the current claim; `progress` runs from 0 to 1."""

    class Status(models.TextChoices):
        """The states of a job."""

        PENDING = "pending"
        IN_PROGRESS = "in_progress"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"

    OPEN = (Status.PENDING, Status.IN_PROGRESS)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, help_text="The kind of a registered step.")
    after = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="followers",
        help_text="The job that must be completed first.",
    )
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    waits = models.PositiveSmallIntegerField(
        default=0, help_text="How often the job was postponed because storage was unavailable or a disk was full."
    )
    progress = models.FloatField(default=0)
    lease = models.UUIDField(null=True, blank=True, help_text="Identifies the claim of the worker that runs the job.")
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    run_after = models.DateTimeField(db_default=Now())
    stopped_by_deletion = models.BooleanField(
        default=False, help_text="Cancelled because its subject was deleted; resumes when the subject is restored."
    )
    external_id = models.CharField(max_length=200, blank=True, help_text="The ID of the task at a provider.")
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Any]] = JobQuerySet.as_manager()
    topic: ClassVar[Topic | None] = None  # the topic of the events of these jobs

    class Meta:
        abstract = True
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(progress__range=(0, 1)), name="%(app_label)s_%(class)s_progress_is_a_share"
            ),
            models.CheckConstraint(condition=~Q(after=F("id")), name="%(app_label)s_%(class)s_waits_for_another"),
        ]
        indexes = [
            models.Index(
                fields=["run_after"],
                condition=Q(status__in=["pending", "in_progress"]),
                name="%(app_label)s_%(class)s_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject}"

    @classmethod
    def rows(cls) -> JobQuerySet[Self]:
        """Return all rows of this table as a `JobQuerySet`."""
        return cls._default_manager.all()  # type: ignore[return-value]  # every job model has such a manager

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def step(self) -> "registry.Step[Any]":
        """The registered step of this kind. Raises LookupError if there is none."""
        return registry.step_of(self)

    @property
    def subject(self) -> Any:
        """The object that the job works on."""
        raise NotImplementedError

    def list_audience(self) -> list[uuid.UUID]:
        """Return the IDs of the users whose pages show the job."""
        raise NotImplementedError

    def as_event(self) -> dict[str, Any] | None:
        """Return the message for the open pages of these users. None if no page shows this job."""
        return None
