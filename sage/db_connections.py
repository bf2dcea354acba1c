"""Return database connections to the pool before a response waits, and use the database in async code."""

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.db import connections

P = ParamSpec("P")
R = TypeVar("R")


def close_idle_connections() -> None:
    """Close this thread's database connections that are not in a transaction."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


async def release_connections() -> None:
    """Release the connections of this request before a long streaming response."""
    await sync_to_async(close_idle_connections)()  # in the thread of the request, which owns the connection


def run_in_any_thread(function: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Let sockets await a function that uses the database. It runs in one of a few threads.

    By default, all sockets of a process would share a single thread, and wait for each other.
    """
    return database_sync_to_async(function, thread_sensitive=False)
