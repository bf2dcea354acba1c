"""Write the text of a note from what is said around its second. Only workers import this module."""

from contextlib import closing
from typing import Any

from django.conf import settings

from accounts.credentials.provider_keys import describe_caller
from accounts.viewer import Viewer
from notes.ai import wording
from notes.ai.queueing import save_text
from notes.models import Note, NoteJob
from sage.jobs.errors import JobRejected
from sage.jobs.heartbeat import Heartbeat, iterate_in_thread
from sage.jobs.registry import Save
from sage.providers import registry
from sage.providers.errors import ProviderError, ProviderRejected
from sage.providers.protocols import ChatMessage, ChatSource
from videos.models import Video
from videos.transcripts.storage import choose_transcript, load_cues

MAX_TRIES = 3
USELESS = "The model wrote no usable line for this note. Retry, or write it yourself."


def write_note(job: NoteJob, heartbeat: Heartbeat) -> Save:
    """Return the function that stores the text, unless the owner has written or deleted the note meanwhile."""
    note = job.note
    if note.text is not None or note.deleted_at is not None:
        return lambda: None
    viewer = Viewer(note.owner)
    video = Video.objects.with_entries_of(viewer).filter(pk=note.video_id).first()
    transcript = choose_transcript(video) if video else None
    if transcript is None:
        raise JobRejected(wording.NOTHING_SAID)
    cues = wording.choose_cues(load_cues(transcript), note.seconds)
    try:
        if settings.NOTE_MODEL.partition(":")[0] == wording.LOCAL_ENGINE:
            text = wording.quote_best_line(cues, note.seconds)
        else:
            passage = wording.join_text(cues)
            text = _ask_model(job, note, passage, heartbeat)
    except ValueError as error:
        raise JobRejected(str(error)) from error
    return lambda: _save(note, text)


def _ask_model(job: NoteJob, note: Note, passage: str, heartbeat: Heartbeat) -> str:
    """Return the text of a model. Raises `ValueError` if it is of no use after the last try."""
    asked = [ChatMessage("user", wording.PROMPT.format(timestamp=note.timestamp))]
    try:
        model = registry.choose_note_model(**describe_caller(note.owner_id, "NOTE_MODEL"))
        create: Any = lambda: model.stream(asked, [ChatSource("passage", passage)], wording.MAX_TOKENS)  # noqa: E731
        with closing(iterate_in_thread(create, heartbeat)) as pieces:
            answer = "".join(pieces)
    except ProviderRejected as error:
        raise JobRejected(str(error)) from error
    except ProviderError as error:
        if job.attempts >= MAX_TRIES:
            raise JobRejected(str(error)) from error
        raise
    try:
        return wording.clean_answer(answer)
    except ValueError as error:
        if job.attempts >= MAX_TRIES:
            raise ValueError(USELESS) from error
        raise ProviderError(USELESS) from error


def _save(note: Note, text: str) -> None:
    save_text(note.pk, text)
