"""Select the notes of a viewer."""

import uuid

from django.http import Http404

from accounts.viewer import Viewer
from notes.models import Note, NoteQuerySet
from videos.models import Video

SHOWN = {"open": False, "done": True}  # values of `done` by the names of the filters


def list_notes(viewer: Viewer, video_id: uuid.UUID | str | None = None, tag: str = "", show: str = "") -> NoteQuerySet:
    """Return the viewer's notes, of one video, with one tag, and only the `open` or `done` ones if named.

    Raises `Http404` if the video is not in the viewer's library.
    """
    notes = Note.objects.owned_by(viewer).with_people()
    if video_id:
        video = Video.objects.in_library_of(viewer).with_id(video_id).first()
        if video is None:
            raise Http404
        notes = notes.filter(video=video)
    if tag:
        notes = notes.filter(tags__contains=[tag])
    if show in SHOWN:
        notes = notes.filter(done=SHOWN[show])
    return notes


def list_tags(notes: NoteQuerySet) -> list[str]:
    """Return the tags of notes in alphabetical order."""
    return sorted({tag for tags in notes.exclude(tags=[]).values_list("tags", flat=True) for tag in tags})
