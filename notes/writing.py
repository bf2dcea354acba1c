"""Create, change, delete and restore notes."""

import dataclasses
import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import User
from accounts.viewer import Viewer
from notes.ai import queueing
from notes.carrying.carry import carry_notes
from notes.models import Note
from notes.timestamps import check_times
from notes.topics import NOTES
from sage.errors import Conflict, InvalidInput, NotFound
from videos.library import versions
from videos.library.queries import get_restore_period
from videos.models import Comparison, LibraryEntry, Video
from videos.youtube import entries

CHANGED_MEANWHILE = "This note was changed elsewhere meanwhile. Save again to replace that, or cancel to keep it."


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewNote:
    """The content of a note to create. Without `seconds`, a reply has the time of the note that it replies to."""

    seconds: float | None = None
    end_seconds: float | None = None
    text: str | None = None
    tags: list[str] = dataclasses.field(default_factory=list)
    done: bool = False
    generated_by_ai: bool = False
    comparison_id: uuid.UUID | None = None
    side: str = ""
    reply_to: uuid.UUID | None = None


def find_video(viewer: Viewer, video_id: uuid.UUID | str, title: str = "") -> Video:
    """Return a video to take notes on: an upload of the viewer, or a YouTube video, which is added to their library.

    `title` is the title of a YouTube video that is new to the site until its metadata come.
    """
    if isinstance(video_id, uuid.UUID):
        return get_object_or_404(Video.objects.owned_by(viewer).with_id(video_id))
    return entries.add_video(viewer, video_id, title=title, field="video_id")[0]


def create_note_on(viewer: Viewer, video_id: uuid.UUID | str, content: NewNote, title: str = "") -> Note:
    """Create a note on the video with an id. A YouTube video is added only if the note is valid."""
    with transaction.atomic():
        return create_note(viewer, find_video(viewer, video_id, title), content)


def create_note(viewer: Viewer, video: Video, content: NewNote) -> Note:
    """Create a note of the viewer on a video of their library. Raises `InvalidInput`."""
    owner = viewer.user
    if owner is None:
        raise Http404
    with transaction.atomic():
        if content.text is None:
            queueing.lock_transcripts(video)
        versions.lock_versions(video)
        parent = _find_parent(viewer, video, content.reply_to)
        seconds = content.seconds
        if seconds is None and parent is not None:
            seconds = parent.seconds
        if seconds is None:
            raise InvalidInput.field("timestamp", "Give the time of the note as “timestamp” or “seconds”.", "missing")
        check_times(seconds, content.end_seconds, video.duration)
        if parent is not None and content.comparison_id is None:
            comparison_id, side = parent.comparison_id, parent.side
        else:
            comparison_id, side = _find_comparison(viewer, video, content)
        entry = LibraryEntry.objects.get(user=owner, video=video) if video.is_youtube else None
        note = Note.objects.create(
            owner=owner,
            video=video,
            entry=entry,
            comparison_id=comparison_id,
            side=side,
            reply_to=parent,
            seconds=seconds,
            end_seconds=content.end_seconds,
            text=content.text,
            tags=content.tags,
            done=content.done,
            generated_by_ai=content.generated_by_ai,
        )
        publish_note(note)
        if parent is None:
            carry_notes(video, [note.pk])
        queueing.begin(note)
    return note


