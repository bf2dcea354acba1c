"""Define the Celery tasks of notes. Each may run twice."""

from notes import writing
from sage.celery import periodic_task


@periodic_task(every=600)
def clean() -> None:
    """Delete the notes whose restore period is over."""
    writing.delete_expired()
