"""Have notes without a text written: queue the jobs, and end them."""

import uuid
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from billing import charges
from billing.operations import Operation
from notes.ai.wording import MAX_LENGTH, MIN_LENGTH, clean_answer
from notes.models import Note, NoteJob
from sage.errors import Conflict, InsufficientTokens, InvalidInput
from sage.jobs import queue
from sage.jobs.registry import Save
from videos.models import Video

MOST_ACCEPTED = 500  # characters of what an outside worker sends, before it is shortened
WRITTEN_MEANWHILE = "The owner of this note has written a text, or has deleted the note. Nothing was changed."


def list_eligible(video: Video | None = None) -> QuerySet[Note]:
    """Return the notes that may be written: empty, wanted by their owners, not failed, and with a transcript."""
    has_transcript = Q(video__has_transcript=True) | Q(entry__has_transcript=True)
    rows = Note.objects.filter(has_transcript, text=None, reply_to=None, owner__ai_notes_enabled=True)
    rows = rows.exclude(job__status=NoteJob.Status.FAILED)
    return rows.filter(video=video) if video else rows


def lock_transcripts(video: Video) -> None:
    """Wait until a transcript that is being stored for a video is there, and keep others from being stored.

    Without the lock, neither the transaction that creates an empty note nor the one that stores a transcript at the
    same time sees the row of the other. Call it before other rows are locked.
    """
    Video.all_objects.select_for_update(no_key=True).filter(pk=video.pk).first()


def begin(note: Note) -> None:
    """Queue the writing of a new note if it is eligible. Call it in the transaction that creates the note, last.

    That transaction has called `lock_transcripts`.
    """
    if note.text is None and note.reply_to_id is None and list_eligible().filter(pk=note.pk).exists():
        _queue(note)


def write_waiting_notes(video: Video, **_: Any) -> None:
    """Queue the writing of the notes that waited for a transcript, when the transaction that stores it commits."""
    transaction.on_commit(partial(_begin_waiting, video), robust=True)


def _begin_waiting(video: Video) -> None:
    """Queue each note in a transaction of its own, because its price locks the account of its owner."""
    for note_id in list(list_eligible(video).filter(job=None).values_list("pk", flat=True)):
        with transaction.atomic():
            note = Note.objects.select_related("video", "owner").filter(pk=note_id, text=None).first()
            if note is not None:
                _queue(note)


def retry(note: Note) -> None:
    """Write a note again whose writing has failed. Raises `Conflict`."""
    with transaction.atomic():
        job = NoteJob.rows().select_for_update(of=("self",)).with_subjects().filter(note=note).first()
        if job is None or job.status not in (NoteJob.Status.FAILED, NoteJob.Status.CANCELLED) or note.text is not None:
            raise Conflict("This note has a text, or is being written.")
        job.holds += 1
        queue.restart(job)
        charges.hold(note.owner_id, Operation.AI_NOTE, build_reference(job), video_id=note.video_id)


def lock_job(note: Note) -> None:
    """Lock the job of a note, which a transaction does before it locks the note."""
    NoteJob.rows().select_for_update(of=("self",)).filter(note=note).first()


def cancel(note: Note) -> None:
    """Stop the writing of a note that its owner has written or deleted, and release the price.

    Call it last in the transaction that changes the note, which has called `lock_job` first. A worker then writes the
    note and is paid before that transaction, or not at all.
    """
    jobs = NoteJob.rows().filter(note=note)
    if queue.cancel(jobs):
        for job in jobs:
            charges.release(Operation.AI_NOTE, build_reference(job))


def settle(job: NoteJob) -> None:
    """Capture the price if a text was stored, else release it. Call it in the transaction that ended the job."""
    is_written = Note.objects.filter(pk=job.note_id, generated_by_ai=True).exclude(text=None).exists()
    if job.status == NoteJob.Status.COMPLETED and is_written:
        charges.capture(Operation.AI_NOTE, build_reference(job))
    else:
        charges.release(Operation.AI_NOTE, build_reference(job))


def read_text(job: NoteJob, value: Any) -> Save:
    """Check the text of an outside worker. Return the function that stores it. Raises `InvalidInput`."""
    text = clean_line(value)

    def save() -> None:
        save_text(job.note_id, text)

    return save


def clean_line(value: Any) -> str:
    """Return the text of an outside worker as one plain line. Raises `InvalidInput`."""
    try:
        if not isinstance(value, str) or len(value) > MOST_ACCEPTED:
            raise ValueError(f"Send one line of {MIN_LENGTH} to {MAX_LENGTH} characters.")
        return clean_answer(value)
    except ValueError as error:
        raise InvalidInput.field("text", str(error), "invalid") from error


def save_text(note_id: uuid.UUID, text: str) -> bool:
    """Store the text of a note that is still empty. Return False if its owner has written or deleted it."""
    return bool(Note.objects.filter(pk=note_id, text=None).update(text=text, generated_by_ai=True))


def save_from_outside(note: Note, text: str, generated_by_ai: bool) -> None:
    """Store the text of an outside worker without a task. Raises `Conflict` once the owner has written."""

    def save() -> None:
        rows = Note.objects.filter(pk=note.pk).filter(Q(text=None) | Q(generated_by_ai=True))
        if not rows.update(text=text, generated_by_ai=generated_by_ai):
            raise Conflict(WRITTEN_MEANWHILE)

    with transaction.atomic():
        queue.complete_open(NoteJob.rows().filter(note=note).with_subjects(), save)


def build_reference(job: NoteJob) -> str:
    """Return the reference of the hold for one writing of a note."""
    return f"ai_note:{job.pk}:{job.holds}"


def _queue(note: Note) -> None:
    job, is_new = NoteJob.objects.get_or_create(note=note, defaults={"kind": NoteJob.KIND})
    if not is_new:  # another transcript of the video was stored at the same time
        return
    try:
        charges.hold(note.owner_id, Operation.AI_NOTE, build_reference(job), video_id=note.video_id)
    except InsufficientTokens as error:
        queue.reject(job, error.message)
        return
    queue.wake_workers(job)
