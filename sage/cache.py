"""Django's cache on Redis, which while that is away forgets everything rather than fail.

Who reads it must be able to do without: sessions are in the database too, jobs are nudged again, and how often somebody
tried is counted in the process meanwhile (`sage/limits`). Somebody who signs up then gets in instead of an error.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
SAID_EVERY_SECONDS = 30
_said = [float("-inf")]


class ForgetfulCache(RedisCache):
    def add(self, *args: Any, **options: Any) -> bool:
        return bool(_or(True, super().add, *args, **options))  # nobody else can have it

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return _or(default, super().get, key, default, version)

    def get_many(self, *args: Any, **options: Any) -> dict[Any, Any]:
        return dict(_or({}, super().get_many, *args, **options))

    def set(self, *args: Any, **options: Any) -> None:
        _or(None, super().set, *args, **options)

    def set_many(self, *args: Any, **options: Any) -> list[Any]:
        return list(_or([], super().set_many, *args, **options))

    def touch(self, *args: Any, **options: Any) -> bool:
        return bool(_or(False, super().touch, *args, **options))

    def has_key(self, *args: Any, **options: Any) -> bool:
        return bool(_or(False, super().has_key, *args, **options))

    def delete(self, *args: Any, **options: Any) -> bool:
        return bool(_or(False, super().delete, *args, **options))

    def delete_many(self, *args: Any, **options: Any) -> None:
        _or(None, super().delete_many, *args, **options)


def _or(otherwise: Any, work: Callable[..., Any], *args: Any, **options: Any) -> Any:
    try:
        return work(*args, **options)
    except (RedisError, OSError) as error:
        if time.monotonic() - _said[0] > SAID_EVERY_SECONDS:
            _said[0] = time.monotonic()
            log.warning("cache: Redis is away (%s); nothing is remembered until it is back", error)
        return otherwise
