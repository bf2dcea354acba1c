"""Build the panel of notes on the page of a video."""

import bisect
import dataclasses
import json
import math
import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db.models import Q
from django.db.models.functions import Left
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

THREADS_PER_PAGE = 100  # rows beside the player; the others are loaded when they are asked for or played
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


@dataclasses.dataclass(frozen=True, slots=True)
class NotePage:
    """The part of the filtered threads that is shown: `count` from the index `start` of `threads`."""

    start: int
    count: int
    threads: Sequence[Note]

    @property
    def total(self) -> int:
        return len(self.threads)

    @property
    def first(self) -> int:
        """The number of the first shown thread, from 1."""
        return self.start + 1

    @property
    def last(self) -> int:
        return self.start + self.count

    @property
    def previous_start(self) -> int | None:
        return None if self.start == 0 else max(self.start - THREADS_PER_PAGE, 0)

    @property
    def next_start(self) -> int | None:
        return self.last if self.last < self.total else None

    @property
    def start_seconds(self) -> float:
        """The time from which the page holds the current note."""
        return 0.0 if self.start == 0 else self.threads[self.start].shown_seconds or 0.0

    @property
    def end_seconds(self) -> float | None:
        """The time of the first thread of the next page. None if there is none."""
        return None if self.next_start is None else self.threads[self.next_start].shown_seconds


def build_content(request: HttpRequest, viewer: Viewer, video: Video) -> PanelContent:
    """Return a page of the viewer's notes on a video, filtered by the query string: `show`, `tag`, `find`.

    The page begins at the thread number `from`, or holds the thread at the second `around` or `t`, or the note `note`.
    """
    outline = _load_outline(viewer, video)
    threads = [note for note in outline if note.reply_to_id is None]
    show, tag, find = (request.GET.get(name, "").replace("\0", "").strip() for name in ("show", "tag", "find"))
    found = _find_threads(viewer, outline, find) if find else None
    shown = [note for note in threads if _is_shown(note, show, tag, found)]
    start = _find_first(request, shown)
    page = shown[start : start + THREADS_PER_PAGE]
    data = {
        "threads": _load_threads(viewer, page),
        "is_signed_in": viewer.is_signed_in,
        "can_write": viewer.is_signed_in and (video.is_youtube or video.owner_id == getattr(viewer.user, "pk", None)),
        "filters": [
            ("", "All", len(threads)),
            ("open", "Open", sum(not note.done for note in threads)),
            ("done", "Done", sum(note.done for note in threads)),
        ],
        "show": show if show in SHOWN else "",
        "tag": tag,
        "tags": sorted({name for note in threads for name in note.tags}),
        "page": NotePage(start, len(page), shown),
        "exports": list(LABELS.items()),
        "deleted_id": read_id(request.GET.get("deleted", "")),
        "summary": describe_counts(outline),
        "find": find,
        "colors": COLORS,
        "time": _read_time(request.GET.get("t", "")) or 0.0,
    }
    path = reverse("videos:watch", args=[video.video_id])
    marks = [_build_mark(path, note, note.shown_seconds) for note in threads]
    return PanelContent(data, len(threads), list(filter(None, marks)))


def _load_outline(viewer: Viewer, video: Video) -> list[Note]:
    """Return all notes in order of the shown time, with the beginning of their text as `label`, without their text."""
    labels: dict[str, Any] = {"label": Left("text", LABEL_LENGTH)}
    rows = Note.objects.owned_by(viewer).annotate(**labels)
    rows = rows.only("seconds", "end_seconds", "done", "tags", "reply_to", "created_at", "video", "owner")
    notes = list(rows.filter(video=video))
    carried = list_carried_notes(rows, video) if viewer.is_signed_in else []
    return sort_by_shown_time([*notes, *carried]) if carried else notes


def _load_threads(viewer: Viewer, page: Sequence[Note]) -> list[Thread]:
    """Return the notes of a page of an outline with their replies, and with all that their rows show."""
    ids = [note.pk for note in page]
    rows = Note.objects.owned_by(viewer).filter(Q(pk__in=ids) | Q(reply_to__in=ids)).with_people().with_attachments()
    notes: dict[uuid.UUID, Note] = {}
    replies: dict[uuid.UUID, list[Note]] = {}
    for note in sorted(rows, key=lambda note: note.created_at) if ids else []:
        notes[note.pk] = note
        if note.reply_to_id:
            replies.setdefault(note.reply_to_id, []).append(note)
    for note in page:
        for shown in [notes[note.pk], *replies.get(note.pk, [])] if note.pk in notes else []:
            shown.place = note.place
    return [Thread(notes[pk], replies.get(pk, [])) for pk in ids if pk in notes]


def _find_threads(viewer: Viewer, outline: Sequence[Note], find: str) -> set[uuid.UUID]:
    """Return the IDs of the threads that have a text in the note or in a reply."""
    rows = Note.objects.owned_by(viewer).filter(pk__in=[note.pk for note in outline], text__icontains=find)
    return {reply_to or pk for pk, reply_to in rows.values_list("pk", "reply_to")}


def _is_shown(note: Note, show: str, tag: str, found: set[uuid.UUID] | None) -> bool:
    if show in SHOWN and note.done != SHOWN[show]:
        return False
    if found is not None and note.pk not in found:
        return False
    return not tag or tag in note.tags


def _find_first(request: HttpRequest, shown: Sequence[Note]) -> int:
    """Return the index of the first thread of the page that the query string asks for."""
    number = request.GET.get("from", "")
    if number.isascii() and number.isdecimal() and len(number) < 10:
        index = int(number)
    elif note_id := read_id(request.GET.get("note", "")):
        index = next((index for index, note in enumerate(shown) if note.pk == note_id), 0)
    else:
        time = _read_time(request.GET.get("around", ""))
        time = (_read_time(request.GET.get("t", "")) or 0.0) if time is None else time
        times = [math.inf if note.shown_seconds is None else note.shown_seconds for note in shown]
        index = bisect.bisect_right(times, time + 0.02) - 1
    last = max(len(shown) - 1, 0)
    return min(max(index, 0), last) // THREADS_PER_PAGE * THREADS_PER_PAGE


def _build_mark(path: str, note: Note, seconds: float | None) -> TimelineMark | None:
    if seconds is None:
        return None
    return TimelineMark(
        start=seconds,
        end=note.shown_end_seconds,
        label=note.label or "Note",
        url=f"{path}?panel=notes&t={seconds:.2f}#note-{note.pk}",
        is_done=note.done,
    )


def read_id(text: str) -> uuid.UUID | None:
    """Return the ID of the address, or None."""
    with suppress(ValueError):
        return uuid.UUID(text)
    return None


def _read_time(text: str) -> float | None:
    """Return the time of the address in seconds, or None."""
    with suppress(ValueError):
        seconds = float(text)
        if 0 <= seconds < 10**7:
            return seconds
    return None


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
