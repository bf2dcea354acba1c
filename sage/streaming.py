"""Answers that take their time: sent piece by piece, or waited for."""

from asgiref.sync import sync_to_async
from django.db import connections


def close_idle() -> None:
    """Give the database connection of this thread to others, unless it is in the middle of something."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


async def let_database_go() -> None:
    """Nothing more is asked of the database, and the reader may take hours: others need the connection."""
    await sync_to_async(close_idle)()  # in the request's own thread, whose connection it is
