"""Export the accepted pairs of a set as JSON lines, for fine-tuning."""

import json
import uuid
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from chat.training.models import TrainingPair, TrainingSet
from sage.db_connections import close_idle_connections

PAIRS_PER_PART = 5  # of 4,000 characters each at most, so that other requests wait less than a second


def export_pairs(training_set: TrainingSet) -> StreamingHttpResponse:
    """Return a download of the accepted pairs: {input, output, metadata} in each line, without personal data.

    Pairs that are changed meanwhile are written as they are when their part is written, if they are still accepted.
    """
    rows = TrainingPair.objects.filter(set=training_set, status=TrainingPair.Status.ACCEPTED).order_by("number")
    ids = list(rows.values_list("pk", flat=True))
    name = f"{slugify(training_set.title)[:60] or 'training-set'}.jsonl"
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(_stream(ids), content_type="application/jsonl", headers=headers)


async def _stream(ids: list[uuid.UUID]) -> AsyncIterator[str]:
    for start in range(0, len(ids), PAIRS_PER_PART):
        yield await sync_to_async(_write_part)(ids[start : start + PAIRS_PER_PART])


def _write_part(ids: list[uuid.UUID]) -> str:
    """Return the lines of some pairs. The connection is released, because a slow client may take the next part late."""
    accepted = TrainingPair.objects.filter(status=TrainingPair.Status.ACCEPTED)
    pairs = accepted.select_related("video").defer("vector").in_bulk(ids)
    close_idle_connections()
    return "".join(_write_line(pairs[pk]) for pk in ids if pk in pairs)


def _write_line(pair: TrainingPair) -> str:
    # Few processes export, and only they need the metadata of telephone numbers.
    from chat.personal_data.removal import remove_personal_data

    given, wanted = (
        remove_personal_data(text, pair.language, with_models=False).text for text in (pair.input, pair.output_text)
    )
    metadata = {
        "video": pair.video.title if pair.video else None,
        "video_id": pair.video.video_id if pair.video else None,
        "start": pair.start,
        "end": pair.end,
        "type": pair.type,
        "language": pair.language,
        "model": pair.model,
    }
    return f"{json.dumps({'input': given, 'output': wanted, 'metadata': metadata}, ensure_ascii=False)}\n"
