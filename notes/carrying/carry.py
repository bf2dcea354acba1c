"""Carry notes along the edit scripts to later versions of their video."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.viewer import Viewer
from notes.models import CarriedNote, Note
from notes.timestamps import check_times
from notes.topics import NOTES
from videos.diff.script.time_mapping import MappedTime, TimeMapping
from videos.library import versions
from videos.models import Comparison, Video

State = CarriedNote.State
CARRIED_FIELDS = (
    *("comparison", "state", "seconds", "end_seconds", "is_shortened", "op", "distance", "regions", "updated_at"),
)
BATCH_SIZE = 1_000  # rows per INSERT


@dataclass(frozen=True, slots=True)
class _Origin:
    """A note on the earlier version of a pair: written there, or carried there as `place`."""

    note: Note
    place: CarriedNote | None

    @property
    def seconds(self) -> float | None:
        return self.place.seconds if self.place else self.note.seconds

    @property
    def end_seconds(self) -> float | None:
        return self.place.end_seconds if self.place else self.note.end_seconds


def carry_compared_notes(comparison: Comparison) -> None:
    """Carry the notes of A, and those carried to A, to B and to later versions.

    It does nothing if the videos are not versions that follow each other. Call it in the transaction that stored the
    result of the comparison.
    """
    steps = versions.list_compared_successors(comparison.video_a)
    if steps and steps[0].pk == comparison.pk:
        carry_notes(comparison.video_a)


def carry_notes(video: Video, note_ids: Collection[uuid.UUID] | None = None) -> None:
    """Carry the notes of a video, and those carried to it, to each later version that was compared.

    With `note_ids`, only these. Places that a person chose are kept. It may run twice. Call it in a transaction that
    has locked no note: the stack of the video is locked first.
    """
    versions.lock_versions(video)
    for step in versions.list_compared_successors(video):
        if not _carry_along(step, note_ids):
            break  # what follows is older than this step, or there is nothing to carry


def place_note(viewer: Viewer, note_id: uuid.UUID, video: Video, seconds: float) -> None:
    """Place a carried note by hand at a second of the later version. Its range keeps its length.

    Later versions follow. Raises `InvalidInput` if the time is outside the video.
    """
    with transaction.atomic():
        row = _lock_place(viewer, note_id, video)
        check_times(seconds, None, video.duration)
        row.end_seconds = _move_end(row, seconds, video.duration)
        row.seconds, row.is_placed, row.is_shortened = seconds, True, False
        if row.state == State.DELETED:
            row.state = State.MOVED
        row.save()
        carry_notes(video, [note_id])
        _publish(row.note, video)


def unplace_note(viewer: Viewer, note_id: uuid.UUID, video: Video) -> None:
    """Return a note that was placed by hand to the place that the comparison found."""
    with transaction.atomic():
        row = _lock_place(viewer, note_id, video)
        row.is_placed = False
        row.save(update_fields=["is_placed", "updated_at"])
        carry_notes(row.note.video, [note_id])
        _publish(row.note, video)


def _lock_place(viewer: Viewer, note_id: uuid.UUID, video: Video) -> CarriedNote:
    if video.stack_id is None:
        raise Http404
    versions.lock_versions(video)
    note = get_object_or_404(Note.objects.owned_by(viewer).select_related("video"), pk=note_id)
    row = get_object_or_404(CarriedNote, note=note, video=video)
    row.note = note
    return row


def _move_end(row: CarriedNote, seconds: float, duration: float | None) -> float | None:
    """Return the end of a range that is placed at `seconds`, with its length in this version or in the original."""
    start, end = (row.seconds, row.end_seconds) if row.end_seconds else (row.note.seconds, row.note.end_seconds)
    if start is None or end is None:
        return None
    moved = seconds + end - start
    moved = min(moved, duration) if duration else moved
    return moved if moved > seconds else None


def _carry_along(step: Comparison, note_ids: Collection[uuid.UUID] | None) -> bool:
    """Carry notes from A to B of a comparison. Return whether B has any of them."""
    origins = _list_origins(step.video_a, note_ids)
    if not origins:
        return False
    mapping = step.build_mapping()
    placed = CarriedNote.objects.filter(video=step.video_b, is_placed=True).values_list("note_id", flat=True)
    kept = set(placed)
    rows = [_build_row(origin, step, mapping) for origin in origins if origin.note.pk not in kept]
    CarriedNote.objects.bulk_create(
        rows,
        batch_size=BATCH_SIZE,
        update_conflicts=True,
        unique_fields=["note", "video"],
        update_fields=CARRIED_FIELDS,
    )
    _publish(origins[0].note, step.video_b, is_one=len(origins) == 1)
    return True


def _list_origins(video: Video, note_ids: Collection[uuid.UUID] | None) -> list[_Origin]:
    """Return the notes on a version that are no replies, also deleted ones, which may be restored."""
    written = Note.all_objects.filter(video=video, reply_to=None)
    carried = CarriedNote.objects.filter(video=video).select_related("note")
    if note_ids is not None:
        written, carried = written.filter(pk__in=note_ids), carried.filter(note__in=note_ids)
    origins: Iterable[_Origin] = (_Origin(note, None) for note in written)
    return [*origins, *(_Origin(place.note, place) for place in carried)]


def _build_row(origin: _Origin, step: Comparison, mapping: TimeMapping) -> CarriedNote:
    row = CarriedNote(note=origin.note, video=step.video_b, comparison=step, state=State.DELETED)
    before = origin.place
    if before:
        row.state, row.is_shortened = before.state, before.is_shortened
        row.op, row.distance, row.regions = before.op, before.distance, before.regions
    if origin.seconds is None:
        return row
    mapped = _map_times(mapping, origin.seconds, origin.end_seconds)
    row.state = _combine_states(before.state if before else State.UNCHANGED, State(mapped.state))
    row.seconds, row.end_seconds = mapped.start, mapped.end
    if mapped.start is not None and mapped.end is not None and mapped.end <= mapped.start:
        row.end_seconds = None
    row.is_shortened |= mapped.is_shortened
    if mapped.state != State.UNCHANGED:
        segment = mapped.segment
        row.op = segment["op"] if segment else "deleted"
        row.distance = segment["distance"] if segment else None
        row.regions = list(segment["regions"]) if segment else []
    return row


def _map_times(mapping: TimeMapping, seconds: float, end_seconds: float | None) -> MappedTime:
    """Map a note. A time after the end of A, which a corrected duration can leave, is mapped as the end."""
    start = min(seconds, mapping.duration_a)
    if end_seconds is None or start >= mapping.duration_a:
        return mapping.map_moment(start)
    return mapping.map_range(start, end_seconds)


def _combine_states(before: str, step: State) -> State:
    """Return what became of a moment over two comparisons."""
    both = {before, step}
    return next(state for state in (State.DELETED, State.CHANGED, State.MOVED, State.UNCHANGED) if state in both)


def _publish(note: Note, video: Video, *, is_one: bool = True) -> None:
    data = {"note_id": str(note.pk) if is_one else None, "video_id": video.video_id}
    transaction.on_commit(partial(NOTES.publish, note.owner_id, data))
