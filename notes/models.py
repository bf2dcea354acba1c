"""Define notes."""

import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.viewer import Viewer
from notes.attachments.models import AttachmentJob, NoteAttachment
from notes.topics import NOTES
from sage.durations import MOST_SECONDS, format_timestamp
from sage.jobs.models import AbstractJob, JobQuerySet
from videos.models import Video

__all__ = ["AttachmentJob", "Note", "NoteAttachment"]
MAX_TEXT_LENGTH = 10_000  # characters
MAX_TAG_LENGTH = 50  # characters
MAX_TAGS = 20  # of one note


class NoteQuerySet(models.QuerySet["Note"]):
    def owned_by(self, viewer: Viewer) -> Self:
        return self.filter(owner=viewer.user) if viewer.user else self.none()

    def with_people(self) -> Self:
        """Load the owners and the videos, with their titles in the owners' libraries."""
        return self.select_related("owner", "video", "entry", "job")

    def with_attachments(self) -> Self:
        """Load the attachments without the shapes of drawings."""
        return self.prefetch_related(models.Prefetch("attachments", NoteAttachment.objects.defer("drawing")))


class ActiveNoteManager(models.Manager["Note"]):
    """Hide notes that are deleted, reply to a deleted note, or whose video was removed by its owner."""

    def get_queryset(self) -> NoteQuerySet:
        rows = NoteQuerySet(self.model, using=self._db)
        return rows.filter(
            models.Q(reply_to=None) | models.Q(reply_to__deleted_at=None),
            deleted_at=None,
            video__deleted_at=None,
            entry__deleted_at=None,  # also true without an entry
        )


