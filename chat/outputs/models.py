"""Define what agents have made."""

import re
import uuid
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from pgvector.django import VectorField

from accounts.viewer import Viewer

EXCERPT_LETTERS = 200
NAMES_OF_LISTS = {  # of the structured data of a sales conversation
    "sales_techniques": "Sales techniques",
    "communication_strategies": "Communication strategies",
    "objection_handling": "Objection handling",
    "key_metrics": "Key metrics",
}
MARKDOWN = re.compile(r"^[#>\s*-]+|[*_`]", re.MULTILINE)


class OutputQuerySet(models.QuerySet["Output"]):
    def owned_by(self, viewer: Viewer) -> Self:
        """Return the outputs of a user or of a guest."""
        if viewer.user:
            return self.filter(owner=viewer.user)
        return self.filter(owner=None, guest_id=viewer.guest_id) if viewer.guest_id else self.none()

    def with_subjects(self) -> Self:
        """Load what the API and the pages show, without vectors."""
        return self.select_related("video").defer("vector")


class ActiveOutputManager(models.Manager["Output"]):
    """Hide outputs that are deleted, or whose video is."""

    def get_queryset(self) -> OutputQuerySet:
        rows = OutputQuerySet(self.model, using=self._db).filter(deleted_at=None)
        return rows.filter(models.Q(video=None) | models.Q(video__deleted_at=None))


class Output(models.Model):
    """Something that an agent has made, or that could not be made. `place` is its number within the message.

    `collection_id` is that of the video or of the conversation when the output was made. `digest` identifies the bytes
    and the settings that an analysis was made from, so that it can be reused. `tokens_used` are those of the ledger.
    """

    class Type(models.TextChoices):
        ANALYSIS = "analysis", "Analysis"
        SALES_ANALYSIS = "sales_analysis", "Sales analysis"
        STRUCTURED_DATA = "structured_data", "Structured data"
        VOICE_PROMPT = "voice_prompt", "Voice prompt"
        TRAINING_DATA = "training_data", "Training data"
        SUMMARY = "summary", "Summary"
        CHAPTERS = "chapters", "Chapters"

    class Status(models.TextChoices):
        COMPLETED = "completed", "Completed"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="outputs"
    )
    guest_id = models.CharField(max_length=64, blank=True)
    message = models.ForeignKey(
        "chat.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="outputs"
    )
    conversation = models.ForeignKey(
        "chat.Conversation", null=True, blank=True, on_delete=models.SET_NULL, related_name="outputs"
    )
    video = models.ForeignKey("videos.Video", null=True, blank=True, on_delete=models.CASCADE, related_name="outputs")
    comparison = models.ForeignKey(
        "videos.Comparison", null=True, blank=True, on_delete=models.SET_NULL, related_name="outputs"
    )
    collection = models.ForeignKey(
        "videos.Collection", null=True, blank=True, on_delete=models.SET_NULL, related_name="outputs"
    )
    agent = models.CharField(max_length=40)
    question = models.TextField(blank=True)
    place = models.PositiveSmallIntegerField(default=0)
    type = models.CharField(max_length=20, choices=Type.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.COMPLETED)
    content = models.TextField(blank=True)
    data = models.JSONField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    model = models.CharField(max_length=100, blank=True, help_text="The engine and model that made it.")
    processing_seconds = models.FloatField(default=0)
    tokens_used = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    vector_model = models.CharField(max_length=100, blank=True)
    vector = VectorField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ActiveOutputManager.from_queryset(OutputQuerySet)()
    all_objects: ClassVar[models.Manager["Output"]] = models.Manager()

    class Meta:
        ordering = ["-created_at", "place", "pk"]
        indexes = [
            GinIndex(fields=["data"], name="chat_output_data"),
            models.Index(fields=["owner", "-created_at"], name="chat_output_of_owner"),
            models.Index(fields=["guest_id"], condition=~models.Q(guest_id=""), name="chat_output_of_guest"),
            models.Index(fields=["owner", "digest"], condition=~models.Q(digest=""), name="chat_output_digest"),
            models.Index(fields=["deleted_at"], condition=~models.Q(deleted_at=None), name="chat_output_deleted"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner=None) ^ models.Q(guest_id=""), name="chat_output_of_a_user_or_a_guest"
            ),
            models.CheckConstraint(
                condition=models.Q(status="completed", error="") | models.Q(status="failed") & ~models.Q(error=""),
                name="chat_output_failed_with_an_error",
            ),
            models.UniqueConstraint(
                fields=["message", "place"], condition=~models.Q(message=None), name="chat_output_one_at_a_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("chat:output", args=[self.pk])

    @property
    def title(self) -> str:
        """The type, and the title of the video if there is one."""
        name = str(self.get_type_display())
        return f"{name} of {self.video.title}" if self.video else name

    @property
    def excerpt(self) -> str:
        """The beginning of the content without the signs of Markdown, or what the data of a sales conversation have."""
        data = self.data if isinstance(self.data, dict) else {}
        if self.type == self.Type.TRAINING_DATA and (examples := data.get("examples")):
            return Truncator(f"{len(examples)} examples: {examples[0]['input']}").chars(EXCERPT_LETTERS)
        if self.type == self.Type.STRUCTURED_DATA and (found := data.get("analysis_data")):
            return ", ".join(f"{NAMES_OF_LISTS[name]}: {len(found.get(name, ()))}" for name in NAMES_OF_LISTS)
        return Truncator(" ".join(MARKDOWN.sub(" ", self.content[:1_000]).split())).chars(EXCERPT_LETTERS)

    @property
    def is_json(self) -> bool:
        """Whether the content is the data as text."""
        return self.type in (self.Type.STRUCTURED_DATA, self.Type.TRAINING_DATA)

    @property
    def citations(self) -> Sequence[dict[str, Any]]:
        found: Sequence[dict[str, Any]] = self.metadata.get("citations", ())
        return found

    @property
    def is_completed(self) -> bool:
        return self.status == self.Status.COMPLETED

    def describe_metadata(self) -> dict[str, Any]:
        """Return `metadata` as the API shows it."""
        error = {"code": self.error_code, "message": self.error} if self.error else None
        known = {"model": self.model, "processing_seconds": round(self.processing_seconds, 3), "error": error}
        return {**self.metadata, **known}
