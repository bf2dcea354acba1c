"""Define the topic of notes at `/ws/events/`."""

from sage.events import Topic

NOTES = Topic("notes")  # {note_id, video_id}, when a note of the user was created, changed, deleted or restored
