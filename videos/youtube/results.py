"""Check and store what was fetched from YouTube, by this site or by an outside worker.

Each `read_…` function checks a value and returns the function that stores it, to be called in the transaction that
completes the job. Repeating it replaces what was stored. The text of YouTube is hostile: it is kept as plain text,
within limits, and without characters that reverse or hide it.
"""

import math
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from django.utils import timezone

from sage.errors import InvalidInput
from sage.jobs.registry import Save
from videos.models import Transcript, Video
from videos.transcripts.cues import check_times, clean_text, read_json_cues
from videos.transcripts.storage import replace_transcript

MAX_TITLE_LETTERS = 300
MAX_DESCRIPTION_LETTERS = 10_000  # YouTube allows 5,000
MAX_TEXT_LETTERS = 500  # of other texts
MAX_SUMMARY_LETTERS = 5_000
MAX_DURATION = 30 * 24 * 3600.0  # seconds
MAX_COUNT = 2**53 - 1
LATE_SECONDS = 60.0  # that captions may start past the end that YouTube gives, which is rounded and may be trimmed
# Characters that change the direction of the text after them, or that cannot be seen.
HIDDEN = dict.fromkeys([0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])
TEXTS = ("uploader", "upload_date", "channel_url", "thumbnail")
COUNTS = ("view_count", "like_count")
THUMBNAIL_TASK = "videos.tasks.fetch_thumbnail"


def clean_line(text: str, most: int) -> str:
    """Return the text on one line, without hidden characters and with at most `most` characters."""
    return " ".join(clean_text(text.translate(HIDDEN)).split())[:most].strip()


def read_metadata(video: Video, value: Any) -> Save:
    """Check metadata. The title and the duration become those of the video. Raises `InvalidInput`."""
    if not isinstance(value, dict):
        raise InvalidInput.field("metadata", "Send “metadata” as an object.", "invalid")
    title = value.get("title")
    if not isinstance(title, str) or not clean_line(title, MAX_TITLE_LETTERS):
        raise InvalidInput.field("metadata.title", "“title” is missing or empty.", "missing")
    metadata: dict[str, Any] = {"title": clean_line(title, MAX_TITLE_LETTERS)}
    metadata |= {name: clean_line(_read(value, name, str), MAX_TEXT_LETTERS) for name in TEXTS if _has(value, name)}
    metadata |= {name: _read_number(value, name, MAX_COUNT) for name in COUNTS if _has(value, name)}
    if _has(value, "description"):
        metadata["description"] = clean_text(_read(value, "description", str).translate(HIDDEN))[
            :MAX_DESCRIPTION_LETTERS
        ]
    duration = float(_read_number(value, "duration", MAX_DURATION)) if _has(value, "duration") else None
    if duration is not None:
        metadata["duration"] = duration
    return partial(_store_metadata, video, metadata, duration or None)


def _store_metadata(video: Video, metadata: dict[str, Any], duration: float | None) -> None:
    fields = {"title": metadata["title"], "metadata": metadata, "updated_at": timezone.now()}
    Video.all_objects.filter(pk=video.pk).update(**fields, **({"duration": duration} if duration else {}))
    transaction.on_commit(
        lambda: current_app.send_task(THUMBNAIL_TASK, [str(video.pk)], queue="low", retry=False), robust=True
    )


def _has(value: dict[str, Any], name: str) -> bool:
    return value.get(name) is not None


def _read(value: dict[str, Any], name: str, kind: type) -> Any:
    if not isinstance(value[name], kind):
        raise InvalidInput.field(f"metadata.{name}", f"“{name}” has the wrong type.", "invalid")
    return value[name]


def _read_number(value: dict[str, Any], name: str, most: float) -> float:
    number = value[name]
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise InvalidInput.field(f"metadata.{name}", f"“{name}” must be a number.", "invalid")
    if not 0 <= number <= most:
        raise InvalidInput.field(f"metadata.{name}", f"“{name}” must be from 0 to {most:,.0f}.", "out_of_range")
    return number


def read_transcript(video: Video, value: Any, language: str = "") -> Save:
    """Check the cues of shared captions. Raises `InvalidInput`."""
    if not isinstance(value, list):
        raise InvalidInput.field("transcript", "Send “transcript” as a list of cues.", "invalid")
    hidden_removed = [_clean_cue(item) for item in value]
    cues = sorted(read_json_cues(hidden_removed), key=lambda cue: (cue.start, cue.end))
    source = Transcript.Source.CAPTIONS if video.is_youtube else Transcript.Source.SPEECH

    def store() -> None:
        duration = Video.all_objects.values_list("duration", flat=True).get(pk=video.pk)
        within = check_times(cues, None)
        if duration:  # a cue past the end cannot be played
            within = [cue for cue in within if cue.start <= duration + LATE_SECONDS]
        replace_transcript(video, source, within, language)

    return store


def _clean_cue(item: Any) -> Any:
    if isinstance(item, dict) and isinstance(item.get("text"), str):
        return {**item, "text": item["text"].translate(HIDDEN)}
    return item


def read_summary(video: Video, value: Any) -> Save:
    """Check a summary. Raises `InvalidInput`."""
    if not isinstance(value, str) or not clean_text(value):
        raise InvalidInput.field("summary", "“summary” is missing or empty.", "missing")
    if len(value) > MAX_SUMMARY_LETTERS:
        raise InvalidInput.field(
            "summary", f"“summary” has more than {MAX_SUMMARY_LETTERS:,} characters. Shorten it.", "max_length"
        )
    text = " ".join(clean_text(value.translate(HIDDEN)).split())

    def store() -> None:
        Video.all_objects.filter(pk=video.pk).update(summary=text, updated_at=timezone.now())

    return store
