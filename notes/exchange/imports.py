"""Import notes from the JSON or the CSV that Sage exports."""

import csv
import dataclasses
import io
import json
import uuid
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError

from accounts.viewer import Viewer
from notes.api.serializers import NoteImportRowSerializer
from notes.carrying.carry import carry_notes
from notes.exchange.exports import FORMULA_PREFIXES, TEXT_COLUMNS
from notes.models import Note
from notes.timestamps import check_times
from notes.topics import NOTES
from sage.errors import ApplicationError, InvalidInput
from videos.converters import read_video_id
from videos.models import LibraryEntry, Video
from videos.youtube import entries

MAX_ROWS = 5_000
MAX_NEW_VIDEOS = 200  # that an import may add to the library, each of which has jobs
NOT_NOTES = "This is neither the JSON nor the CSV of notes. Export notes to see the format. Nothing was imported."
BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


@dataclasses.dataclass(slots=True)
class ImportResult:
    """The number of notes that were created, and of those that were skipped."""

    created: int = 0
    skipped: int = 0


def parse_notes(content: bytes | str) -> list[Any]:
    """Return the rows of a JSON or CSV file. Raises `InvalidInput`."""
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InvalidInput.field("file", NOT_NOTES, "invalid") from error
    if text.lstrip().startswith(("[", "{")):
        try:
            rows = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidInput.field("file", NOT_NOTES, "invalid") from error
        return check_rows(rows)
    return check_rows(_parse_csv(text))


def check_rows(rows: Any) -> list[Any]:
    """Return `rows` if they are a list of an acceptable length. Raises `InvalidInput`."""
    if not isinstance(rows, list):
        raise InvalidInput.field("file", NOT_NOTES, "invalid")
    if len(rows) > MAX_ROWS:
        message = f"This file has more than {MAX_ROWS:,} notes. Split it. Nothing was imported."
        raise InvalidInput.field("file", message, "too_long")
    return rows


def import_notes(viewer: Viewer, rows: Iterable[Any]) -> ImportResult:
    """Create the notes of a file in one transaction. Raises `InvalidInput` with the number of the row.

    Notes that the viewer has already, and notes of uploads that are not the viewer's, are skipped. YouTube videos are
    added to the library.
    """
    checked = [_check_row(number, row) for number, row in enumerate(rows, 1)]
    checked.sort(key=lambda item: item[1].get("reply_to") is not None)  # replies come after what they reply to
    with transaction.atomic():
        return _Importer(viewer).run(checked)


