"""Show conversations to operators, without the texts of messages."""

from django.contrib import admin

from chat.models import AnswerJob, AskedQuestion, Conversation, ConversationVideo, Message
from chat.outputs.models import Output
from chat.training.models import TrainingJob, TrainingPair, TrainingSet
from sage.admin import ReadOnlyAdmin


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ["id", "owner", "pinned", "created_at", "updated_at", "deleted_at"]
    list_filter = ["pinned", "created_at"]
    search_fields = ["owner__email", "id"]
    list_select_related = ["owner"]
    exclude = ["title", "videos"]


@admin.register(ConversationVideo)
class ConversationVideoAdmin(ReadOnlyAdmin):
    search_fields = ["conversation__id", "video__title"]
    list_display = ["conversation_id", "video", "position"]
    list_select_related = ["video"]


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["id", "conversation_id", "role", "status", "chat_type", "created_at", "deleted_at"]
    list_filter = ["role", "status", "created_at"]
    search_fields = ["id", "conversation__id"]
    exclude = ["content", "vector", "metadata"]


@admin.register(AnswerJob)
class AnswerJobAdmin(ReadOnlyAdmin):
    search_fields = ["id", "message__id", "error"]
    list_display = ["id", "message_id", "status", "attempts", "error", "created_at", "started_at", "completed_at"]
    list_filter = ["status", "created_at"]
    exclude = ["message"]


@admin.register(AskedQuestion)
class AskedQuestionAdmin(ReadOnlyAdmin):
    search_fields = ["answer_id", "user_id", "guest_id"]
    list_display = ["answer_id", "user_id", "guest_id", "created_at"]
    list_filter = ["created_at"]


@admin.register(Output)
class OutputAdmin(ReadOnlyAdmin):
    list_display = ["id", "owner", "agent", "type", "status", "model", "tokens_used", "created_at", "deleted_at"]
    list_filter = ["type", "status", "agent", "created_at"]
    search_fields = ["id", "owner__email", "conversation__id"]
    list_select_related = ["owner"]
    exclude = ["question", "content", "data", "metadata", "vector", "message"]


@admin.register(TrainingSet)
class TrainingSetAdmin(ReadOnlyAdmin):
    list_display = ["id", "owner", "created_at", "deleted_at"]
    list_filter = ["created_at"]
    search_fields = ["id", "owner__email"]
    list_select_related = ["owner"]
    exclude = ["title"]


@admin.register(TrainingPair)
class TrainingPairAdmin(ReadOnlyAdmin):
    list_display = ["id", "set_id", "number", "status", "is_edited", "model", "updated_at"]
    list_filter = ["status", "is_edited"]
    search_fields = ["id", "set__id"]
    exclude = ["input", "output_text", "vector", "output", "set", "duplicate_of"]


@admin.register(TrainingJob)
class TrainingJobAdmin(ReadOnlyAdmin):
    list_display = ["id", "set_id", "status", "attempts", "error", "created_at", "started_at", "completed_at"]
    list_filter = ["status", "created_at"]
    search_fields = ["id", "set__id", "error"]
    exclude = ["set"]
