"""What the admin's pages share, and what was done on them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest


class TakenAwayOnly(admin.ModelAdmin):
    """What people and workers make: operators see that it is there, and may take it away."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(TakenAwayOnly):
    """Looked at, and no more."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly):
    """Who did what here. It names things by their ids alone: the database sees to that, by a migration of accounts."""

    list_display = ["action_time", "user", "action_flag", "content_type", "object_id", "what"]
    list_filter = ["action_flag", "content_type", "action_time"]
    search_fields = ["user__email", "object_id", "change_message"]
    list_select_related = ["user", "content_type"]
    fields = ["action_time", "user", "action_flag", "content_type", "object_id", "what"]
    show_full_result_count = False

    @admin.display(description="change")
    def what(self, entry: LogEntry) -> str:
        return entry.get_change_message()
