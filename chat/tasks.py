"""Define the Celery tasks of conversations. Each may run twice."""

from chat import conversations, quota
from sage.celery import periodic_task


@periodic_task(every=600)
def clean() -> None:
    """Delete conversations whose restore period is over, those of guests who left, and old records of questions."""
    conversations.delete_expired()
    quota.delete_old()
