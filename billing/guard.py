"""The one guard that every operation passes which may cost tokens.

When it begins, its price is held; when it ends well, that is taken; when it fails, is cancelled or deleted before its
end, it is given back. Where the price is 0, as it is of everything but reading an upload, nothing is written.
"""

import math
import uuid

from django.conf import settings
from django.db import transaction

from billing import ledger
from billing.operations import Operation
from sage.errors import InsufficientTokens


def cost(operation: Operation, units: float = 1) -> int:
    """In tokens, rounded up once. A second has a millionth's grace, for what is left of sums of fractions."""
    return math.ceil(round(settings.PRICES.get(operation.value, 0) * units, 6))


def check(user_id: uuid.UUID, operation: Operation, units: float = 1) -> None:
    """Raise `InsufficientTokens` where it could not begin now; nothing is held."""
    if required := cost(operation, units):
        available = ledger.balance(ledger.account_of(user_id).user_id).token_balance
        if available < required:
            raise InsufficientTokens(required, available)


def begin(
    user_id: uuid.UUID, operation: Operation, reference: str, units: float = 1, video_id: uuid.UUID | None = None
) -> None:
    """Hold its price. Raises `InsufficientTokens`."""
    if tokens := cost(operation, units):
        ledger.hold(user_id, tokens, reference, video_id, f"{operation.label} begun")


def measured(operation: Operation, reference: str, units: float) -> None:
    """Raise or lower what is held to what it turns out to cost. Raises `InsufficientTokens`."""
    if ledger.is_open(reference):
        ledger.correct(reference, max(1, cost(operation, units)))


def end_well(operation: Operation, reference: str, units: float = 1) -> None:
    """Take what it cost. Nothing happens where nothing is held any more."""
    if ledger.is_open(reference):
        ledger.capture(reference, max(1, cost(operation, units)), operation.label)


def end_badly(operation: Operation, reference: str) -> None:
    """Give back what is held, if anything is."""
    ledger.release(reference, f"{operation.label} not done")


@transaction.atomic
def at_once(user_id: uuid.UUID, operation: Operation, video_id: uuid.UUID | None = None) -> None:
    """For what is done within the request that asks for it. Raises `InsufficientTokens`."""
    if cost(operation):
        reference = f"{operation.value}:{uuid.uuid4()}"
        begin(user_id, operation, reference, video_id=video_id)
        end_well(operation, reference)
