"""Files that no row names: a process that was killed between keeping a file and saying so leaves them behind."""

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

LEFT_ALONE = timedelta(days=3)  # so that nothing is taken whose row is still to be written
AT_ONCE = 1000
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

T = TypeVar("T")
log = logging.getLogger(__name__)


def sweep(now: float | None = None) -> int:
    """Remove such files, and parts of uploads that nobody knows; how many there were. Run once a day by beat."""
    before = (now or time.time()) - LEFT_ALONE.total_seconds()
    made = _sweep_made("derived", Video.everything.all(), before)
    made += _sweep_made("comparisons", Comparison.everything.all(), before)
    return _sweep_files(before) + made + _sweep_parts(before)


def _sweep_files(before: float) -> int:
    count = 0
    for keys in _some(storage.keys("videos")):
        count += _remove_old({*keys} - _known("storage_key", keys), before)
    return count


def _sweep_made(folder: str, rows: QuerySet[Video] | QuerySet[Comparison], before: float) -> int:
    """What was made of a row that has gone since: a worker may have been writing while it went."""
    count = 0
    for keys in _some(storage.keys(folder)):
        of = {key: key.split("/")[1] for key in keys}
        ids = [one for one in set(of.values()) if UUID.fullmatch(one)]
        named = {str(pk) for pk in rows.filter(pk__in=ids).values_list("pk", flat=True)}
        count += _remove_old({key for key, one in of.items() if one in ids and one not in named}, before)
    return count


def _remove_old(keys: set[str], before: float) -> int:
    count = 0
    for key in sorted(keys):
        with suppress(FileNotFoundError):  # it may go meanwhile
            if storage.stat(key).modified < before:
                storage.delete(key)
                log.warning("Removed %s, which belongs to nothing.", key)
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
