"""Define the Celery tasks of conversations. Each may run twice."""

from chat import conversations, quota
from chat.outputs import storage
from chat.training import reviewing
from sage.celery import periodic_task


@periodic_task(every=600)
def clean() -> None:
    """Delete what was deleted longer ago than the restore period, what belongs to guests who left, and old records."""
    conversations.delete_expired()
    storage.delete_expired()
    reviewing.delete_expired()
    quota.delete_old()
