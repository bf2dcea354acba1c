"""Show notes to operators."""

from django.contrib import admin

from notes.models import AttachmentJob, CarriedNote, Note, NoteAttachment, NoteJob
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
    search_fields = ["note__id", "error"]


@admin.register(CarriedNote)
class CarriedNoteAdmin(ReadOnlyAdmin):
    list_display = ["note_id", "video", "state", "seconds", "is_placed", "updated_at"]
    list_filter = ["state", "is_placed"]
    search_fields = ["note__id", "video__title"]
    list_select_related = ["video"]


@admin.register(NoteAttachment)
class NoteAttachmentAdmin(ReadOnlyAdmin):
    list_display = ["id", "note_id", "kind", "created_at"]
    list_filter = ["kind"]
    search_fields = ["id", "note__id"]


@admin.register(AttachmentJob)
class AttachmentJobAdmin(ReadOnlyAdmin):
    list_display = ["id", "status", "attempts", "error", "created_at", "started_at", "completed_at"]
    list_filter = ["status", "created_at"]
    search_fields = ["id", "error"]
