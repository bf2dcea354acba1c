"""Answers that are sent piece by piece, to readers who may take their time."""

from asgiref.sync import sync_to_async
from django.db import connections


def _close_idle() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


async def let_database_go() -> None:
    """Nothing more is asked of the database, and the reader may take hours: others need the connection."""
    await sync_to_async(_close_idle)()  # in the request's own thread, whose connection it is
