"""Is the site well? One look at everything that it stands on."""

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
from sage.line import line
from sage.storage import storage

log = logging.getLogger(__name__)
STARTED = time.monotonic()
HEARTBEAT_KEY = "worker-heartbeat"  # with the name of a queue behind it
HEARTBEAT_SECONDS = 3
HEARTBEAT_LIVES_SECONDS = 15
START_SECONDS = 20  # for so long it is no news that a worker has not been heard of


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")


def check_cache() -> None:
    line(settings.REDIS_URL, 2).ping()


def check_storage() -> None:
    storage.check()


def check_workers() -> None:
    """Somebody takes jobs; and answers, once there was time to start whoever does."""
    needed = ["medium", "high"] if time.monotonic() - STARTED > START_SECONDS else ["medium"]
    heard = cache.get_many([heartbeat_of(queue) for queue in needed])
    if silent := [queue for queue in needed if heartbeat_of(queue) not in heard]:
        raise RuntimeError(f"no worker of the queue {' or '.join(silent)} has been heard of lately")


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
    """200 when all is well, 503 when one check fails; the reason goes to the log, not to the visitor."""
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
    response._has_been_logged = True  # type: ignore[attr-defined]  # the reason is in the log already
    return response


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - a probe is answered whatever breaks: even a fault of ours is a check that failed
        if name not in _failing and time.monotonic() - STARTED > START_SECONDS:  # once, not at every look
            log.warning("health: %s failed: %s", name, error)
            _failing.add(name)
        return False
    _failing.discard(name)
    return True


def beat_forever(queues: Iterable[str]) -> None:
    """In each worker: say every few seconds that it lives, and what it takes."""
    me = f"{socket.gethostname()}:{os.getpid()}"
    while True:
        try:
            cache.set_many({heartbeat_of(queue): me for queue in queues}, HEARTBEAT_LIVES_SECONDS)
        except (RedisError, OSError) as error:  # it may be away for a while; the next beat tries again
            log.warning("heartbeat: %s", error)
        time.sleep(HEARTBEAT_SECONDS)
