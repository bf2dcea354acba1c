from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from billing.operations import Operation


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        checks.register(prices)


def prices(**_: Any) -> list[checks.CheckMessage]:
    """Stop the start where a price is below zero, or of something that has none."""
    wrong = [name for name, price in settings.PRICES.items() if price < 0 or name not in Operation.values]
    said = f"PRICES has no right price for {', '.join(wrong)}."
    hint = f"Give {', '.join(Operation.values)} a whole number from 0 on."
    return [checks.Error(said, hint=hint, id="billing.E001")] if wrong else []
