"""Charge for processing videos and comparing them: hold tokens at the start, capture or release them at the end.

The functions take a video or a comparison. Within a transaction, call them last: see `billing.ledger`. The system user
is never charged.
"""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing import charges, ledger
from billing.models import Entry
from billing.operations import Operation
from sage.errors import REQUEST_TOKENS, InsufficientTokens, PayloadTooLarge
from videos.models import Comparison, Upload, Video

MIN_SECONDS = 1.0  # held for a video whose duration is not known yet
RECONCILE_AFTER = timedelta(minutes=5)  # the age of the holds that `reconcile` checks
NOTHING_SENT = "Nothing was uploaded. Request a larger plan under Plan and usage, or choose a shorter video."
FILE_KEPT = "The file is kept. Request a larger plan under Plan and usage, then retry."


# --- Before the upload ---


def check_upload(owner: User, name: str, size: int, duration: float | None = None, undeclared: int = 0) -> None:
    """Check the plan's file size limit and the balance. Raises `PayloadTooLarge` or `InsufficientTokens`.

    The price depends on the duration, which is known after the probe. A declared `duration` in seconds is held when the
    upload opens: see `hold_for_upload`. An upload without one is held when it completes, so the balance must cover the
    minimum charge of this file and of the owner's other open uploads that declared none (`undeclared`).
    """
    if owner.is_system:
        return
    tier = ledger.get_account(owner.pk).tier
    if size > tier.upload_limit_bytes:
        raise PayloadTooLarge(
            f"“{name}” is larger than the {tier.upload_limit_gb} GB that your plan, {tier.name}, allows. "
            "Export a smaller file, or request another plan."
        )
    try:
        charges.check_balance(owner.pk, Operation.ANALYSIS, (duration or MIN_SECONDS) + undeclared * MIN_SECONDS)
    except InsufficientTokens as error:
        raise error.with_advice(NOTHING_SENT) from error


def hold_for_upload(upload: Upload) -> None:
    """Hold tokens for the declared duration of an upload. Raises `InsufficientTokens`."""
    if upload.duration is None or upload.owner.is_system:
        return
    seconds = upload.duration or MIN_SECONDS
    try:
        charges.hold(upload.owner_id, Operation.ANALYSIS, first_hold_reference(upload), seconds, upload.pk)
    except InsufficientTokens as error:
        raise error.with_advice(NOTHING_SENT) from error


def release_upload(upload: Upload) -> None:
    """Release the hold of an upload that will not become a video."""
    charges.release(Operation.ANALYSIS, first_hold_reference(upload))


def first_hold_reference(upload: Upload) -> str:
    """Return the reference of the first hold for the video that the upload becomes. Both have the same ID."""
    return f"video:{upload.pk}:1"


# --- During the work ---


def hold(subject: Video | Comparison) -> None:
    """Hold the price of the work unless a hold is open. Raises `InsufficientTokens`."""
    operation, units = _price_of(subject)
    if subject.owner is None or subject.owner.is_system or not charges.calculate_cost(operation, units):
        return  # YouTube videos are free
    rows = type(subject).all_objects
    subject.holds = rows.select_for_update(no_key=True).values_list("holds", flat=True).get(pk=subject.pk)
    if subject.holds and ledger.is_hold_open(subject.hold_reference):
        return
    subject.holds += 1
    rows.filter(pk=subject.pk).update(holds=subject.holds)
    video_id = subject.pk if isinstance(subject, Video) else None
    try:
        charges.hold(subject.owner.pk, operation, subject.hold_reference, units, video_id)
    except InsufficientTokens as error:
        raise error.with_advice(FILE_KEPT if isinstance(subject, Video) else REQUEST_TOKENS) from error


def adjust(video: Video) -> None:
    """Adjust the hold to the duration that the probe measured. Raises `InsufficientTokens`."""
    if video.holds:
        operation, seconds = _price_of(video)
        try:
            charges.adjust(operation, video.hold_reference, seconds)
        except InsufficientTokens as error:
            raise error.with_advice(FILE_KEPT) from error


def capture(subject: Video | Comparison) -> None:
    """Capture the hold of work that was completed."""
    if subject.holds:
        operation, units = _price_of(subject)
        charges.capture(operation, subject.hold_reference, units)


def release(subject: Video | Comparison) -> None:
    """Release the hold of work that failed, was cancelled or was deleted."""
    if subject.holds:
        charges.release(_price_of(subject)[0], subject.hold_reference)


def _price_of(subject: Video | Comparison) -> tuple[Operation, float]:
    """Return the operation and its units."""
    if isinstance(subject, Comparison):
        return Operation.COMPARISON, 1
    return Operation.ANALYSIS, subject.duration or MIN_SECONDS


# --- Reconciliation ---


def reconcile() -> int:
    """Capture or release the open holds of work that has ended. Return how many holds were settled."""
    old = Entry.objects.open_holds().filter(created_at__lt=timezone.now() - RECONCILE_AFTER)
    return sum(_reconcile(reference) for reference in old.values_list("reference", flat=True))


@transaction.atomic
def _reconcile(reference: str) -> bool:
    """Settle one hold. Return False if its work has not ended."""
    kind, _, rest = reference.partition(":")
    subject_id = rest.partition(":")[0]
    if kind == "video":
        return _reconcile_video(uuid.UUID(subject_id), reference)
    if kind == "comparison":
        return _reconcile_comparison(uuid.UUID(subject_id), reference)
    return False


def _reconcile_video(video_id: uuid.UUID, reference: str) -> bool:
    # Checked before the video: one transaction completes the upload and creates the video.
    if Upload.objects.filter(pk=video_id, video=None).exists():
        return False
    video = Video.all_objects.select_for_update(no_key=True).filter(pk=video_id).first()
    if video and video.hold_reference == reference and video.deleted_at is None:
        if video.status == Video.Status.PROCESSING:
            return False
        if video.is_ready:
            capture(video)
            return True
    charges.release(Operation.ANALYSIS, reference)
    return True


def _reconcile_comparison(comparison_id: uuid.UUID, reference: str) -> bool:
    comparison = Comparison.all_objects.select_for_update(of=("self",)).filter(pk=comparison_id).first()
    if comparison and comparison.hold_reference == reference and comparison.deleted_at is None:
        if comparison.job.is_open:
            return False
        if comparison.is_completed:
            capture(comparison)
            return True
    charges.release(Operation.COMPARISON, reference)
    return True
