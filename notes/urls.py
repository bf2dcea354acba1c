"""Map the URLs of the pages of notes."""

from django.urls import path

from notes import views
from notes.attachments import views as attachments
from notes.carrying import views as carrying
from notes.comparisons import views as comparison_views

app_name = "notes"
urlpatterns = [
    path("notes/", views.note_list, name="list"),
    path("videos/<video:video_id>/notes/", views.video_notes, name="create"),
    path("videos/<video:video_id>/notes/<uuid:note_id>/place/", carrying.place_note, name="place"),
    path("videos/<video:video_id>/notes/<uuid:note_id>/unplace/", carrying.unplace_note, name="unplace"),
    path("compare/<uuid:comparison_id>/notes/", comparison_views.create_comparison_note, name="create-on-comparison"),
    path("s/<slug:token>/comments/", comparison_views.create_comment, name="comment"),
    path("notes/<uuid:note_id>/edit/", views.edit_note, name="edit"),
    path("notes/<uuid:note_id>/done/", views.mark_note, name="mark"),
    path("notes/<uuid:note_id>/retry/", views.retry_note, name="retry"),
    path("notes/<uuid:note_id>/delete/", views.delete_note, name="delete"),
    path("notes/<uuid:note_id>/frame/", attachments.attach_frame, name="attach-frame"),
    path(
        "notes/<uuid:note_id>/attachments/<uuid:attachment_id>/remove/",
        attachments.remove_attachment,
        name="remove-attachment",
    ),
    path("notes/<uuid:note_id>/restore/", views.restore_note, name="restore"),
]
