"""Select the notes of earlier versions that were carried to a video, and count what became of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from notes.models import CarriedNote, Note, NoteQuerySet
from videos.models import Video

COUNT_LABELS = {
    "done": "done",
    CarriedNote.State.CHANGED: "changed since",
    CarriedNote.State.MOVED: "moved",
    CarriedNote.State.DELETED: "deleted",
    CarriedNote.State.UNCHANGED: "unchanged",
}


def list_carried_notes(own: NoteQuerySet, video: Video) -> list[Note]:
    """Return those of a viewer's `own` notes that are of earlier versions, each with its `place` in this version.

    They are in order of time, replies after their note. Those whose footage was deleted are last.
    """
    if video.stack_id is None:
        return []
    places = {place.note_id: place for place in CarriedNote.objects.filter(video=video)}
    if not places:
        return []
    notes = [*own.filter(pk__in=places), *own.filter(reply_to__in=places)]
    for note in notes:
        note.place = places[note.reply_to_id or note.pk]
        note.place.video = video
    return sort_by_shown_time(notes)


def sort_by_shown_time(notes: Iterable[Note]) -> list[Note]:
    """Return notes in order of the time that they are shown at, those without a time last."""

    def build_key(note: Note) -> tuple[bool, float, str, bool, datetime]:
        seconds = note.shown_seconds
        thread = str(note.reply_to_id or note.pk) if note.place else ""
        at = note.seconds if seconds is None else seconds
        return seconds is None, at, thread, note.reply_to_id is not None, note.created_at

    return sorted(notes, key=build_key)


def describe_counts(notes: Sequence[Note]) -> str:
    """Return a sentence such as “7 notes: 4 done, 2 changed since, 1 unchanged”. Replies are not counted."""
    counted = [note for note in notes if note.place and note.reply_to_id is None]
    if not counted:
        return ""
    counts = Counter("done" if note.done else note.place.state for note in counted if note.place)
    parts = ", ".join(f"{counts[name]} {label}" for name, label in COUNT_LABELS.items() if counts[name])
    return f"{len(counted)} {'note' if len(counted) == 1 else 'notes'}: {parts}"


def describe_place(note: Note) -> str:
    """Return what became of a carried note's moment in words: “Moved, now at 1:05”."""
    place = note.place
    if place is None:
        return ""
    if place.is_placed:
        return f"Placed by hand at {note.shown_timestamp}"
    words = {
        CarriedNote.State.UNCHANGED: "Unchanged",
        CarriedNote.State.CHANGED: "Changed here",
        CarriedNote.State.MOVED: f"Moved, now at {note.shown_timestamp}",
        CarriedNote.State.DELETED: "Deleted",
    }[CarriedNote.State(place.state)]
    return f"{words}, shortened" if place.is_shortened and place.seconds is not None else words
