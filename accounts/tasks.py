"""What Celery runs of accounts. Each is safe to run twice."""

import uuid

from celery import shared_task

from accounts import deletion, pictures, verdicts, visits


@shared_task
def draw_picture(user_id: str) -> None:
    pictures.draw(uuid.UUID(user_id))


@shared_task
def end_sessions() -> None:
    visits.forget_ended()


@shared_task
def clean() -> None:
    deletion.forget_due()
    pictures.draw_waiting()


@shared_task
def check_key(ticket: str, provider: str, sealed: str) -> None:
    verdicts.answer(ticket, provider, sealed)
