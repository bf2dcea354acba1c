"""Write the text of a note from what is said around its second. Only workers import this module."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from django.conf import settings

from accounts.credentials.provider_keys import describe_caller
from accounts.viewer import Viewer
from notes.ai.queueing import MIN_LENGTH, save_text, shorten
from notes.models import Note, NoteJob
from sage.durations import format_timestamp
from sage.jobs.errors import JobRejected
from sage.jobs.heartbeat import Heartbeat, iterate_in_thread
from sage.jobs.registry import Save
from sage.providers import registry
from sage.providers.errors import ProviderError, ProviderRejected
from sage.providers.protocols import ChatMessage, ChatSource
from videos.models import Video
from videos.transcripts.cues import TimedText
from videos.transcripts.passages import Sentence, split_sentences
from videos.transcripts.storage import choose_transcript, load_cues

AROUND_SECONDS = 15.0  # before and after the second of a note
AROUND_CUES = 15  # at most, on each side
MAX_TRIES = 3
MAX_TOKENS = 120
LOCAL_ENGINE = "extractive"
NOTHING_SAID = "Nothing is said around this second. Write the note yourself."
PROMPT = (
    "A viewer marked the second {second} of a video without writing a note. Write the note: one line of 40 to 120 "
    "characters, in the language of the passage, that says what is said at that second. Write plain text, without "
    "quotation marks, times, labels or Markdown."
)


def write_note(job: NoteJob, heartbeat: Heartbeat) -> Save:
    """Return the function that stores the text, unless the owner has written or deleted the note meanwhile."""
    note = job.note
    if note.text is not None or note.deleted_at is not None:
        return lambda: None
    viewer = Viewer(note.owner)
    video = Video.objects.with_entries_of(viewer).filter(pk=note.video_id).first()
    transcript = choose_transcript(video) if video else None
    if transcript is None:
        raise JobRejected(NOTHING_SAID)
    cues = choose_cues(load_cues(transcript), note.seconds)
    if not cues:
        raise JobRejected(NOTHING_SAID)
    if settings.NOTE_MODEL.partition(":")[0] == LOCAL_ENGINE:
        text = choose_line(split_sentences(cues), note.seconds)
    else:
        text = _ask_model(job, note, cues, heartbeat)
    return lambda: _save(note, text)


def choose_cues(cues: Sequence[TimedText], second: float) -> list[TimedText]:
    """Return the cues within `AROUND_SECONDS` of a second, at most `AROUND_CUES` on each side."""
    near = [cue for cue in cues if cue.end > second - AROUND_SECONDS and cue.start < second + AROUND_SECONDS]
    before = [cue for cue in near if cue.start < second]
    return before[-AROUND_CUES:] + [cue for cue in near if cue.start >= second][:AROUND_CUES]


def choose_line(sentences: Sequence[Sentence], second: float) -> str:
    """Return the sentence that is said at a second, with those that follow or precede it if it is short."""
    distances = [max(one.start - second, second - one.end, 0.0) for one in sentences]
    place = distances.index(min(distances))
    first = last = place
    text = sentences[place].text
    while len(text) < MIN_LENGTH and (first > 0 or last < len(sentences) - 1):
        if last < len(sentences) - 1:
            last += 1
        else:
            first -= 1
        text = " ".join(one.text for one in sentences[first : last + 1])
    return shorten(" ".join(text.split()))


def _ask_model(job: NoteJob, note: Note, cues: Sequence[TimedText], heartbeat: Heartbeat) -> str:
    sources = [ChatSource(f"[{format_timestamp(cue.start)}]", cue.text) for cue in cues]
    asked = [ChatMessage("user", PROMPT.format(second=format_timestamp(note.seconds)))]
    try:
        model = registry.choose_note_model(**describe_caller(note.owner_id, "NOTE_MODEL"))
        create: Any = lambda: model.stream(asked, sources, MAX_TOKENS)  # noqa: E731
        with closing(iterate_in_thread(create, heartbeat)) as pieces:
            answer = "".join(pieces)
    except ProviderRejected as error:
        raise JobRejected(str(error)) from error
    except ProviderError as error:
        if job.attempts >= MAX_TRIES:
            raise JobRejected(str(error)) from error
        raise
    text = clean_answer(answer)
    if not text:
        if job.attempts >= MAX_TRIES:
            raise JobRejected("The model gave no text for this note. Retry, or write it yourself.")
        raise ProviderError("The model gave no text.")
    return text


def clean_answer(answer: str) -> str:
    """Return the first line of a model's answer as plain text, at most `MAX_LENGTH` long."""
    line = next((line for line in answer.splitlines() if line.strip()), "")
    plain = "".join(letter for letter in line if letter.isprintable() and letter not in "<>*`#_[]")
    return shorten(" ".join(plain.split()).strip("\"'“”„«» "))


def _save(note: Note, text: str) -> None:
    save_text(note.pk, text)
