"""Define videos."""

import re
import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import User
from accounts.viewer import Viewer
from videos.models.library_entry import LibraryEntry
from videos.youtube.ids import parse_youtube_id

ENTRY_FIELDS = ("user_id", "title", "collection_id", "has_transcript", "has_chapters", "created_at")


class VideoQuerySet(models.QuerySet["Video"]):
    def visible_to(self, viewer: Viewer) -> Self:
        """Return the videos that `viewer` may open: their own, those of the system user and those of YouTube.

        Anonymous visitors see only the videos of the system user.
        """
        visible = models.Q(owner=viewer.user) if viewer.user else models.Q(pk__in=[])
        visible |= models.Q(owner__is_system=True)
        if viewer.is_signed_in or viewer.guest_id:
            visible |= models.Q(source=Video.Source.YOUTUBE)
        return self.with_entries_of(viewer).filter(visible)

    def owned_by(self, viewer: Viewer) -> Self:
        """Return the uploads of `viewer`."""
        return self.filter(owner=viewer.user) if viewer.user else self.none()

    def in_library_of(self, viewer: Viewer) -> Self:
        """Return the uploads of `viewer` and the YouTube videos that they added."""
        if viewer.user is None:
            return self.none()
        uploads = Video.all_objects.filter(owner=viewer.user).order_by().values("pk")
        added = LibraryEntry.objects.owned_by(viewer).active().order_by().values("video")
        # A union, because an OR of both would read the whole table.
        return self.with_entries_of(viewer).filter(pk__in=uploads.union(added, all=True))

    def with_entries_of(self, viewer: Viewer) -> Self:
        """Annotate the fields of the viewer's library entry: `entry_title` and so on, see `ENTRY_FIELDS`."""
        if viewer.user is None:
            return self
        own = models.Q(entries__user=viewer.user, entries__deleted_at=None)
        fields = {f"entry_{name}": models.F(f"entry__{name}") for name in ENTRY_FIELDS}
        return self.annotate(entry=models.FilteredRelation("entries", condition=own)).annotate(**fields)

    def with_id(self, video_id: "uuid.UUID | str") -> Self:
        """Return the video with this id: that of an upload, or the id or the address of a YouTube video.

        Raises `InvalidInput` for an address that does not name one video.
        """
        if isinstance(video_id, uuid.UUID):
            return self.filter(pk=video_id)
        return self.filter(youtube_id=parse_youtube_id(video_id, "video_id"))

    def in_collection(self, collection: uuid.UUID) -> Self:
        """Return the videos that the owner of a collection has put there."""
        entries = LibraryEntry.objects.active().filter(collection=collection).order_by().values("video")
        return self.filter(models.Q(collection=collection) | models.Q(pk__in=entries))

    def ready(self) -> "VideoQuerySet":
        return self.filter(status=Video.Status.READY)

    def latest_versions(self) -> "VideoQuerySet":
        """Return only the newest version of each stack."""
        newer = Video.objects.filter(stack=models.OuterRef("stack"), version__gt=models.OuterRef("version"))
        return self.filter(~models.Exists(newer))

    def with_card_data(self) -> "VideoQuerySet":
        """Prefetch the jobs and the versions that a card shows."""
        versions = models.Prefetch("stack__videos", Video.objects.order_by("version"))
        return self.select_related("stack").prefetch_related("jobs", versions)


class ActiveVideoManager(models.Manager["Video"]):
    """Hide deleted videos."""

    def get_queryset(self) -> VideoQuerySet:
        return VideoQuerySet(self.model, using=self._db).filter(deleted_at=None)


class Video(models.Model):
    """A video file and its properties, or a YouTube video, which is one row for all users and has no file.

    `duration` is in seconds, `width` and `height` are in pixels as displayed.
    """

    class Source(models.TextChoices):
        """Where a video comes from."""

        UPLOAD = "upload"
        YOUTUBE = "youtube", "YouTube"

    class Status(models.TextChoices):
        PROCESSING = "processing"
        READY = "ready"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="videos",
        help_text="Empty for YouTube videos, which users have in their libraries by an entry.",
    )
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.UPLOAD)
    youtube_id = models.CharField(max_length=11, blank=True)
    title = models.CharField(max_length=300)
    filename = models.CharField(max_length=300, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="In bytes.")
    storage_key = models.CharField(
        max_length=400, blank=True, db_index=True, help_text="Videos with the same bytes share it."
    )
    sha256 = models.CharField(max_length=64, blank=True, help_text="In hexadecimal, once it is known.")
    etag = models.CharField(max_length=60, blank=True, help_text="In the format of S3 multipart uploads.")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PROCESSING)
    error = models.TextField(blank=True)

    duration = models.FloatField(null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    frame_rate = models.FloatField(null=True, blank=True)
    frame_count = models.PositiveIntegerField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True, help_text="The properties that the probe found.")
    stills = models.JSONField(default=list, blank=True, help_text="The times of the stills, in seconds.")
    shots = models.JSONField(default=list, blank=True, help_text="The starts of the shots, in seconds.")
    has_thumbnail = models.BooleanField(
        default=False, help_text="Whether the thumbnail of a YouTube video is stored, as poster.jpg."
    )
    has_sprites = models.BooleanField(default=False, help_text="Whether sprite sheets are stored.")
    has_waveform = models.BooleanField(default=False, help_text="Whether a waveform is stored.")
    has_rendition = models.BooleanField(default=False, help_text="Whether a browser-compatible copy is stored.")
    fingerprint_version = models.PositiveIntegerField(null=True, blank=True)
    has_transcript = models.BooleanField(default=False, help_text="Whether a transcript with cues is stored.")
    is_screen_text_read = models.BooleanField(
        default=False, help_text="Whether the text on screen was read, also if there is none."
    )
    prefers_speech = models.BooleanField(
        default=False,
        help_text="Whether recognised speech goes before other transcripts, because the owner asked for it.",
    )
    has_own_chapters = models.BooleanField(default=False, help_text="Whether the owner has saved chapters.")
    summary = models.TextField(blank=True)
    suggested_questions = models.JSONField(default=list, blank=True)
    spoken_language = models.CharField(
        max_length=10, blank=True, help_text="The language for speech recognition, ISO 639-1. Empty to detect it."
    )

    collection = models.ForeignKey(
        "videos.Collection", null=True, blank=True, on_delete=models.SET_NULL, related_name="videos"
    )
    stack = models.ForeignKey("videos.Stack", null=True, blank=True, on_delete=models.PROTECT, related_name="videos")
    version = models.PositiveIntegerField(null=True, blank=True, help_text="The number in the version stack, from 1.")

    holds = models.PositiveIntegerField(default=0, editable=False, help_text="The number of token holds so far.")

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    # Annotations of `with_entries_of`. They are None without an entry of the viewer.
    entry_user_id: uuid.UUID | None = None
    entry_title: str | None = None
    entry_collection_id: uuid.UUID | None = None
    entry_has_transcript: bool | None = None
    entry_has_chapters: bool | None = None
    entry_created_at: datetime | None = None

    objects = ActiveVideoManager.from_queryset(VideoQuerySet)()
    all_objects: ClassVar[models.Manager["Video"]] = models.Manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="videos_video_owner_newest"),
            models.Index(fields=["owner", "sha256"], condition=~models.Q(sha256=""), name="videos_video_sha256"),
            models.Index(fields=["owner", "etag"], condition=~models.Q(etag=""), name="videos_video_etag"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["stack", "version"], name="videos_video_one_of_a_version"),
            models.UniqueConstraint(
                fields=["youtube_id"], condition=~models.Q(youtube_id=""), name="videos_video_one_of_a_youtube_id"
            ),
            models.CheckConstraint(
                condition=models.Q(source="upload", owner__isnull=False, youtube_id="")
                | (models.Q(source="youtube", owner=None) & ~models.Q(youtube_id="")),
                name="videos_video_owner_or_youtube_id",
            ),
            models.CheckConstraint(
                condition=models.Q(stack=None, version=None) | models.Q(stack__isnull=False, version__gte=1),
                name="videos_video_version_in_a_stack",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_title

    @property
    def video_id(self) -> str:
        """The id in addresses and in the API: that of YouTube, or that of the upload."""
        return self.youtube_id or str(self.pk)

    @property
    def is_youtube(self) -> bool:
        return self.source == self.Source.YOUTUBE

    @property
    def uploader(self) -> User:
        """The owner of an upload."""
        assert self.owner is not None  # noqa: S101 - a constraint requires it for uploads
        return self.owner

    @property
    def is_in_library(self) -> bool:
        """Whether the viewer of `with_entries_of` has added this YouTube video."""
        return self.entry_user_id is not None

    @property
    def shown_title(self) -> str:
        """The title for the viewer."""
        return self.entry_title or self.title

    @property
    def shown_collection_id(self) -> uuid.UUID | None:
        """The collection of the viewer that holds the video."""
        return self.entry_collection_id if self.is_youtube else self.collection_id

    @property
    def added_at(self) -> datetime:
        """When the video was uploaded, or when the viewer added it."""
        return self.entry_created_at or self.created_at

    @property
    def is_ready(self) -> bool:
        return self.status == self.Status.READY

    @property
    def hold_reference(self) -> str:
        """The reference of its latest hold in the ledger."""
        return f"video:{self.pk}:{self.holds}"

    @property
    def versions(self) -> list["Video"]:
        """The videos of its stack, oldest first. Empty if it has no stack."""
        return list(self.stack.videos.all()) if self.stack else []

    @property
    def safe_title(self) -> str:
        """The title for use in a file name: at most 60 characters, and only safe ones."""
        return re.sub(r"[^\w.()+-]+", " ", self.shown_title).strip(" .")[:60].strip(" .") or "video"

    @property
    def rendition_key(self) -> str:
        return self.derived_key("web.mp4")

    def list_properties(self) -> dict[str, Any]:
        """Return what the probe found with the duration and size as Sage measured them."""
        measured = {"duration": self.duration, "frame_rate": self.frame_rate, "size": self.size}
        return {**self.metadata, **{name: value for name, value in measured.items() if value is not None}}

    def find_still(self, start: float, end: float) -> str:
        """Return the name of the still nearest to the middle of a span in seconds, preferably from inside the span."""
        inside = [number for number, second in enumerate(self.stills) if start <= second < end]
        middle = (start + end) / 2
        places = inside or range(len(self.stills))
        nearest = min(places, key=lambda number: abs(self.stills[number] - middle), default=0)
        return f"still-{nearest:05d}.jpg"

    def derived_key(self, name: str) -> str:
        """Return the storage key of a file that was made from this video."""
        return f"derived/{self.pk}/{name}"
