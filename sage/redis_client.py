"""Connect to the Redis server directly, for commands that Django's cache and Celery do not offer."""

from functools import cache

import redis


@cache
def get_client(url: str, timeout_seconds: float) -> redis.Redis:
    """Return a client that all threads share. Its commands raise RedisError after `timeout_seconds`."""
    return redis.Redis.from_url(
        url, socket_connect_timeout=min(timeout_seconds, 3), socket_timeout=timeout_seconds, decode_responses=True
    )
