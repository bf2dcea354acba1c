"""Return database connections to the pool before a response waits for other things."""

from asgiref.sync import sync_to_async
from django.db import connections


def close_idle_connections() -> None:
    """Close this thread's database connections that are not in a transaction."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


async def release_connections() -> None:
    """Release the connections of this request before a long streaming response."""
    await sync_to_async(close_idle_connections)()  # in the thread of the request, which owns the connection