class _Importer:
    """The state of one import. `known` has the notes of the viewer by content, `by_id` those that replies may name."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.result = ImportResult()
        self.videos: dict[str, tuple[Video, LibraryEntry | None] | None] = {}
        self.known: dict[tuple[Any, ...], Note] = {}
        self.by_id: dict[uuid.UUID, Note] = {}
        self.new: list[Note] = []
        self.added = 0

    def run(self, rows: list[tuple[int, dict[str, Any]]]) -> ImportResult:
        for number, row in rows:
            try:
                self._add(row)
            except ApplicationError as error:
                raise InvalidInput.field(f"{number}", f"Note {number}: {error.message}", "invalid") from error
        Note.objects.bulk_create(self.new, batch_size=500)
        for video_id in {note.video.video_id for note in self.new}:
            user = self.viewer.user
            if user:
                transaction.on_commit(partial(NOTES.publish, user.pk, {"note_id": None, "video_id": video_id}))
        stacked = {note.video.pk: note.video for note in self.new if note.video.stack_id}
        for video in sorted(stacked.values(), key=lambda video: (str(video.stack_id), video.version or 0)):
            carry_notes(video, [note.pk for note in self.new if note.video_id == video.pk])
        self.result.created = len(self.new)
        return self.result

    def _add(self, row: dict[str, Any]) -> None:
        found = self._find_video(row["video_id"], row.get("video_title") or "")
        parent = self.by_id.get(row["reply_to"]) if row.get("reply_to") else None
        if found is None or (
            row.get("reply_to") and (parent is None or parent.reply_to_id or parent.video != found[0])
        ):
            self.result.skipped += 1
            return
        video, entry = found
        seconds = row.get("seconds", parent.seconds if parent else None)
        if seconds is None:
            raise InvalidInput.field("timestamp", "It has no “timestamp” and no “seconds”.", "missing")
        check_times(seconds, row.get("end_seconds"), video.duration)
        note = Note(
            owner=self.viewer.user,
            video=video,
            entry=entry,
            reply_to=parent,
            seconds=seconds,
            end_seconds=row.get("end_seconds"),
            text=row.get("text"),
            tags=row.get("tags", []),
            done=row.get("done", False),
            generated_by_ai=row.get("generated_by_ai", False),
        )
        existing = self.known.setdefault(_identify(note), note)
        if row.get("id"):
            self.by_id[row["id"]] = existing
        if existing is note:
            self.new.append(note)
        else:
            self.result.skipped += 1

    def _find_video(self, text: str, title: str) -> tuple[Video, LibraryEntry | None] | None:
        """Return a video and the viewer's entry, or None for an upload that is not the viewer's."""
        if text not in self.videos:
            video_id = read_video_id(text)
            if isinstance(video_id, uuid.UUID):
                video = Video.objects.owned_by(self.viewer).filter(pk=video_id).first()
                self.videos[text] = (video, None) if video else None
            else:
                video, is_new = entries.add_video(self.viewer, text, title=title[:300], field="video_id")
                self.added += is_new
                if self.added > MAX_NEW_VIDEOS:
                    message = f"This file would add more than {MAX_NEW_VIDEOS} videos to your library. Split it."
                    raise InvalidInput.field("video_id", message, "too_long")
                self.videos[text] = video, LibraryEntry.objects.get(user=self.viewer.user, video=video)
            if video:
                for note in Note.objects.owned_by(self.viewer).filter(video=video):
                    self.known[_identify(note)] = self.by_id[note.pk] = note
        return self.videos[text]


def _identify(note: Note) -> tuple[Any, ...]:
    """Return what two equal notes have in common."""
    end = None if note.end_seconds is None else round(note.end_seconds, 3)
    return note.video_id, round(note.seconds, 3), end, note.text, note.reply_to_id


def _check_row(number: int, row: Any) -> tuple[int, dict[str, Any]]:
    serializer = NoteImportRowSerializer(data=row)
    try:
        serializer.is_valid(raise_exception=True)
    except ValidationError as error:
        details: Any = error.detail
        field, messages = next(iter(details.items())) if isinstance(details, dict) else ("", details)
        text = messages[0] if isinstance(messages, list) else next(iter(messages.values()))[0]
        message = f"Note {number}, {field}: {text} Nothing was imported."
        raise InvalidInput.field(f"{number}.{field}", message, "invalid") from error
    return number, serializer.validated_data


def _parse_csv(text: str) -> list[dict[str, Any]]:
    """Return the rows of a CSV file with the types of JSON."""
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        if "video_id" not in (reader.fieldnames or ()):
            raise InvalidInput.field("file", NOT_NOTES, "invalid")
        return [_read_cells(row) for row in reader]
    except csv.Error as error:
        raise InvalidInput.field("file", NOT_NOTES, "invalid") from error


def _read_cells(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the cells that are not empty, as JSON has them."""
    values: dict[str, Any] = {}
    for name, cell in row.items():
        if name is None or not cell:
            continue
        text = cell[1:] if name in TEXT_COLUMNS and cell[0] == "'" and cell[1:].startswith(FORMULA_PREFIXES) else cell
        values[name] = _read_cell(name, text)
    return values


def _read_cell(name: str, text: str) -> Any:
    if name == "tags":
        return text.split(",")
    if name in ("done", "generated_by_ai"):
        return BOOLEANS.get(text.strip().lower(), text)
    if name in ("seconds", "end_seconds"):
        try:
            return float(text)
        except ValueError:
            return text
    return text
