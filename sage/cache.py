"""Provide a Redis cache that behaves as an empty cache while Redis is unavailable.

Callers must work without cached values: sessions are also in the database, wake-up messages for jobs are repeated, and
rate limits are counted in each process (`sage/limits`).
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
LOG_EVERY_SECONDS = 30  # while Redis is unavailable
_last_logged = [float("-inf")]


class FailOpenCache(RedisCache):
    """A Redis cache whose reads miss and whose writes do nothing while Redis is unavailable."""

    def add(self, *args: Any, **options: Any) -> bool:
        return bool(_try_redis(True, super().add, *args, **options))  # no other process can have the key either

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return _try_redis(default, super().get, key, default, version)

    def get_many(self, *args: Any, **options: Any) -> dict[Any, Any]:
        return dict(_try_redis({}, super().get_many, *args, **options))

    def set(self, *args: Any, **options: Any) -> None:
        _try_redis(None, super().set, *args, **options)

    def set_many(self, *args: Any, **options: Any) -> list[Any]:
        return list(_try_redis([], super().set_many, *args, **options))

    def touch(self, *args: Any, **options: Any) -> bool:
        return bool(_try_redis(False, super().touch, *args, **options))

    def has_key(self, *args: Any, **options: Any) -> bool:
        return bool(_try_redis(False, super().has_key, *args, **options))

    def delete(self, *args: Any, **options: Any) -> bool:
        return bool(_try_redis(False, super().delete, *args, **options))

    def delete_many(self, *args: Any, **options: Any) -> None:
        _try_redis(None, super().delete_many, *args, **options)


def _try_redis(default: Any, work: Callable[..., Any], *args: Any, **options: Any) -> Any:
    try:
        return work(*args, **options)
    except (RedisError, OSError) as error:
        if time.monotonic() - _last_logged[0] > LOG_EVERY_SECONDS:
            _last_logged[0] = time.monotonic()
            log.warning("cache: Redis is unavailable (%s); values are not cached", error)
        return default
