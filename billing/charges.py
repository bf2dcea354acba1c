"""Hold, adjust, capture and release the price of operations.

The price of an operation is held when it starts, captured when it succeeds and released when it fails, is cancelled or
is deleted. Operations with a price of 0, by default all but the analysis of an upload, write no entries.
"""

import math
import uuid

from django.conf import settings
from django.db import transaction

from billing import ledger
from billing.operations import Operation
from sage.errors import InsufficientTokens


def calculate_cost(operation: Operation, units: float = 1) -> int:
    """Return the cost in tokens, rounded up once. Amounts up to a millionth above a whole number are rounded down."""
    return math.ceil(round(settings.PRICES.get(operation.value, 0) * units, 6))


def check_balance(user_id: uuid.UUID, operation: Operation, units: float = 1) -> None:
    """Raise `InsufficientTokens` if the balance does not cover the operation. Hold nothing."""
    if required := calculate_cost(operation, units):
        available = ledger.balance(ledger.get_account(user_id).user_id).token_balance
        if available < required:
            raise InsufficientTokens(required, available)


def hold(
    user_id: uuid.UUID, operation: Operation, reference: str, units: float = 1, video_id: uuid.UUID | None = None
) -> None:
    """Hold the price of an operation that starts. Raises `InsufficientTokens`."""
    if tokens := calculate_cost(operation, units):
        ledger.hold(user_id, tokens, reference, video_id, f"{operation.label} started")


def adjust(operation: Operation, reference: str, units: float) -> None:
    """Raise or lower an open hold to the measured cost. Raises `InsufficientTokens`."""
    if ledger.is_hold_open(reference):
        ledger.adjust_hold(reference, max(1, calculate_cost(operation, units)))


def capture(operation: Operation, reference: str, units: float = 1) -> None:
    """Capture the cost of an operation that succeeded. Do nothing if its hold has ended."""
    if ledger.is_hold_open(reference):
        ledger.capture(reference, max(1, calculate_cost(operation, units)), operation.label)


def release(operation: Operation, reference: str) -> None:
    """Release the hold of an operation that failed or was cancelled, if it is open."""
    ledger.release(reference, f"{operation.label} not completed")


@transaction.atomic
def charge_now(user_id: uuid.UUID, operation: Operation, video_id: uuid.UUID | None = None) -> None:
    """Charge for an operation that completes within the request. Raises `InsufficientTokens`."""
    if calculate_cost(operation):
        reference = f"{operation.value}:{uuid.uuid4()}"
        hold(user_id, operation, reference, video_id=video_id)
        capture(operation, reference)
