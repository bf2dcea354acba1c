"""URLs of the notes API below `/v2/`."""

from django.urls import path

from notes.api import comments, internal, views
from notes.attachments.api import NoteAttachmentsView, NoteAttachmentView

NOTE = "notes/<uuid:note_id>"

app_name = "notes-api"
urlpatterns = [
    path("videos/<video:video_id>/notes", views.VideoNotesView.as_view(), name="video-notes"),
    path("notes/export", views.NoteExportView.as_view(), name="export"),
    path("notes/import", views.NoteImportView.as_view(), name="import"),
    path("shares/<slug:token>/comments", comments.ShareCommentsView.as_view(), name="share-comments"),
    path(NOTE, views.NoteDetailView.as_view(), name="note"),
    path(f"{NOTE}/attachments", NoteAttachmentsView.as_view(), name="attachments"),
    path(f"{NOTE}/attachments/<uuid:attachment_id>", NoteAttachmentView.as_view(), name="attachment"),
    path(f"{NOTE}/restore", views.NoteRestoreView.as_view(), name="restore"),
    path("internal/videos/<video:video_id>/ai-notes", internal.AiNoteListView.as_view(), name="internal-ai-notes"),
    path(f"internal/{NOTE}", internal.InternalNoteView.as_view(), name="internal-note"),
]
