"""Define the base classes of admin pages and register the admin log."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest

from sage.models import IdempotentResponse, ProviderCall


class DeleteOnlyAdmin(admin.ModelAdmin):
    """An admin page whose objects operators can view and delete, but not add or change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(DeleteOnlyAdmin):
    """An admin page whose objects operators can only view."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """The log of admin actions. It contains only IDs of objects, which a migration of accounts enforces."""

    list_display = ["action_time", "user", "action_flag", "content_type", "object_id", "change"]
    list_filter = ["action_flag", "content_type", "action_time"]
    search_fields = ["user__email", "object_id", "change_message"]
    list_select_related = ["user", "content_type"]
    fields = ["action_time", "user", "action_flag", "content_type", "object_id", "change"]
    show_full_result_count = False

    @admin.display(description="change")
    def change(self, entry: LogEntry) -> str:
        return entry.get_change_message()


@admin.register(IdempotentResponse)
class IdempotentResponseAdmin(ReadOnlyAdmin):
    """Requests with an `Idempotency-Key`. The body of the response is for its user only and is not shown."""

    list_display = ["user", "key", "status", "created_at"]
    list_filter = ["status", "created_at"]
    search_fields = ["key", "user__email"]
    list_select_related = ["user"]
    fields = ["user", "key", "request_digest", "status", "created_at"]


@admin.register(ProviderCall)
class ProviderCallAdmin(ReadOnlyAdmin):
    """Calls to providers of models: purpose, duration, usage and errors."""

    list_display = [
        "started_at",
        "purpose",
        "model",
        "user_id",
        "seconds",
        "input_tokens",
        "output_tokens",
        "audio_seconds",
        "video_seconds",
        "ok",
        "error_code",
    ]
    list_filter = ["ok", "purpose", "error_code", "started_at"]
    search_fields = ["model", "user_id"]
    ordering = ["-started_at"]
    show_full_result_count = False
