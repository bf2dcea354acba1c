"""Show notes to operators."""

from django.contrib import admin

from notes.models import Note, NoteJob
from sage.admin import ReadOnlyAdmin


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin):
    list_display = ["video", "timestamp", "owner", "done", "created_at", "deleted_at"]
    list_filter = ["done", "generated_by_ai", "created_at"]
    search_fields = ["video__title", "owner__email", "id"]
    list_select_related = ["video", "owner"]


@admin.register(NoteJob)
class NoteJobAdmin(ReadOnlyAdmin):
    list_display = ["note_id", "status", "attempts", "error", "created_at", "started_at", "completed_at"]
    list_filter = ["status", "created_at"]
