"""Share one comparison by a link.

The token of a link is the ID of the share and 128 bits of a signature under SECRET_KEY. It cannot be guessed or derived
from the database, and its owner can see it again. Media URLs contain a ticket, which is signed too, expires within
hours and does not reveal the token.
"""

import base64
import binascii
import uuid
from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from sage.errors import Conflict, Gone, NotFound
from sage.outages import tolerate_full_disk
from videos.comparisons.media_urls import Side
from videos.models import Comparison, Job, Share

DEFAULT_DAYS = 7  # until a link expires
MAX_DAYS = 365
SIGNATURE_BYTES = 16
TICKET_LIFETIME = timedelta(hours=1)
TICKET_REFRESH_SECONDS = 300  # how often an open page requests a new ticket and checks its link
UNKNOWN_LINK = "This link is not valid. Check that it is complete, or ask the sender for a new one."
ASK_FOR_NEW_LINK = "Ask the sender for a new one."


@transaction.atomic
def share_comparison(comparison: Comparison, days: int = DEFAULT_DAYS, *, allow_comments: bool | None = None) -> Share:
    """Create the link to a completed comparison, or update its expiry. It is valid for `days` from now.

    `allow_comments` lets visitors write comments; None keeps what is set.

    A comparison has at most one active link. An expired or revoked link never opens again, so a new one is created.
    Raises `Conflict` if the comparison is not completed.
    """
    if not comparison.is_completed:
        raise Conflict("Only a complete comparison can be shared. Share it when it is complete.")
    Comparison.all_objects.select_for_update().get(pk=comparison.pk)  # two concurrent requests create one share
    expires_at = timezone.now() + timedelta(days=days)
    active = comparison.shares.filter(revoked_at=None).first()
    if active and active.is_active:
        active.expires_at = expires_at
        active.allow_comments = active.allow_comments if allow_comments is None else allow_comments
        active.save(update_fields=["expires_at", "allow_comments"])
        return active
    comparison.shares.filter(revoked_at=None).update(revoked_at=F("expires_at"))
    return Share.objects.create(comparison=comparison, expires_at=expires_at, allow_comments=bool(allow_comments))


def get_active_share(comparison: Comparison) -> Share | None:
    """Return the active share of a comparison, if any."""
    return comparison.shares.active().first()


def revoke_share(comparison: Comparison) -> None:
    """Revoke the link immediately. Raises `NotFound` if there is no active link."""
    if not comparison.shares.active().update(revoked_at=timezone.now()):
        raise NotFound("This comparison is not shared.")


def build_share_path(share: Share) -> str:
    """Return the path of the link."""
    return reverse("videos:shared", args=[_build_token(share.pk)])


def resolve_token(token: str) -> tuple[Share, Comparison]:
    """Return the share and the comparison of a token. Raises `NotFound` if it is invalid, `Gone` if it has ended."""
    try:
        signed = base64.b64decode(token + "=", altchars=b"-_", validate=True)
        identity = uuid.UUID(bytes=signed[:-SIGNATURE_BYTES])
    except (binascii.Error, ValueError) as error:
        raise NotFound(UNKNOWN_LINK) from error
    if not constant_time_compare(
        token, _build_token(identity)
    ):  # compare the texts, because several texts decode to the same bytes
        raise NotFound(UNKNOWN_LINK)
    return _get_shared_comparison(identity)


def record_open(share: Share) -> None:
    """Count one more opening of the link."""
    with tolerate_full_disk():
        Share.objects.filter(pk=share.pk).update(opens=F("opens") + 1, last_opened_at=timezone.now())


def resolve_ticket(ticket: str) -> Comparison:
    """Return the comparison of a media ticket. A ticket is valid for an hour plus the duration of both videos."""
    try:
        identity = uuid.UUID(_build_ticket_signer().unsign(ticket))
    except (signing.BadSignature, ValueError) as error:
        raise NotFound(UNKNOWN_LINK) from error
    _, comparison = _get_shared_comparison(identity)
    watching = timedelta(seconds=(comparison.video_a.duration or 0) + (comparison.video_b.duration or 0))
    try:
        _build_ticket_signer().unsign(ticket, max_age=TICKET_LIFETIME + watching)
    except signing.SignatureExpired as error:
        raise Gone("This page was open for too long. Reload it to continue.") from error
    return comparison


class SharedMediaUrls:
    """Media URLs for the page of a share, which contain a ticket."""

    def __init__(self, share: Share) -> None:
        self.ticket = _build_ticket_signer().sign(str(share.pk))

    def file_url(self, side: Side) -> str:
        return reverse("videos:shared-file", args=[self.ticket, side])

    def derived_url(self, side: Side, name: str) -> str:
        return reverse("videos:shared-derived", args=[self.ticket, side, name])

    def picture_url(self, index: int, side: Side) -> str:
        return reverse("videos:shared-picture", args=[self.ticket, index, side])


def _get_shared_comparison(identity: uuid.UUID) -> tuple[Share, Comparison]:
    share = Share.objects.filter(pk=identity).first()
    if share is None:
        raise NotFound(UNKNOWN_LINK)
    # A share that expired before it was replaced has both dates equal.
    if share.revoked_at and share.revoked_at < share.expires_at:
        raise Gone(f"This link was revoked by its owner. {ASK_FOR_NEW_LINK}")
    if not share.is_active:
        raise Gone(f"This link has expired. {ASK_FOR_NEW_LINK}")
    shared = (
        Comparison.objects.with_videos()
        .select_related("owner")
        .defer("script")  # most requests are for a still or a range of a video
        .filter(pk=share.comparison_id, owner__is_active=True, owner__deleted_at=None)
        .filter(job__status=Job.Status.COMPLETED, script__isnull=False)
        .first()
    )
    if shared is None:
        raise Gone("This comparison was deleted by its owner.")
    return share, shared


def _build_token(identity: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(identity.bytes + _sign(identity)).rstrip(b"=").decode()


def _sign(identity: uuid.UUID) -> bytes:
    return salted_hmac("videos.sharing", identity.bytes, algorithm="sha256").digest()[:SIGNATURE_BYTES]


def _build_ticket_signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="videos.sharing.ticket", sep=".")
