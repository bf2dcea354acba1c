"""The door for whoever takes money: what a provider has to be able to do, and the one that asks an operator instead."""

from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from billing.models import PlanRequest


class PaymentProvider(Protocol):
    """Named by PAYMENT_PROVIDER, made without arguments. When it is paid it calls `plans.accept(request, by=None)`."""

    def begin(self, request: PlanRequest, back_to: str) -> str | None:
        """The address where the person pays, who then comes back to `back_to`; None where they only have to wait."""


class AskOperator:
    """Nobody pays: an operator sees the request in the admin, and accepts or declines it."""

    def begin(self, request: PlanRequest, back_to: str) -> str | None:
        return None


def chosen() -> PaymentProvider:
    return cast(PaymentProvider, import_string(settings.PAYMENT_PROVIDER)())
