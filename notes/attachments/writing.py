"""Attach drawings and frames to notes, and remove them."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.http import Http404

from notes.attachments.drawings import clean_drawing
from notes.attachments.models import AttachmentJob, NoteAttachment
from notes.models import Note
from notes.topics import NOTES
from sage.errors import Conflict, InvalidInput
from sage.jobs import queue
from sage.storage import storage

CUT_FRAME = "cut_frame"  # the kind of the job
MAX_ERROR_LENGTH = 200  # of `NoteAttachment.error`


def attach_drawing(note: Note, data: Any) -> NoteAttachment:
    """Attach a drawing to a note. It replaces the previous one. Raises `InvalidInput`."""
    drawing = clean_drawing(data)
    with transaction.atomic():
        _lock(note)
        _remove(note, NoteAttachment.Kind.DRAWING)
        attachment = NoteAttachment.objects.create(note=note, kind=NoteAttachment.Kind.DRAWING, drawing=drawing)
        publish(note)
    return attachment


def attach_frame(note: Note) -> NoteAttachment:
    """Attach the frame at the time of a note, which a worker cuts. It replaces the previous one.

    Raises `InvalidInput` for a YouTube video, and `Conflict` if the video cannot be read.
    """
    if note.video.is_youtube:
        message = "Sage has no file of a YouTube video, so it cannot cut a frame. Draw over the picture instead."
        raise InvalidInput.field("kind", message, "invalid_choice")
    if not note.video.is_ready:
        raise Conflict("The video is still processed, or could not be read. Add the frame when it is ready.")
    with transaction.atomic():
        _lock(note)
        _remove(note, NoteAttachment.Kind.FRAME)
        attachment = NoteAttachment.objects.create(note=note, kind=NoteAttachment.Kind.FRAME)
        queue.wake_workers(AttachmentJob.objects.create(attachment=attachment, kind=CUT_FRAME))
        publish(note)
    return attachment


def remove_attachment(attachment: NoteAttachment) -> None:
    """Delete an attachment with its file."""
    with transaction.atomic():
        attachment.delete()
        publish(attachment.note)


def publish(note: Note) -> None:
    """Tell the open pages of the owner that a note has changed."""
    data = {"note_id": str(note.pk), "video_id": note.video.video_id}
    transaction.on_commit(partial(NOTES.publish, note.owner_id, data))


def _lock(note: Note) -> None:
    if Note.objects.select_for_update(of=("self",)).filter(pk=note.pk).first() is None:
        raise Http404


def _remove(note: Note, kind: str) -> None:
    for attachment in NoteAttachment.objects.filter(note=note, kind=kind).defer("drawing"):
        attachment.delete()


@receiver(post_delete, sender=NoteAttachment)
def _delete_file(instance: NoteAttachment, **_: Any) -> None:
    """Delete the file of an attachment, also if it goes with its note, its video or its owner."""
    if instance.key:
        transaction.on_commit(partial(storage.delete, instance.key), robust=True)
