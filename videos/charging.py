"""What reading a video and comparing two cost: held when it begins, taken or given back when it ends.

What is said here of a video holds of a comparison alike. Whoever calls these within a transaction calls them last: see
`billing.ledger`. Sage's own user is never charged.
"""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing import guard, ledger
from billing.models import Entry
from billing.operations import Operation
from sage.errors import MORE_TOKENS, InsufficientTokens, TooLarge
from videos.models import Comparison, Upload, Video

LEAST_SECONDS = 1.0  # held for a video whose length is not known yet
LEFT_FOR = timedelta(minutes=5)  # before what is held is looked at by itself
NOTHING_SENT = "Nothing was sent. Ask for more under Plan and usage, or choose a shorter video."
KEPT = "The file is kept. Ask for more under Plan and usage, then retry."


# --- Before a byte is sent ---


def check_room(owner: User, name: str, size: int) -> None:
    """Raise `TooLarge` where the owner's plan takes no file of `size` bytes, 402 where no token is left."""
    if owner.is_system:
        return
    tier = ledger.account_of(owner.pk).tier
    if size > tier.upload_limit_bytes:
        raise TooLarge(
            f"“{name}” is larger than the {tier.upload_limit_gb} GB that your plan, {tier.name}, takes. "
            "Export it smaller, or ask for another plan."
        )
    try:
        guard.check(owner.pk, Operation.ANALYSIS, LEAST_SECONDS)
    except InsufficientTokens as error:
        raise error.saying(NOTHING_SENT) from error


def expect(upload: Upload) -> None:
    """Hold the length that was declared, for the video that is to come of it. Raises `InsufficientTokens`."""
    if upload.duration is None or upload.owner.is_system:
        return
    try:
        guard.begin(upload.owner_id, Operation.ANALYSIS, first_of(upload), upload.duration or LEAST_SECONDS, upload.pk)
    except InsufficientTokens as error:
        raise error.saying(NOTHING_SENT) from error


def expect_no_more(upload: Upload) -> None:
    """No video comes of it."""
    guard.end_badly(Operation.ANALYSIS, first_of(upload))


def first_of(upload: Upload) -> str:
    """The reference of the first hold for the video that comes of it, which takes over its id."""
    return f"video:{upload.pk}:1"


# --- From its beginning to its end ---


def begin(of: Video | Comparison) -> None:
    """Hold what it costs, unless that is on hold already. Raises `InsufficientTokens`."""
    operation, units = _price_of(of)
    if not guard.cost(operation, units) or of.owner.is_system:
        return
    of.holds = type(of).everything.select_for_update(no_key=True).values_list("holds", flat=True).get(pk=of.pk)
    if of.holds and ledger.is_open(of.hold_reference):
        return
    of.holds += 1
    type(of).everything.filter(pk=of.pk).update(holds=of.holds)
    try:
        guard.begin(of.owner_id, operation, of.hold_reference, units, of.pk if isinstance(of, Video) else None)
    except InsufficientTokens as error:
        raise error.saying(KEPT if isinstance(of, Video) else MORE_TOKENS) from error


def measure(video: Video) -> None:
    """The probe has measured its length. Raises `InsufficientTokens` where that is not covered."""
    if video.holds:
        operation, seconds = _price_of(video)
        try:
            guard.measured(operation, video.hold_reference, seconds)
        except InsufficientTokens as error:
            raise error.saying(KEPT) from error


def take(of: Video | Comparison) -> None:
    """It ended well."""
    if of.holds:
        operation, units = _price_of(of)
        guard.end_well(operation, of.hold_reference, units)


def give_back(of: Video | Comparison) -> None:
    """It failed, or was cancelled or deleted before its end."""
    if of.holds:
        guard.end_badly(_price_of(of)[0], of.hold_reference)


def _price_of(of: Video | Comparison) -> tuple[Operation, float]:
    if isinstance(of, Comparison):
        return Operation.COMPARISON, 1
    return Operation.ANALYSIS, of.duration or LEAST_SECONDS


# --- Afterwards ---


def reconcile() -> int:
    """End what is on hold for work that has ended, however that came about. Returns how many holds that were."""
    old = Entry.objects.open_holds().filter(created_at__lt=timezone.now() - LEFT_FOR)
    return sum(_reconcile(reference) for reference in old.values_list("reference", flat=True))


@transaction.atomic
def _reconcile(reference: str) -> bool:
    kind, _, rest = reference.partition(":")
    identity = rest.partition(":")[0]
    if kind == "video":
        return _end_of_video(uuid.UUID(identity), reference)
    if kind == "comparison":
        return _end_of_comparison(uuid.UUID(identity), reference)
    return False


def _end_of_video(video_id: uuid.UUID, reference: str) -> bool:
    if Upload.objects.filter(pk=video_id, video=None).exists():
        return False  # it may still come; asked first, since both become true in one transaction
    video = Video.everything.select_for_update(no_key=True).filter(pk=video_id).first()
    if video and video.hold_reference == reference and video.deleted_at is None:
        if video.status == Video.Status.PROCESSING:
            return False
        if video.is_ready:
            take(video)
            return True
    guard.end_badly(Operation.ANALYSIS, reference)
    return True


def _end_of_comparison(comparison_id: uuid.UUID, reference: str) -> bool:
    made = Comparison.everything.select_for_update(of=("self",)).filter(pk=comparison_id).first()
    if made and made.hold_reference == reference and made.deleted_at is None:
        if made.job.is_open:
            return False
        if made.is_completed:
            take(made)
            return True
    guard.end_badly(Operation.COMPARISON, reference)
    return True
