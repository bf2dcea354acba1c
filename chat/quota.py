"""Count the questions of a day against the quota of a user, of a guest, and of all guests of one address."""

import hashlib
import hmac
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.viewer import Viewer
from billing import ledger
from chat.models import AskedQuestion
from sage.errors import RateLimitExceeded

GUEST_QUESTIONS = 5  # per day
ADDRESS_QUESTIONS = 20  # per day, of all guests of one address
KEPT_DAYS = 7
USED_UP = "You have asked {most:,} {noun} today, which is what {plan} allows. Ask again after midnight UTC{advice}."


def check_quota(viewer: Viewer, address: str) -> None:
    """Raise `RateLimitExceeded` if no question is left today.

    Call it in the transaction that stores the question: until its end, no other question of the same asker is counted.
    """
    since = start_of_day()
    if viewer.user:
        _lock(f"user:{viewer.user.pk}")
        tier = ledger.get_account(viewer.user.pk).tier
        asked = AskedQuestion.objects.filter(user_id=viewer.user.pk, created_at__gte=since)
        if asked.count() >= tier.chat_messages:
            _refuse(tier.chat_messages, f"the plan {tier.name}", ", or request a larger plan")
        return
    digest = hash_address(address)
    for name in sorted({f"guest:{viewer.guest_id}", f"address:{digest}"}):  # in one order, so that none waits in a ring
        _lock(name)
    today = AskedQuestion.objects.filter(created_at__gte=since)
    if today.filter(guest_id=viewer.guest_id).count() >= GUEST_QUESTIONS:
        _refuse(GUEST_QUESTIONS, "a visit without an account", ", or sign in")
    if today.filter(address=digest).count() >= ADDRESS_QUESTIONS:
        _refuse(ADDRESS_QUESTIONS, "one address without an account", ", or sign in")


def record_question(viewer: Viewer, address: str, answer_id: uuid.UUID) -> None:
    """Count a question. Call it in the transaction that has checked the quota."""
    user_id = viewer.user.pk if viewer.user else None
    AskedQuestion.objects.create(
        user_id=user_id,
        guest_id="" if viewer.user else viewer.guest_id or "",
        address="" if viewer.user else hash_address(address),
        answer_id=answer_id,
    )


def forgive_question(answer_id: uuid.UUID) -> None:
    """Count a question no longer, because its answer failed before it began."""
    AskedQuestion.objects.filter(answer_id=answer_id).delete()


def delete_old() -> None:
    """Delete the records of questions that no quota counts any more."""
    AskedQuestion.objects.filter(created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()


def start_of_day() -> datetime:
    """Return the last midnight UTC."""
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)


def hash_address(address: str) -> str:
    """Return a keyed digest, so that no address is stored."""
    return hmac.new(settings.SECRET_KEY.encode(), f"chat:{address}".encode(), hashlib.sha256).hexdigest()


def _refuse(most: int, plan: str, advice: str) -> None:
    left = start_of_day() + timedelta(days=1) - timezone.now()
    message = USED_UP.format(most=most, noun="question" if most == 1 else "questions", plan=plan, advice=advice)
    raise RateLimitExceeded(message, max(1, -int(-left.total_seconds() // 1)))


def _lock(name: str) -> None:
    """Take a lock that the end of the transaction releases."""
    number = int.from_bytes(hashlib.sha256(f"chat-quota:{name}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
