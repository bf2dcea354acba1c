"""What Celery runs for accounts. Each is safe to run twice."""

from celery import shared_task

from accounts import verdicts


@shared_task
def check_key(ticket: str, provider: str, sealed: str) -> None:
    verdicts.answer(ticket, provider, sealed)
