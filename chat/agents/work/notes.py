"""Collect the notes on videos."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accounts.viewer import Viewer
from chat.agents.events import Event, Progress, Text
from chat.agents.task import Subject, Task
from chat.agents.work.local import add_hint
from chat.agents.work.summary import CHOOSE
from chat.answering.evidence import Citable
from chat.answering.subjects import find_videos
from notes.models import Note

MAX_NOTES = 300  # of all chosen videos
MAX_LETTERS = 500  # of a note
RULES = (
    "Sort the notes of a review of videos for the person who works on them: first what is still to do, then what is "
    "decided, then the rest, in Markdown. After each statement, cite the note by its label. Cite only labels that you "
    "were given. Answer the request in its language."
)


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note with the passage that cites it."""

    citable: Citable
    is_done: bool


def list_notes(task: Task, viewer: Viewer) -> list[NoteLine]:
    """Return the viewer's notes with a text on the videos of the task, by time. They can be cited."""
    by_id = {subject.video_id: subject for subject in task.subjects}
    found = find_videos(viewer, list(by_id))
    rows = Note.objects.owned_by(viewer).filter(video__in=found).exclude(text=None).exclude(text="")
    lines = []
    for note in rows.select_related("video").order_by("video", "seconds", "created_at")[:MAX_NOTES]:
        subject = by_id[note.video.video_id]
        end = note.end_seconds or note.seconds + 1
        text = " ".join((note.text or "").split())[:MAX_LETTERS]
        author = f"{note.guest_name}: " if note.guest_name else ""
        citable = Citable(subject.video_id, subject.letter, note.seconds, end, f"{author}{text}")
        lines.append(NoteLine(citable, note.done))
    task.found.extend(line.citable for line in lines)
    return lines


def collect_notes(task: Task) -> Iterator[Event]:
    """List the notes, open ones first, or have a hosted model sort them."""
    if not task.subjects:
        yield Text(CHOOSE.format(agent="notes"))
        return
    lines: Sequence[NoteLine] = task.material
    yield Progress("Reading your notes")
    if not lines:
        yield Text("You have no notes on these videos. Press N while a video plays to write one.")
    elif task.is_local:
        yield from _list_open_and_done(task.subjects, lines)
        yield Text(add_hint("sort the notes by topic and sum them up"))
    else:
        sources = [line.citable.as_source() for line in lines]
        done = ", ".join(line.citable.label for line in lines if line.is_done)
        request = f"{task.question or 'What is still to do?'}\n\nNotes that are done: {done or 'none'}."
        yield from map(Text, task.ask(RULES, request, sources))


def _list_open_and_done(subjects: Sequence[Subject], lines: Sequence[NoteLine]) -> Iterator[Event]:
    separator = ""
    for subject in subjects:
        for title, is_done in (("To do", False), ("Done", True)):
            chosen = [one for one in lines if one.citable.video_id == subject.video_id and one.is_done is is_done]
            if chosen:
                name = f"{subject.label}: " if len(subjects) > 1 else ""
                rows = "\n".join(f"- {line.citable.text} {line.citable.label}" for line in chosen)
                yield Text(f"{separator}### {name}{title} ({len(chosen)})\n\n{rows}")
                separator = "\n\n"
