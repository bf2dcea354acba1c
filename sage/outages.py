"""Recognise exceptions that were caused by an unavailable server: the database, Redis or the file storage."""

import logging
import time

from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

from sage.errors import ServiceUnavailable
from sage.storage.base import StorageUnavailable

log = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 5
LOG_EVERY_SECONDS = 30  # during an outage, instead of one traceback for each request or task
MESSAGE = "Sage cannot reach its database at the moment. Nothing was changed. Try again in a few seconds."
SERVER_ERRORS = (OperationalError, InterfaceError, RedisError)
_last_logged = [float("-inf")]


def find_outage(error: BaseException | None) -> ServiceUnavailable | None:
    """Return the error to show if an unavailable server caused `error`, otherwise None.

    The causes are checked too: Django reports a session that could not be saved as one that was deleted, and a
    transaction that lost its connection as a broken one.
    """
    while error is not None:
        if isinstance(error, StorageUnavailable):
            return ServiceUnavailable(str(error))
        if isinstance(error, SERVER_ERRORS):
            _log(error)
            outage = ServiceUnavailable(MESSAGE)
            outage.headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            return outage
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return None


def _log(error: BaseException) -> None:
    if time.monotonic() - _last_logged[0] > LOG_EVERY_SECONDS:
        _last_logged[0] = time.monotonic()
        log.warning("outage: a server is unavailable: %s", str(error).strip() or type(error).__name__)
