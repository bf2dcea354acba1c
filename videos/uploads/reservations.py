"""Keep the announced uploads within the disk space of the site and within the plans of their owners.

An upload reserves its announced bytes until they are written. Uploads are announced one after another, under a lock, so
that two of them never get the same space, tokens or place.
"""

from django.db import connection
from django.db.models import Count, Sum

from accounts.models import User
from billing import ledger
from billing.models.tier import GB
from sage.errors import Conflict, ServiceUnavailable
from sage.limits.incoming_bodies import incoming_bodies
from sage.outages import DISK_RETRY_AFTER_SECONDS
from sage.storage import storage
from videos import charging
from videos.models import Upload

RESERVATION_LOCK = 7_220  # key of the advisory lock that serialises announcements


def lock_reservations() -> None:
    """Wait for other announcements, and lock them out until the transaction ends. Take this lock before row locks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RESERVATION_LOCK])


def check_upload(owner: User, name: str, size: int, duration: float | None = None) -> None:
    """Check that the plan, the balance and the disk allow one more upload. `duration` is in seconds, if declared.

    Raises `PayloadTooLarge`, `Conflict`, `InsufficientTokens` or `ServiceUnavailable`.
    """
    check_charges(owner, name, size, duration)
    check_plan(owner, name, size)
    require_space(name, size + incoming_bodies.count_bytes())


def check_charges(owner: User, name: str, size: int, duration: float | None = None) -> None:
    """Check the file size limit and that the balance covers the charges of all unfinished uploads.

    Raises `PayloadTooLarge` or `InsufficientTokens`.
    """
    undeclared = Upload.objects.open().filter(owner=owner, duration=None).count()
    charging.check_upload(owner, name, size, duration, undeclared)


def check_plan(owner: User, name: str, size: int) -> None:
    """Raise `Conflict` if the account would have more or larger unfinished uploads than its plan allows."""
    if owner.is_system:
        return
    tier = ledger.get_account(owner.pk).tier
    opened = Upload.objects.open().filter(owner=owner).aggregate(count=Count("pk"), bytes=Sum("size", default=0))
    advice = "Finish or cancel some of them first."
    if opened["count"] >= tier.open_uploads:
        raise Conflict(f"You have {opened['count']} unfinished uploads, and your plan allows no more. {advice}")
    if opened["bytes"] + size > tier.open_upload_bytes:
        limit = tier.open_upload_bytes // GB
        raise Conflict(
            f"With “{name}”, your unfinished uploads exceed the {limit} GB that your plan, {tier.name}, allows. "
            f"{advice}"
        )


def require_space(name: str, size: int) -> None:
    """Raise `ServiceUnavailable` if the disk has less than `size` bytes that no unfinished upload has announced."""
    free = storage.free_bytes()
    if free is not None and size > free - count_reserved_bytes():
        message = f"This site has no disk space for “{name}”. Ask its operator to free some."
        raise ServiceUnavailable(message, retry_after_seconds=DISK_RETRY_AFTER_SECONDS)


def count_reserved_bytes() -> int:
    """Return the bytes that unfinished uploads have announced and not written yet."""
    opened = Upload.objects.open().values_list("size", "storage_key", "parts_id")
    return sum(max(0, size - storage.allocated_bytes(key, parts_id)) for size, key, parts_id in opened.iterator())
