from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from billing.operations import Operation
from sage.events import register_topic
from sage.pages import layout
from sage.pages.layout import HeaderFragment, NavigationItem, Place


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        from billing.ledger import BALANCE  # models can be imported only now

        register_topic(BALANCE)
        layout.add_script("billing/balance.js")
        layout.add_header_fragment(HeaderFragment(template="billing/_header_balance.html", order=10))
        layout.add_navigation_item(
            NavigationItem(
                label="Plan and usage",
                url_name="billing:plan",
                order=20,
                place=Place.MENU,
                icon="clock",
                template="billing/_menu_balance.html",
            )
        )
        checks.register(check_prices)


def check_prices(**_: Any) -> list[checks.CheckMessage]:
    """Reject negative prices and prices of unknown operations."""
    wrong = [name for name, price in settings.PRICES.items() if price < 0 or name not in Operation.values]
    message = f"PRICES has an invalid entry for {', '.join(wrong)}."
    hint = f"Use the operations {', '.join(Operation.values)} with whole numbers of at least 0."
    return [checks.Error(message, hint=hint, id="billing.E001")] if wrong else []
