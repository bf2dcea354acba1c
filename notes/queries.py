"""Select the notes of a viewer."""

import uuid

from django.http import Http404

from accounts.viewer import Viewer
from notes.models import Note, NoteQuerySet
from videos.models import Video

SHOWN = {"open": False, "done": True}  # values of `done` by the names of the filters
WRITERS = {"me": False, "ai": True}  # values of `generated_by_ai` by the names of the authors
GUEST = "guest:"


def list_notes(
    viewer: Viewer, video_id: uuid.UUID | str | None = None, tag: str = "", show: str = "", author: str = ""
) -> NoteQuerySet:
    """Return the viewer's notes, of one video, with one tag, and only the `open` or `done` ones if named.

    An `author` is `me`, `ai`, or the name of a visitor after `guest:`; others are ignored.
    Raises `Http404` if the video is not in the viewer's library.
    """
    notes = Note.objects.owned_by(viewer).with_people()
    if "\0" in tag + author:  # PostgreSQL refuses it, and no note has it
        return notes.none()
    if video_id:
        video = Video.objects.in_library_of(viewer).with_id(video_id).first()
        if video is None:
            raise Http404
        notes = notes.filter(video=video)
    if tag:
        notes = notes.filter(tags__contains=[tag])
    if show in SHOWN:
        notes = notes.filter(done=SHOWN[show])
    if author in WRITERS:
        notes = notes.filter(guest_name="", generated_by_ai=WRITERS[author])
    elif author.startswith(GUEST):
        notes = notes.filter(guest_name=author.removeprefix(GUEST)).exclude(guest_name="")
    return notes


def list_authors(notes: NoteQuerySet) -> list[tuple[str, str]]:
    """Return the values of `author` with their labels: the owner, AI, and the visitors by name."""
    names = notes.exclude(guest_name="").order_by("guest_name").values_list("guest_name", flat=True).distinct()
    return [("me", "Me"), ("ai", "AI"), *((f"{GUEST}{name}", name) for name in names)]


def list_tags(notes: NoteQuerySet) -> list[str]:
    """Return the tags of notes in alphabetical order."""
    return sorted({tag for tags in notes.exclude(tags=[]).values_list("tags", flat=True) for tag in tags})
