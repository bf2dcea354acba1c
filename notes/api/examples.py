"""Examples of the API schema: one note."""

from videos.api.examples import AFTER, BEFORE, FIRST, SECOND

NOTE_BODY = {"timestamp": "0:47", "text": "The logo appears too early.", "tags": ["title"]}
NOTE_CHANGE = {"text": "The logo appears **too early**.", "done": True}
NOTE = {
    "id": SECOND,
    "video_id": FIRST,
    "comparison_id": None,
    "side": None,
    "timestamp": "0:47",
    "end_timestamp": None,
    "seconds": 47.02,
    "end_seconds": None,
    "text": "The logo appears too early.",
    "tags": ["title"],
    "attachments": [],
    "generated_by_ai": False,
    "done": False,
    "reply_to": None,
    "author_name": "Ada Lovelace",
    "carried": None,
    "created_at": BEFORE,
    "updated_at": AFTER,
    "user_id": "0f8d6f0a-2c7e-4f43-9d0e-5a5a4b1d9e21",
}
DELETED = {"message": "The note was deleted. Restore it with POST /v2/notes/{id}/restore."}
IMPORT_ROW = {"video_id": FIRST, "timestamp": "0:47", "text": "The logo appears too early.", "tags": ["title"]}
IMPORTED = {"created": 12, "skipped": 3}
EMPTY_NOTES = {
    "notes": [{"id": SECOND, "video_id": FIRST, "timestamp": "0:47", "user_id": "0f8d6f0a-2c7e-4f43-9d0e-5a5a4b1d9e21"}]
}
AI_NOTE = {"text": "She says that the harbour opens at six in the morning.", "generated_by_ai": True}
