"""Delete stored files that no row refers to.

They are left behind when a process is killed after it has stored a file and before it has committed the row.
"""

import logging
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from django.db.models import QuerySet

from sage.storage import storage
from videos.models import Comparison, Upload, Video

MIN_AGE = timedelta(days=3)  # protects files whose row is not committed yet
BATCH_SIZE = 1000  # keys per database query
UUID_PATTERN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

T = TypeVar("T")
log = logging.getLogger(__name__)


def delete_orphans(now: float | None = None) -> int:
    """Delete orphaned files and multipart uploads, and return their number. Beat runs this once a day."""
    before = (now or time.time()) - MIN_AGE.total_seconds()
    count = _delete_orphaned_artefacts("derived", Video.all_objects.all(), before)
    count += _delete_orphaned_artefacts("comparisons", Comparison.all_objects.all(), before)
    return _delete_orphaned_files(before) + count + _abort_orphaned_uploads(before)


def _delete_orphaned_files(before: float) -> int:
    count = 0
    for keys in _batches(storage.keys("videos")):
        count += _delete_old({*keys} - _find_referenced("storage_key", keys), before)
    return count


def _delete_orphaned_artefacts(folder: str, rows: QuerySet[Video] | QuerySet[Comparison], before: float) -> int:
    """Delete derived files of deleted rows. A worker may write such files while the row is deleted."""
    count = 0
    for keys in _batches(storage.keys(folder)):
        of = {key: key.split("/")[1] for key in keys}
        ids = [one for one in set(of.values()) if UUID_PATTERN.fullmatch(one)]
        named = {str(pk) for pk in rows.filter(pk__in=ids).values_list("pk", flat=True)}
        count += _delete_old({key for key, one in of.items() if one in ids and one not in named}, before)
    return count


def _delete_old(keys: set[str], before: float) -> int:
    count = 0
    for key in sorted(keys):
        with suppress(FileNotFoundError):  # another process may delete it first
            if storage.stat(key).modified < before:
                storage.delete(key)
                log.warning("orphans: deleted %s, which no row refers to", key)
                count += 1
    return count


def _abort_orphaned_uploads(before: float) -> int:
    count = 0
    for begun in _batches(storage.begun_parts(before)):
        known = _find_referenced("parts_id", [parts_id for _, parts_id in begun])
        for key, parts_id in begun:
            if parts_id not in known:
                storage.abort_parts(key, parts_id)
                count += 1
    return count


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    return iter(lambda: list(islice(items, BATCH_SIZE)), [])


def _find_referenced(field: str, values: Sequence[str]) -> set[str]:
    """Return those of `values` that a row refers to."""
    named = set(Upload.objects.filter(**{f"{field}__in": values}).values_list(field, flat=True))
    if field == "storage_key":
        named |= set(Video.all_objects.filter(storage_key__in=values).values_list(field, flat=True))
    return named
