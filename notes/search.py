"""Define the search kind of notes."""

from accounts.viewer import Viewer
from notes.models import Note, NoteQuerySet
from videos.search.filters import SearchFilters
from videos.search.kinds import build_moment_url, build_still_url
from videos.search.registry import SearchKind, SearchRecord


def list_notes(viewer: Viewer, filters: SearchFilters) -> NoteQuerySet:
    """Return the viewer's notes that have a text."""
    videos = filters.list_videos(viewer).values("pk")
    rows = Note.objects.owned_by(viewer).filter(filters.match_dates("created_at"), text__isnull=False, video__in=videos)
    return rows.with_people().order_by()


def describe_note(note: Note) -> SearchRecord:
    return SearchRecord(
        video_id=note.video.video_id,
        title=note.video_title,
        text=note.text or "",
        url=f"{build_moment_url(note.video, note.seconds)}&panel=notes#note-{note.pk}",
        start=note.seconds,
        end=note.seconds if note.end_seconds is None else note.end_seconds,
        still_url=build_still_url(note.video, note.seconds, note.end_seconds),
    )


NOTE = SearchKind(name="note", label="Note", order=45, list_rows=list_notes, describe=describe_note)
