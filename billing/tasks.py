"""Celery tasks of billing. Each is safe to run twice."""

from billing import allowances
from sage.celery import periodic_task


@periodic_task(every=600)
def grant_months() -> None:
    """Grant this month's tokens to the accounts that have not received them."""
    allowances.grant_due()
