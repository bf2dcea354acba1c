"""Attach frames and remove attachments with plain forms. Drawing needs a script."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.viewer import viewer_of
from notes.attachments import writing
from notes.attachments.models import NoteAttachment
from notes.models import Note
from sage.errors import ApplicationError


@login_required
@require_POST
def attach_frame(request: HttpRequest, note_id: uuid.UUID) -> HttpResponse:
    """Attach the frame at the time of a note."""
    note = _get_own(request, note_id)
    try:
        writing.attach_frame(note)
    except ApplicationError as error:
        messages.error(request, error.message)
    return _redirect_to(note)


@login_required
@require_POST
def remove_attachment(request: HttpRequest, note_id: uuid.UUID, attachment_id: uuid.UUID) -> HttpResponse:
    """Remove a drawing or a frame."""
    note = _get_own(request, note_id)
    attachments = NoteAttachment.objects.select_related("note__video")
    writing.remove_attachment(get_object_or_404(attachments, note=note, pk=attachment_id))
    return _redirect_to(note)


def _get_own(request: HttpRequest, note_id: uuid.UUID) -> Note:
    return get_object_or_404(Note.objects.owned_by(viewer_of(request)).with_people(), pk=note_id)


def _redirect_to(note: Note) -> HttpResponse:
    path = reverse("videos:watch", args=[note.video.video_id])
    return redirect(f"{path}?panel=notes&t={note.seconds:.2f}#note-{note.pk}")
