"""Write notes as Markdown, CSV, JSON, SubRip or markers, a part at a time."""

import csv
import io
import json
import math
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import F, Max
from django.db.models.functions import Coalesce
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from notes.api.serializers import NoteReadSerializer
from notes.exchange.markers import ENDINGS, MARKER_WRITERS, AvidWriter, EdlWriter, Fcp7Writer, FcpxmlWriter
from notes.models import Note, NoteQuerySet
from sage.db_connections import close_idle_connections
from videos.models import Video

CONTENT_TYPES = {
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "srt": "application/x-subrip; charset=utf-8",
    "edl": "text/plain; charset=utf-8",
    "fcp7xml": "application/xml",
    "fcpxml": "application/xml",
    "avid": "text/plain; charset=utf-8",
}
COLUMNS = (
    *("id", "video_id", "video_title", "timestamp", "seconds", "end_timestamp", "end_seconds", "text", "tags"),
    *("done", "generated_by_ai", "reply_to", "author_name", "created_at"),
)
LABELS = {
    "md": "document",
    "csv": "spreadsheet",
    "json": "all data",
    "srt": "subtitles",
    "edl": "locators",
    "fcp7xml": "markers for Premiere Pro and Resolve",
    "fcpxml": "markers for Final Cut Pro",
    "avid": "locators for Media Composer",
}
OF_ONE_VIDEO = ("srt", *MARKER_WRITERS)  # the formats with the times of one video
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")  # spreadsheets run cells that begin with these
TEXT_COLUMNS = ("video_title", "text", "tags", "author_name")
SUBTITLE_SECONDS = 3.0  # how long a note without an end is shown
ROWS_PER_PART = 500
BYTES_PER_ID = 16


class MarkdownWriter:
    """A heading for each video, and a list of its notes with their replies below them.

    Times are links to the page of the video, below `site` (an address without a path).
    """

    def __init__(self, site: str = "") -> None:
        self.site = site
        self.video_id: object = None

    def begin(self) -> str:
        return ""

    def write(self, note: Note) -> str:
        title = ""
        if note.video_id != self.video_id:
            title = f"{'' if self.video_id is None else chr(10)}# {' '.join(note.video_title.split())}\n\n"
            self.video_id = note.video_id
        times = note.timestamp if note.end_timestamp is None else f"{note.timestamp} – {note.end_timestamp}"
        path = reverse("videos:watch", args=[note.video.video_id])
        link = f"{self.site}{path}?panel=notes&t={note.seconds:.2f}#note-{note.reply_to_id or note.pk}"
        indent = "  " if note.reply_to_id else ""
        tags = "".join(f" #{tag.replace(' ', '-')}" for tag in note.tags)
        text = f"\n{indent}  ".join((note.text or "").splitlines())
        return f"{title}{indent}- [{'x' if note.done else ' '}] [{times}]({link}) {text}{tags}".rstrip() + "\n"

    def end(self) -> str:
        return ""


class CsvWriter:
    """One row for each note, with `COLUMNS`."""

    def begin(self) -> str:
        return "\ufeff" + self._write_row(COLUMNS)  # the mark tells spreadsheets the encoding

    def write(self, note: Note) -> str:
        values = {**describe_note(note), "tags": ", ".join(note.tags)}
        return self._write_row([self._format_cell(name, values[name]) for name in COLUMNS])

    def end(self) -> str:
        return ""

    def _format_cell(self, name: str, value: Any) -> Any:
        if isinstance(value, bool):
            return "true" if value else "false"
        if name in TEXT_COLUMNS and value and value.startswith(FORMULA_PREFIXES):
            return f"'{value}"
        return value

    def _write_row(self, cells: Iterable[Any]) -> str:
        output = io.StringIO()
        csv.writer(output).writerow(cells)
        return output.getvalue()


class JsonWriter:
    """A list of notes as the API shows them, with `video_title`."""

    def __init__(self) -> None:
        self.separator = "\n"

    def begin(self) -> str:
        return "["

    def write(self, note: Note) -> str:
        text = self.separator + json.dumps(describe_note(note), ensure_ascii=False, default=str)
        self.separator = ",\n"
        return text

    def end(self) -> str:
        return "\n]\n"


