"""Define the Celery tasks of conversations. Each may run twice."""

from chat import conversations, quota
from chat.outputs import storage
from sage.celery import periodic_task


@periodic_task(every=600)
def clean() -> None:
    """Delete conversations and outputs whose restore period is over, those of guests who left, and old records."""
    conversations.delete_expired()
    storage.delete_expired()
    quota.delete_old()
