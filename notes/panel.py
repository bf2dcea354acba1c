"""Build the panel of notes on the page of a video."""

import dataclasses
import json
import uuid
from contextlib import suppress

from django.http import HttpRequest
from django.urls import reverse

from accounts.viewer import Viewer
from notes.attachments.drawings import COLORS
from notes.carrying.queries import describe_counts, describe_place, list_carried_notes, sort_by_shown_time
from notes.exchange.exports import LABELS
from notes.models import Note
from notes.queries import SHOWN
from videos.models import Video
from videos.panels import PanelContent, TimelineMark, WatchPanel

MAX_SHOWN = 1_000  # notes of one video on its page; all can be exported
LABEL_LENGTH = 80  # characters of a mark's label


@dataclasses.dataclass(frozen=True, slots=True)
class Thread:
    """A note with its replies, oldest first."""

    note: Note
    replies: list[Note]

    @property
    def place_words(self) -> str:
        """What became of the moment of a note of an earlier version. Empty for a note of this version."""
        return describe_place(self.note)

    @property
    def regions_json(self) -> str:
        """Where the footage of a carried note differs: a list of boxes in fractions of the frame."""
        return json.dumps(self.note.place.regions) if self.note.place and self.note.place.regions else ""


def build_content(request: HttpRequest, viewer: Viewer, video: Video) -> PanelContent:
    """Return the notes of the viewer on a video, filtered by the query string: `show`, `tag`, and `deleted` to undo."""
    notes = list(Note.objects.owned_by(viewer).filter(video=video).with_people().with_attachments()[: MAX_SHOWN + 1])
    carried = list_carried_notes(viewer, video) if viewer.is_signed_in else []
    summary = describe_counts(carried)
    if carried:
        notes = sort_by_shown_time([*notes, *carried])
    replies: dict[uuid.UUID, list[Note]] = {}
    for note in sorted(notes[:MAX_SHOWN], key=lambda note: note.created_at):
        if note.reply_to_id:
            replies.setdefault(note.reply_to_id, []).append(note)
    threads = [Thread(note, replies.get(note.pk, [])) for note in notes[:MAX_SHOWN] if note.reply_to_id is None]
    show, tag, find = (request.GET.get(name, "").strip() for name in ("show", "tag", "find"))
    data = {
        "threads": [thread for thread in threads if _is_shown(thread, show, tag, find)],
        "is_signed_in": viewer.is_signed_in,
        "can_write": viewer.is_signed_in and (video.is_youtube or video.owner_id == getattr(viewer.user, "pk", None)),
        "filters": [
            ("", "All", len(threads)),
            ("open", "Open", sum(not thread.note.done for thread in threads)),
            ("done", "Done", sum(thread.note.done for thread in threads)),
        ],
        "show": show if show in SHOWN else "",
        "tag": tag,
        "tags": sorted({name for thread in threads for name in thread.note.tags}),
        "has_more": len(notes) > MAX_SHOWN,
        "exports": list(LABELS.items()),
        "deleted_id": read_id(request.GET.get("deleted", "")),
        "summary": summary,
        "find": find,
        "colors": COLORS,
        "time": _read_time(request.GET.get("t", "")),
    }
    marks = [_build_mark(video, thread.note, thread.note.shown_seconds) for thread in threads]
    return PanelContent(data, len(threads), list(filter(None, marks)))


def _is_shown(thread: Thread, show: str, tag: str, find: str) -> bool:
    if show in SHOWN and thread.note.done != SHOWN[show]:
        return False
    if find and not any(find.lower() in (note.text or "").lower() for note in [thread.note, *thread.replies]):
        return False
    return not tag or tag in thread.note.tags


def _build_mark(video: Video, note: Note, seconds: float | None) -> TimelineMark | None:
    if seconds is None:
        return None
    return TimelineMark(
        start=seconds,
        end=note.shown_end_seconds,
        label=(note.text or "Note")[:LABEL_LENGTH],
        url=f"{reverse('videos:watch', args=[video.video_id])}?panel=notes&t={seconds:.2f}#note-{note.pk}",
        is_done=note.done,
    )


def read_id(text: str) -> uuid.UUID | None:
    """Return the ID of the address, or None."""
    with suppress(ValueError):
        return uuid.UUID(text)
    return None


def _read_time(text: str) -> float:
    """Return the time of the address in seconds, or 0."""
    with suppress(ValueError):
        seconds = float(text)
        if 0 <= seconds < 10**7:
            return seconds
    return 0.0


PANEL = WatchPanel(
    name="notes",
    label="Notes",
    order=10,
    template="notes/_panel.html",
    build_content=build_content,
    scripts=("notes/notes.js", "notes/carried.js", "notes/find.js"),
    styles=("notes/notes.css", "notes/drawing.css"),
    shortcuts=(
        ("N", "Take a note at this second"),
        ("I", "Start the range of a note here"),
        ("O", "End the range of a note here"),
    ),
)
