"""Work that must be done exactly once, whatever dies meanwhile. The rows are the truth; messages are nudges."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone


class JobQuerySet(models.QuerySet["Job"]):
    def open(self) -> "JobQuerySet":
        return self.filter(status__in=Job.OPEN)

    def claimable(self) -> "JobQuerySet":
        """Nobody holds it, its time has come, and what it waits for is done."""
        free = Q(status=Job.Status.PENDING, run_after__lte=Now())
        abandoned = Q(status=Job.Status.IN_PROGRESS, lease_expires_at__lt=Now())
        unblocked = Q(after=None) | Q(after__status=Job.Status.COMPLETED)
        return self.filter(free | abandoned).filter(unblocked)

    def held(self, job: "Job") -> "JobQuerySet":
        """The row of `job`, if whoever claimed it then still holds it now."""
        return self.filter(pk=job.pk, status=Job.Status.IN_PROGRESS, lease=job.lease)


class Job(models.Model):
    """One step for one video or one comparison. `lease` names the claim; `progress` runs from 0 to 1."""

    class Kind(models.TextChoices):
        PROBE = "probe"
        INGEST = "ingest"
        RENDITION = "rendition"
        COMPARE = "compare"

    class Status(models.TextChoices):
        PENDING = "pending"
        IN_PROGRESS = "in_progress"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"

    OPEN = (Status.PENDING, Status.IN_PROGRESS)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    video = models.ForeignKey("videos.Video", null=True, blank=True, on_delete=models.CASCADE, related_name="jobs")
    comparison = models.OneToOneField(
        "videos.Comparison", null=True, blank=True, on_delete=models.CASCADE, related_name="job"
    )
    after = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="followers",
        help_text="Runs once this is completed.",
    )
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    waits = models.PositiveSmallIntegerField(
        default=0, help_text="How often it was put off, uncounted, because a place was away or full."
    )
    progress = models.FloatField(default=0)
    lease = models.UUIDField(null=True, blank=True, help_text="Names the claim of the worker that holds it.")
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    run_after = models.DateTimeField(db_default=Now())
    stopped_by_deletion = models.BooleanField(
        default=False, help_text="Cancelled since what it is of was deleted; goes on when that is brought back."
    )
    external_id = models.CharField(max_length=200, blank=True, help_text="The task's id at a vendor.")
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(video=None, comparison__isnull=False) | Q(video__isnull=False, comparison=None),
                name="videos_job_of_exactly_one",
            ),
            models.CheckConstraint(condition=Q(progress__range=(0, 1)), name="videos_job_progress_is_a_share"),
            models.CheckConstraint(condition=~Q(after=F("id")), name="videos_job_waits_for_another"),
            models.UniqueConstraint(fields=["video", "kind"], name="videos_job_one_of_a_kind"),
        ]
        indexes = [
            models.Index(
                fields=["run_after"], condition=Q(status__in=["pending", "in_progress"]), name="videos_job_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.video or self.comparison}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN
