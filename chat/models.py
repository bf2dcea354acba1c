"""Define conversations, their messages, the jobs that write answers, and the questions that count against a quota."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from pgvector.django import VectorField

from accounts.viewer import Viewer
from chat.outputs.models import Output  # noqa: F401 - Django finds the model here
from chat.training.models import TrainingJob, TrainingPair, TrainingSet  # noqa: F401 - as above
from sage.jobs.models import AbstractJob, JobQuerySet
from videos.models import Video

DEFAULT_TITLE = "New Conversation"
MAX_TITLE_LENGTH = 200  # characters
MAX_TEXT_LENGTH = 10_000  # characters of a question
MAX_VIDEOS = 20  # of a conversation, and of a message


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def owned_by(self, viewer: Viewer) -> Self:
        """Return the conversations of a user or of a guest."""
        if viewer.user:
            return self.filter(owner=viewer.user)
        return self.filter(guest_id=viewer.guest_id) if viewer.guest_id else self.none()

    def with_subjects(self) -> Self:
        """Load what the conversations are about, without the script of a comparison."""
        about = models.Prefetch("topics", ConversationVideo.objects.select_related("video"))
        rows = self.select_related("collection", "comparison__video_a", "comparison__video_b")
        return rows.defer("comparison__script", "comparison__words").prefetch_related(about)


class ActiveConversationManager(models.Manager["Conversation"]):
    """Hide deleted conversations."""

    def get_queryset(self) -> ConversationQuerySet:
        return ConversationQuerySet(self.model, using=self._db).filter(deleted_at=None)


class Conversation(models.Model):
    """A conversation of a user, or of a guest, about videos, a comparison, a collection, or nothing in particular.

    `session_key` is the name that a client of the socket gave it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="conversations"
    )
    guest_id = models.CharField(max_length=64, blank=True)
    session_key = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=MAX_TITLE_LENGTH, default=DEFAULT_TITLE)
    videos = models.ManyToManyField(Video, through="ConversationVideo", related_name="conversations")
    comparison = models.ForeignKey(
        "videos.Comparison", null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations"
    )
    collection = models.ForeignKey(
        "videos.Collection", null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations"
    )
    pinned = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, help_text="When the last message was added.")
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ActiveConversationManager.from_queryset(ConversationQuerySet)()
    all_objects: ClassVar[models.Manager["Conversation"]] = models.Manager()

    class Meta:
        ordering = ["-pinned", "-updated_at", "pk"]
        indexes = [
            models.Index(fields=["owner", "-pinned", "-updated_at"], name="chat_conversation_of_owner"),
            models.Index(fields=["guest_id"], condition=~models.Q(guest_id=""), name="chat_conversation_of_guest"),
            models.Index(fields=["deleted_at"], condition=~models.Q(deleted_at=None), name="chat_conversation_deleted"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner=None) ^ models.Q(guest_id=""), name="chat_conversation_of_a_user_or_a_guest"
            ),
            models.UniqueConstraint(
                fields=["owner", "guest_id", "session_key"],
                condition=~models.Q(session_key=""),
                nulls_distinct=False,
                name="chat_conversation_one_of_a_session",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def list_videos(self) -> list[Video]:
        """Return the videos in order, without deleted ones. Load the rows by `with_subjects`."""
        return [topic.video for topic in self.topics.all() if topic.video.deleted_at is None]

    @property
    def video_ids(self) -> list[str]:
        return [video.video_id for video in self.list_videos()]

    @property
    def video_id(self) -> str | None:
        """The video that the conversation is about, if it is about exactly one."""
        ids = self.video_ids
        return ids[0] if len(ids) == 1 else None


class ConversationVideo(models.Model):
    """A video that a conversation is about."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="topics")
    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "video"], name="chat_conversationvideo_once"),
        ]

    def __str__(self) -> str:
        return str(self.video)


class MessageQuerySet(models.QuerySet["Message"]):
    def owned_by(self, viewer: Viewer) -> Self:
        """Return the messages of the conversations of a user or of a guest."""
        return self.filter(conversation__in=Conversation.objects.owned_by(viewer).order_by().values("pk"))


class ActiveMessageManager(models.Manager["Message"]):
    """Hide messages that are deleted, or whose conversation is."""

    def get_queryset(self) -> MessageQuerySet:
        rows = MessageQuerySet(self.model, using=self._db)
        return rows.filter(deleted_at=None, conversation__deleted_at=None)


class Message(models.Model):
    """A question or an answer. `number` is its place in the conversation.

    `metadata` of an answer has `citations` [{video_id, start, text}], `model`, and `error` if it failed. That of an
    agent also has `outputs`, the IDs of what it made, and `parts`, what clients show beside the text.
    `exchange` is the `conv_id` of the socket.
    """

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"

    class Status(models.TextChoices):
        STREAMING = "streaming"
        COMPLETE = "complete"
        STOPPED = "stopped"
        FAILED = "failed"

    class ChatType(models.TextChoices):
        """Whether a message brings or looks at videos."""

        TEXT = "text"
        VIDEO = "video"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    number = models.PositiveIntegerField()
    role = models.CharField(max_length=10, choices=Role.choices)
    content = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.COMPLETE)
    chat_type = models.CharField(max_length=5, choices=ChatType.choices, default=ChatType.TEXT)
    video_ids = ArrayField(models.CharField(max_length=36), default=list, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    exchange = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=40, blank=True, help_text="That the question calls. Empty for a plain answer.")
    model = models.CharField(max_length=100, blank=True, help_text="Of the vector.")
    vector = VectorField(null=True, blank=True, help_text="Of the content, for the search of messages.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ActiveMessageManager.from_queryset(MessageQuerySet)()
    all_objects: ClassVar[models.Manager["Message"]] = models.Manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="chat_message_one_at_a_number"),
            models.CheckConstraint(
                condition=models.Q(role="assistant") | models.Q(status="complete"),
                name="chat_message_of_a_user_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.content[:80]

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.STREAMING

    @property
    def citations(self) -> Sequence[dict[str, Any]]:
        return self.metadata.get("citations", ())


class AnswerJobQuerySet(JobQuerySet["AnswerJob"]):
    def with_subjects(self) -> Self:
        return self.select_related("message__conversation")


class AnswerJob(AbstractJob):
    """The job that writes an answer."""

    KIND = "answer"

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="job")

    objects: ClassVar = AnswerJobQuerySet.as_manager()

    class Meta(AbstractJob.Meta):
        pass

    @property
    def subject(self) -> Message:
        return self.message

    def list_audience(self) -> list[uuid.UUID]:
        owner_id = self.message.conversation.owner_id
        return [owner_id] if owner_id else []


class AskedQuestion(models.Model):
    """A question that counts against the quota of a day. It outlives the conversation, so that deleting resets nothing.

    `user_id` is a plain ID. `address` is a keyed digest of the network address of a guest.
    """

    user_id = models.UUIDField(null=True, blank=True)
    guest_id = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=64, blank=True)
    answer_id = models.UUIDField(unique=True, help_text="If the answer fails before it begins, this row is deleted.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["user_id", "created_at"], name="chat_askedquestion_of_user"),
            models.Index(fields=["guest_id", "created_at"], name="chat_askedquestion_of_guest"),
            models.Index(fields=["address", "created_at"], name="chat_askedquestion_of_address"),
            models.Index(fields=["created_at"], name="chat_askedquestion_by_time"),
        ]

    def __str__(self) -> str:
        return str(self.answer_id)