class SubripWriter:
    """Subtitles of the notes that have a text."""

    def __init__(self) -> None:
        self.count = 0

    def begin(self) -> str:
        return ""

    def write(self, note: Note) -> str:
        lines = [line.strip().replace("-->", "→") for line in (note.text or "").splitlines()]
        text = "\n".join(filter(None, lines))
        if not text:
            return ""
        self.count += 1
        end = note.end_seconds
        if end is None:
            end = max(min(note.seconds + SUBTITLE_SECONDS, note.video.duration or math.inf), note.seconds + 0.1)
        return f"{self.count}\n{_format_time(note.seconds)} --> {_format_time(end)}\n{text}\n\n"

    def end(self) -> str:
        return ""


Writer = MarkdownWriter | CsvWriter | JsonWriter | SubripWriter | EdlWriter | AvidWriter | Fcp7Writer | FcpxmlWriter
WRITERS: dict[str, Callable[[], Writer]] = {
    "csv": CsvWriter,
    "json": JsonWriter,
    "srt": SubripWriter,
}


FORMATS = ("md", *WRITERS, *MARKER_WRITERS)


def describe_note(note: Note) -> dict[str, Any]:
    """Return the keys of an exported note: those of the API, and the title of the video."""
    return {**NoteReadSerializer(note).data, "video_title": note.video_title}


def export_notes(notes: NoteQuerySet, kind: str, site: str, video: Video | None = None) -> StreamingHttpResponse:
    """Return a download of notes in one of `FORMATS`, by video and time, replies after what they reply to.

    `site` is the address of this site without a path. The formats of `OF_ONE_VIDEO` need the `video` of the notes.
    """
    order = (
        "video",
        Coalesce("reply_to__seconds", "seconds"),
        Coalesce("reply_to__created_at", "created_at"),
        Coalesce("reply_to_id", "id"),
        F("reply_to").asc(nulls_first=True),
        "created_at",
        "pk",
    )
    # A cursor on the server reads the IDs, which are packed: 16 bytes of memory for each note.
    rows = notes.order_by(*order).values_list("pk", flat=True).iterator(chunk_size=ROWS_PER_PART)
    ids = b"".join(pk.bytes for pk in rows)
    writer = _choose_writer(notes, kind, site, video)
    disposition = (
        content_disposition_header(True, f"notes-{timezone.now():%Y-%m-%d}.{ENDINGS.get(kind, kind)}") or "attachment"
    )
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(_stream(ids, writer), content_type=CONTENT_TYPES[kind], headers=headers)


def _choose_writer(notes: NoteQuerySet, kind: str, site: str, video: Video | None) -> Writer:
    if kind == "md":
        return MarkdownWriter(site)
    if kind not in MARKER_WRITERS:
        return WRITERS[kind]()
    if video is None:
        raise ValueError(f"{kind} needs a video.")
    last = notes.order_by().aggregate(Max("seconds"), Max("end_seconds"))
    return MARKER_WRITERS[kind](video, max(last["seconds__max"] or 0.0, last["end_seconds__max"] or 0.0))


async def _stream(ids: bytes, writer: Writer) -> AsyncIterator[str]:
    yield writer.begin()
    step = ROWS_PER_PART * BYTES_PER_ID
    for start in range(0, len(ids), step):
        yield await sync_to_async(_write_part)(ids[start : start + step], writer)
    yield writer.end()


def _write_part(packed: bytes, writer: Writer) -> str:
    """Return the text of some notes. The connection is released, because a slow client may take the next part late."""
    ids = [uuid.UUID(bytes=packed[at : at + BYTES_PER_ID]) for at in range(0, len(packed), BYTES_PER_ID)]
    notes = Note.objects.with_people().in_bulk(ids)
    text = "".join(writer.write(notes[pk]) for pk in ids if pk in notes)
    close_idle_connections()
    return text


def _format_time(seconds: float) -> str:
    """Return `00:00:47,020`."""
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d},{rest % 1000:03d}"
