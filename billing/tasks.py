"""What beat runs. It is safe to run twice."""

from celery import shared_task

from billing import months


@shared_task
def grant_months() -> None:
    months.grant_due()
