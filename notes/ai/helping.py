"""Write AI notes in `manage.py helper`, from the transcript that the site gives out. It reads no database."""

from contextlib import closing
from typing import Any
from urllib.parse import quote

from django.conf import settings

from notes.ai import wording
from notes.timestamps import parse_timestamp
from sage.providers import registry
from sage.providers.errors import ProviderError
from sage.providers.protocols import ChatMessage, ChatSource
from videos.transcripts.cues import TimedText
from videos.youtube.helper import Helper, SiteRefused, Task, TaskFailed


def write_line(helper: Helper, task: Task) -> str:
    """Return the line with most to say near the time of the note. Raises `TaskFailed`."""
    details = task["task_details"]
    try:
        rows = helper.read(f"/v2/internal/videos/{quote(details['video_id'], safe='')}/transcript")
        cues = [TimedText(row["offset"], row["offset"] + row["duration"], row["text"]) for row in rows]
        seconds = parse_timestamp(details["timestamp"])
        near = wording.choose_cues(cues, seconds)
        if settings.NOTE_MODEL.partition(":")[0] == wording.LOCAL_ENGINE:
            return wording.quote_best_line(near, seconds)
        return _ask_model(details["timestamp"], wording.join_text(near))
    except SiteRefused as error:
        if error.status in (401, 403):
            raise
        raise TaskFailed("The site has no transcript of this video.") from error
    except (KeyError, TypeError) as error:
        raise TaskFailed("The site sent a transcript of another form. Update Sage on both machines.") from error
    except (ValueError, ProviderError) as error:
        raise TaskFailed(str(error)) from error


def _ask_model(timestamp: str, passage: str) -> str:
    """Return the text of the model that NOTE_MODEL of this machine names. The site counts the tries."""
    asked = [ChatMessage("user", wording.PROMPT.format(timestamp=timestamp))]
    model = registry.choose_note_model()
    stream: Any = model.stream(asked, [ChatSource("passage", passage)], wording.MAX_TOKENS)
    with closing(stream) as pieces:
        return wording.clean_answer("".join(pieces))
