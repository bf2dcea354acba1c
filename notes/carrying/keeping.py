"""Keep the notes of a purged version whose thread was carried to another version."""

import uuid

from django.db.models import Q

from notes.models import CarriedNote, Note
from videos.models import Video


def keep_carried_notes(video: Video) -> None:
    """Move the notes of a video to the first version they were carried to, so that deleting its row keeps them.

    A note keeps its ID, and its replies follow it. Versions that are not in the trash, and in which the footage is
    there, go first; where it is in none, the note keeps its time, or the end of a shorter video. Call it in the
    transaction that deletes the video.
    """
    places = CarriedNote.objects.filter(note__video=video).exclude(video=video).select_related("video")
    homes: dict[uuid.UUID, CarriedNote] = {}
    for place in sorted(places, key=_rank):
        homes.setdefault(place.note_id, place)
    for note in Note.all_objects.select_for_update(of=("self",)).filter(pk__in=homes):
        place = homes[note.pk]
        seconds, end_seconds = place.seconds, place.end_seconds
        if seconds is None:
            seconds, end_seconds = min(note.seconds, place.video.duration or note.seconds), None
        if end_seconds is not None and end_seconds <= seconds:
            end_seconds = None
        Note.all_objects.filter(pk=note.pk).update(video=place.video, seconds=seconds, end_seconds=end_seconds)
        Note.all_objects.filter(reply_to=note).update(video=place.video, seconds=seconds, end_seconds=None)
        CarriedNote.objects.filter(Q(pk=place.pk) | Q(note=note, video=video)).delete()


def _rank(place: CarriedNote) -> tuple[bool, bool, int]:
    return place.video.deleted_at is not None, place.seconds is None, place.video.version or 0