class Note(models.Model):
    """A note of a user at a time of a video, or from `seconds` to `end_seconds`.

    `entry` is the owner's library entry of a YouTube video, so that the note is hidden, restored and removed with it.
    `comparison` and `side` say where the note was taken, if that was the page of a comparison. A comment of a visitor
    of a share link is a note of the comparison's owner with a `guest_name`.
    """

    class Side(models.TextChoices):
        A = "a", "A"
        B = "b", "B"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notes")
    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="notes")
    entry = models.ForeignKey(
        "videos.LibraryEntry", null=True, blank=True, on_delete=models.CASCADE, related_name="notes"
    )
    comparison = models.ForeignKey(
        "videos.Comparison", null=True, blank=True, on_delete=models.SET_NULL, related_name="notes"
    )
    side = models.CharField(max_length=1, choices=Side.choices, blank=True)
    reply_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    share = models.ForeignKey(
        "videos.Share",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="comments",
        help_text="The link whose visitor wrote the note.",
    )
    guest_name = models.CharField(max_length=60, blank=True, help_text="The name that the visitor gave.")
    is_general = models.BooleanField(default=False, help_text="Whether it is about the whole, without a time.")
    seconds = models.FloatField(help_text="The time in the video.")
    end_seconds = models.FloatField(null=True, blank=True, help_text="The end of the range, if the note has one.")
    text = models.TextField(null=True, blank=True, max_length=MAX_TEXT_LENGTH, help_text="Markdown.")  # noqa: DJ001
    tags = ArrayField(models.CharField(max_length=MAX_TAG_LENGTH), default=list, blank=True)
    generated_by_ai = models.BooleanField(default=False)
    done = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    # Set by `notes.carrying.queries` on a note that is shown on a later version of its video.
    place: "CarriedNote | None" = None
    # Set by `notes.panel`, which loads all notes of a video without their text.
    label: str | None = None

    objects = ActiveNoteManager.from_queryset(NoteQuerySet)()
    all_objects: ClassVar[models.Manager["Note"]] = models.Manager()

    class Meta:
        ordering = ["seconds", "created_at", "pk"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="notes_note_newest"),
            models.Index(fields=["video", "owner", "seconds"], name="notes_note_by_time"),
            models.Index(
                fields=["comparison", "seconds"],
                condition=~models.Q(comparison=None),
                name="notes_note_of_comparison",
            ),
            models.Index(fields=["deleted_at"], condition=~models.Q(deleted_at=None), name="notes_note_deleted"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(seconds__gte=0, seconds__lte=MOST_SECONDS), name="notes_note_time_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(end_seconds=None)
                | models.Q(end_seconds__gt=models.F("seconds"), end_seconds__lte=MOST_SECONDS),
                name="notes_note_ends_after_its_start",
            ),
            models.CheckConstraint(
                condition=models.Q(comparison=None) | models.Q(side__in=["a", "b"]),
                name="notes_note_side_of_comparison",
            ),
            models.CheckConstraint(
                condition=models.Q(text=None) | ~models.Q(text=""), name="notes_note_without_text_is_null"
            ),
            models.CheckConstraint(
                condition=~models.Q(reply_to=models.F("id")), name="notes_note_does_not_reply_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.timestamp} {self.text or ''}".strip()[:80]

    @property
    def timestamp(self) -> str:
        """The time as `m:ss` or `h:mm:ss`, rounded down."""
        return format_timestamp(self.seconds)

    @property
    def end_timestamp(self) -> str | None:
        return None if self.end_seconds is None else format_timestamp(self.end_seconds)

    @property
    def author_name(self) -> str:
        return self.guest_name or self.owner.name

    @property
    def is_comment(self) -> bool:
        """Whether a visitor of a share link wrote it. Its text is plain, not Markdown."""
        return bool(self.guest_name)

    @property
    def video_title(self) -> str:
        """The title of the video in the library of the owner. Load the rows by `with_people`."""
        return (self.entry.title if self.entry else "") or self.video.title

    @property
    def shown_video(self) -> Video:
        """The version that the note is shown on. The shown times are in its time, None if the footage was deleted."""
        return self.place.video if self.place else self.video

    @property
    def shown_seconds(self) -> float | None:
        return self.place.seconds if self.place else self.seconds

    @property
    def shown_end_seconds(self) -> float | None:
        return self.place.end_seconds if self.place else self.end_seconds

    @property
    def shown_timestamp(self) -> str | None:
        return None if self.shown_seconds is None else format_timestamp(self.shown_seconds)

    @property
    def shown_end_timestamp(self) -> str | None:
        return None if self.shown_end_seconds is None else format_timestamp(self.shown_end_seconds)


class CarriedNote(models.Model):
    """Where a note is in a later version of its video, and what became of its footage since the note was written.

    Replies have no rows, because they follow the note that they reply to. `op`, `distance` and `regions` are those of
    the segment in which the footage differs. A place that a person chose stays if the versions are compared again.
    """

    class State(models.TextChoices):
        UNCHANGED = "unchanged"
        CHANGED = "changed"
        MOVED = "moved"
        DELETED = "deleted"

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="places")
    video = models.ForeignKey(
        "videos.Video", on_delete=models.CASCADE, related_name="carried_notes", help_text="The later version."
    )
    comparison = models.ForeignKey(
        "videos.Comparison", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices)
    seconds = models.FloatField(null=True, blank=True, help_text="The time in the later version. Empty if deleted.")
    end_seconds = models.FloatField(null=True, blank=True)
    is_shortened = models.BooleanField(default=False, help_text="Whether a part of the range was deleted.")
    op = models.CharField(max_length=10, blank=True)
    distance = models.FloatField(null=True, blank=True)
    regions = models.JSONField(default=list, blank=True, help_text="Boxes in fractions of the frame.")
    is_placed = models.BooleanField(default=False, help_text="Whether a person chose the place.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["seconds", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["note", "video"], name="notes_carried_once_to_a_version"),
            models.CheckConstraint(
                condition=models.Q(state="deleted", seconds=None)
                | (~models.Q(state="deleted") & ~models.Q(seconds=None)),
                name="notes_carried_has_a_time_unless_deleted",
            ),
            models.CheckConstraint(
                condition=models.Q(end_seconds=None) | models.Q(end_seconds__gte=models.F("seconds"), seconds__gte=0),
                name="notes_carried_ends_after_its_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.note}: {self.state}"


class NoteJobQuerySet(JobQuerySet["NoteJob"]):
    def with_subjects(self) -> Self:
        return self.select_related("note__video", "note__owner", "note__entry")


class NoteJob(AbstractJob):
    """The job that writes the text of a note that its owner left empty."""

    KIND = "ai_note"
    topic = NOTES

    note = models.OneToOneField(Note, on_delete=models.CASCADE, related_name="job")
    holds = models.PositiveIntegerField(default=0, editable=False, help_text="How often it was begun again.")

    objects: ClassVar = NoteJobQuerySet.as_manager()

    class Meta(AbstractJob.Meta):
        pass

    @property
    def subject(self) -> Note:
        return self.note

    def list_audience(self) -> list[uuid.UUID]:
        return [self.note.owner_id]

    def as_event(self) -> dict[str, Any]:
        """Return the message that refreshes the note on open pages."""
        return {"note_id": str(self.note_id), "video_id": self.note.video.video_id}
