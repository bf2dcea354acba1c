"""A plain line to the Redis-protocol server, for what Django's cache and Celery have no words for."""

from functools import cache

import redis


@cache
def line(url: str, patience_seconds: float) -> redis.Redis:
    """A client, the same for all threads, that raises RedisError when no answer comes in so many seconds."""
    return redis.Redis.from_url(
        url, socket_connect_timeout=min(patience_seconds, 3), socket_timeout=patience_seconds, decode_responses=True
    )
