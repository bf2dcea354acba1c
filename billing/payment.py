"""Define payment providers and load the configured one."""

from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from billing.models import PlanRequest


class PaymentProvider(Protocol):
    """A payment provider, named by the setting PAYMENT_PROVIDER and created without arguments.

    After the payment it calls `plans.accept_request(request, by=None)`.
    """

    def start_payment(self, request: PlanRequest, back_to: str) -> str | None:
        """Return the address of the payment page, or None if there is nothing to pay.

        The payment page returns the user to `back_to`.
        """


class AskOperator:
    """A provider without payment. An operator accepts or declines the request in the admin site."""

    def start_payment(self, request: PlanRequest, back_to: str) -> str | None:
        return None


def get_provider() -> PaymentProvider:
    """Return the provider named by PAYMENT_PROVIDER."""
    return cast(PaymentProvider, import_string(settings.PAYMENT_PROVIDER)())
