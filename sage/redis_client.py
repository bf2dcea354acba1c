"""Connect to the Redis server directly, for commands that Django's cache and Celery do not offer."""

from functools import cache

import redis

MAX_CONNECTIONS = 16  # of all threads of a process together; further threads wait for one


@cache
def get_client(url: str, timeout_seconds: float) -> redis.Redis:
    """Return a client that all threads share. Its commands raise RedisError after `timeout_seconds`."""
    pool = redis.BlockingConnectionPool.from_url(
        url,
        max_connections=MAX_CONNECTIONS,
        timeout=timeout_seconds,
        socket_connect_timeout=min(timeout_seconds, 3),
        socket_timeout=timeout_seconds,
        decode_responses=True,
    )
    return redis.Redis.from_pool(pool)
