"""Files that no row names: a process that was killed between keeping a file and saying so leaves them behind."""

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from sage.storage import storage
from videos.models import Upload, Video

LEFT_ALONE = timedelta(days=3)  # longer than an upload lives, so that nothing is taken from one still under way
AT_ONCE = 1000

T = TypeVar("T")
log = logging.getLogger(__name__)


def sweep(now: float | None = None) -> int:
    """Remove such files, and parts of uploads that nobody knows; how many there were. Run once a day by beat."""
    before = (now or time.time()) - LEFT_ALONE.total_seconds()
    return _sweep_files(before) + _sweep_parts(before)


def _sweep_files(before: float) -> int:
    count = 0
    for keys in _some(storage.keys("videos")):
        for key in sorted({*keys} - _known("storage_key", keys)):
            if storage.stat(key).modified < before:
                storage.delete(key)
                log.warning("Removed %s, which no video names.", key)
                count += 1
    return count


def _sweep_parts(before: float) -> int:
    count = 0
    for begun in _some(storage.begun_parts(before)):
        known = _known("parts_id", [parts_id for _, parts_id in begun])
        for key, parts_id in begun:
            if parts_id not in known:
                storage.abort_parts(key, parts_id)
                count += 1
    return count


def _some(items: Iterator[T]) -> Iterator[list[T]]:
    return iter(lambda: list(islice(items, AT_ONCE)), [])


def _known(field: str, values: Sequence[str]) -> set[str]:
    """Those of the values that a row names."""
    named = set(Upload.objects.filter(**{f"{field}__in": values}).values_list(field, flat=True))
    if field == "storage_key":
        named |= set(Video.everything.filter(storage_key__in=values).values_list(field, flat=True))
    return named