def update_note(note: Note, changes: Mapping[str, Any], known: datetime | None = None) -> None:
    """Change fields of a note: `text`, `tags`, `done`, `generated_by_ai`, `seconds` and `end_seconds`.

    Raises `Conflict` if the note was changed after `known`, the `updated_at` that its editor has seen.
    """
    is_moved = bool(changes.keys() & {"seconds", "end_seconds"})
    with transaction.atomic():
        if changes.get("text"):
            queueing.lock_job(note)
        if is_moved:
            versions.lock_versions(note.video)
        locked = Note.objects.select_for_update(of=("self",)).select_related("video").filter(pk=note.pk).first()
        if locked is None:
            raise Http404
        if known not in (None, locked.updated_at):
            raise Conflict(CHANGED_MEANWHILE)
        if changes.get("text"):
            changes = {"generated_by_ai": False, **changes}
        for name, value in changes.items():
            setattr(locked, name, value)
        if is_moved:
            check_times(locked.seconds, locked.end_seconds, locked.video.duration)
        locked.save(update_fields=[*changes, "updated_at"])
        publish_note(locked)
        if is_moved:
            carry_notes(locked.video, [locked.pk])
        if changes.get("text"):
            queueing.cancel(note)


def delete_note(note: Note) -> None:
    """Hide a note and its replies. `restore_note` undoes it within the restore period."""
    with transaction.atomic():
        queueing.lock_job(note)
        Note.objects.filter(pk=note.pk).update(deleted_at=timezone.now())
        publish_note(note)
        queueing.cancel(note)


def restore_note(viewer: Viewer, note_id: uuid.UUID) -> Note:
    """Restore a deleted note within the restore period. Raises `NotFound`, and `Conflict` if it is not deleted."""
    with transaction.atomic():
        rows = Note.all_objects.filter(owner=viewer.user) if viewer.user else Note.all_objects.none()
        note = rows.select_for_update(of=("self",)).filter(pk=note_id).first()
        if note is None or (note.deleted_at and note.deleted_at < timezone.now() - get_restore_period()):
            raise NotFound("This note was permanently deleted, or it is not yours.")
        if note.deleted_at is None:
            raise Conflict("This note is not deleted.")
        note.deleted_at = None
        note.save(update_fields=["deleted_at", "updated_at"])
        publish_note(note)
    return get_object_or_404(Note.objects.with_people(), pk=note_id)


def delete_expired() -> None:
    """Delete the notes whose restore period is over."""
    _delete(Note.all_objects.filter(deleted_at__lt=timezone.now() - get_restore_period()))


def delete_notes_of(owner: User) -> None:
    """Delete every note of one user, in any state."""
    _delete(Note.all_objects.filter(owner=owner))


def _delete(notes: QuerySet[Note]) -> None:
    """Delete the notes of one video after the other, while nothing is carried between its versions."""
    for video in Video.all_objects.filter(pk__in=notes.values("video")):
        with transaction.atomic():
            versions.lock_versions(video)
            notes.filter(video=video).delete()


def _find_parent(viewer: Viewer, video: Video, note_id: uuid.UUID | None) -> Note | None:
    if note_id is None:
        return None
    parent = Note.objects.owned_by(viewer).filter(video=video, pk=note_id).first()
    if parent is None or parent.reply_to_id is not None:
        message = "Reply to a note of the same video that is no reply itself."
        raise InvalidInput.field("reply_to", message, "invalid_choice")
    return parent


def _find_comparison(viewer: Viewer, video: Video, content: NewNote) -> tuple[uuid.UUID | None, str]:
    """Return the ID of the comparison and the side of the video in it."""
    if content.comparison_id is None:
        if content.side:
            raise InvalidInput.field("comparison_id", "Give the comparison of this side.", "missing")
        return None, ""
    comparison = get_object_or_404(
        Comparison.objects.owned_by(viewer).only("video_a", "video_b"), pk=content.comparison_id
    )
    sides = [side for side, pk in (("a", comparison.video_a_id), ("b", comparison.video_b_id)) if pk == video.pk]
    side = content.side or (sides[0] if sides else "")
    if side not in sides:
        raise InvalidInput.field("side", "The video is not on this side of the comparison.", "invalid_choice")
    return comparison.pk, side


def publish_note(note: Note) -> None:
    """Tell the open pages of the owner that a note was changed."""
    data = {"note_id": str(note.pk), "video_id": note.video.video_id}
    transaction.on_commit(partial(NOTES.publish, note.owner_id, data))
