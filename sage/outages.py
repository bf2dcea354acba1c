"""Recognise exceptions that were caused by an unavailable server or a full disk.

The servers are the database, Redis and the file storage.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

from sage.errors import ServiceUnavailable
from sage.storage.base import StorageUnavailable
from sage.storage.free_space import is_disk_full_error

log = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 5
DISK_RETRY_AFTER_SECONDS = 30
LOG_EVERY_SECONDS = 30  # during an outage, instead of one traceback for each request or task
MESSAGE = "Sage cannot reach its database at the moment. Nothing was changed. Try again in a few seconds."
DISK_FULL = "The disk of this site is full. Nothing was changed. Try again later, or ask its operator to free space."
# `psycopg.OperationalError` includes a pool without a free connection (`PoolTimeout`).
SERVER_ERRORS = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError, RedisError)
_last_logged = [float("-inf")]


def find_outage(error: BaseException | None) -> ServiceUnavailable | None:
    """Return the error to show if an unavailable server or a full disk caused `error`, otherwise None.

    The causes are checked too: Django reports a session that could not be saved as one that was deleted, and a
    transaction that lost its connection as a broken one.
    """
    for cause in _list_causes(error):
        if isinstance(cause, StorageUnavailable):
            return ServiceUnavailable(str(cause), retry_after_seconds=RETRY_AFTER_SECONDS)
        if _is_full(cause):
            _log(cause)
            return ServiceUnavailable(DISK_FULL, retry_after_seconds=DISK_RETRY_AFTER_SECONDS)
        if isinstance(cause, SERVER_ERRORS):
            _log(cause)
            return ServiceUnavailable(MESSAGE, retry_after_seconds=RETRY_AFTER_SECONDS)
    return None


def is_disk_full(error: BaseException | None) -> bool:
    """Return whether a full disk caused `error`, in this process or in PostgreSQL (disk_full, SQLSTATE 53100)."""
    return any(_is_full(cause) for cause in _list_causes(error))


@contextmanager
def tolerate_full_disk() -> Iterator[None]:
    """Skip a write that a request can do without if the disk is full, so that reading still works.

    Use it outside of transactions, which a failed query ends.
    """
    try:
        yield
    except OperationalError as error:
        if not is_disk_full(error):
            raise
        _log(error)


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _is_full(error: BaseException) -> bool:
    return is_disk_full_error(error) or any(
        isinstance(each, psycopg.errors.DiskFull) for each in (error, error.__cause__)
    )


def _log(error: BaseException) -> None:
    if time.monotonic() - _last_logged[0] > LOG_EVERY_SECONDS:
        _last_logged[0] = time.monotonic()
        log.warning("outage: a server is unavailable: %s", str(error).strip() or type(error).__name__)
