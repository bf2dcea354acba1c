"""Report the health of the database, the cache, the storage and the workers at `/health`."""

import logging
import os
import socket
import time
from collections.abc import Callable, Iterable

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from sage import __version__
from sage.redis_client import get_client
from sage.storage import storage

log = logging.getLogger(__name__)
STARTED = time.monotonic()
HEARTBEAT_KEY = "worker-heartbeat"  # followed by the name of a queue
HEARTBEAT_SECONDS = 3  # between two heartbeats of a worker
HEARTBEAT_LIVES_SECONDS = 15  # a worker without a heartbeat for this long counts as stopped
START_SECONDS = 20  # after the start, missing workers are not logged for this long


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")


def check_cache() -> None:
    get_client(settings.REDIS_URL, 2).ping()


def check_storage() -> None:
    storage.check()


def check_workers() -> None:
    """Check that workers serve the queue medium, and the queue high, whose worker starts last."""
    needed = ["medium", "high"] if time.monotonic() - STARTED > START_SECONDS else ["medium"]
    heard = cache.get_many([heartbeat_of(queue) for queue in needed])
    if silent := [queue for queue in needed if heartbeat_of(queue) not in heard]:
        raise RuntimeError(f"no worker has reported for the queue {' or '.join(silent)}")


def heartbeat_of(queue: str) -> str:
    return f"{HEARTBEAT_KEY}:{queue}"


_failing: set[str] = set()
CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "cache": check_cache,
    "storage": check_storage,
    "workers": check_workers,
}


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 if all checks pass, otherwise 503. The reason is written to the log only."""
    checks = {name: _passes(name, check) for name, check in CHECKS.items()}
    well = all(checks.values())
    response = JsonResponse(
        {
            "status": "ok" if well else "unavailable",
            "version": __version__,
            "uptime_seconds": round(time.monotonic() - STARTED, 1),
            "timestamp": timezone.now().isoformat(),
            "checks": {name: "ok" if passed else "failed" for name, passed in checks.items()},
        },
        status=200 if well else 503,
    )
    response._has_been_logged = True  # type: ignore[attr-defined]  # the reason is already in the log
    return response


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - every error is a failed check
        if name not in _failing and time.monotonic() - STARTED > START_SECONDS:  # log once, not at every request
            log.warning("health: %s failed: %s", name, error)
            _failing.add(name)
        return False
    _failing.discard(name)
    return True


def beat_forever(queues: Iterable[str]) -> None:
    """Report this worker's queues every few seconds. Workers run it in a thread."""
    me = f"{socket.gethostname()}:{os.getpid()}"
    while True:
        try:
            cache.set_many({heartbeat_of(queue): me for queue in queues}, HEARTBEAT_LIVES_SECONDS)
        except (RedisError, OSError) as error:  # the next heartbeat tries again
            log.warning("heartbeat: %s", error)
        time.sleep(HEARTBEAT_SECONDS)
