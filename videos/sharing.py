"""Showing a comparison, and nothing else of its owner's, to whoever has a link.

A link's token is the share's id with 128 bits of a signature under SECRET_KEY. So it cannot be guessed, the database
alone yields none, and its owner can be shown it again. Media are addressed by tickets, which are signed too, live for
hours and do not tell the token.
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
from videos.addresses import Side
from videos.models import Comparison, Job, Share

DAYS = 7
MOST_DAYS = 365
SIGNED_BYTES = 16
TICKET_LIVES = timedelta(hours=1)
FRESH_SECONDS = 300  # how often an open page asks for another, and whether its link still stands
UNKNOWN = "There is nothing at this address. Check that the link is whole, or ask whoever sent it for a new one."
ENDED = "Ask whoever sent it for a new one."


@transaction.atomic
def share(comparison: Comparison, days: int = DAYS) -> Share:
    """The link to a completed comparison, good for `days` from now.

    One comparison has one link. Asked again, the same link gets the new end; once it has ended, by time or by its
    owner, it never opens again, and there is a new one. Raises `Conflict` before the comparison is completed.
    """
    if not comparison.is_completed:
        raise Conflict("Only a finished comparison can be shared. Share it when it is done.")
    Comparison.everything.select_for_update().get(pk=comparison.pk)  # two requests at once make one share
    ends = timezone.now() + timedelta(days=days)
    kept = comparison.shares.filter(revoked_at=None).first()
    if kept and kept.is_live:
        kept.expires_at = ends
        kept.save(update_fields=["expires_at"])
        return kept
    comparison.shares.filter(revoked_at=None).update(revoked_at=F("expires_at"))
    return Share.objects.create(comparison=comparison, expires_at=ends)


def of(comparison: Comparison) -> Share | None:
    """The live share of a comparison."""
    return comparison.shares.live().first()


def revoke(comparison: Comparison) -> None:
    """End the link at once. Raises `NotFound` where there is none."""
    if not comparison.shares.live().update(revoked_at=timezone.now()):
        raise NotFound("This comparison is not shared.")


def path(share: Share) -> str:
    """The link, without the name of this site."""
    return reverse("videos:shared", args=[_token(share.pk)])


def find(token: str) -> tuple[Share, Comparison]:
    """What a link shows. Raises `NotFound` for no link of ours, `Gone` for one that has ended."""
    try:
        signed = base64.b64decode(token + "=", altchars=b"-_", validate=True)
        identity = uuid.UUID(bytes=signed[:-SIGNED_BYTES])
    except (binascii.Error, ValueError) as error:
        raise NotFound(UNKNOWN) from error
    if not constant_time_compare(token, _token(identity)):  # as texts: several texts stand for the same bytes
        raise NotFound(UNKNOWN)
    return _live(identity)


def opened(share: Share) -> None:
    Share.objects.filter(pk=share.pk).update(opens=F("opens") + 1, last_opened_at=timezone.now())


def from_ticket(ticket: str) -> Comparison:
    """The comparison whose media a ticket opens: for an hour, and as long as it takes to watch both sides."""
    try:
        identity = uuid.UUID(_signer().unsign(ticket))
    except (signing.BadSignature, ValueError) as error:
        raise NotFound(UNKNOWN) from error
    _, comparison = _live(identity)
    watching = timedelta(seconds=(comparison.video_a.duration or 0) + (comparison.video_b.duration or 0))
    try:
        _signer().unsign(ticket, max_age=TICKET_LIVES + watching)
    except signing.SignatureExpired as error:
        raise Gone("This page was open for long. Reload it to go on.") from error
    return comparison


class SharedAddresses:
    """Where the page of a share finds its media: see `videos.addresses`."""

    def __init__(self, share: Share) -> None:
        self.ticket = _signer().sign(str(share.pk))

    def file(self, side: Side) -> str:
        return reverse("videos:shared-file", args=[self.ticket, side])

    def derived(self, side: Side, name: str) -> str:
        return reverse("videos:shared-derived", args=[self.ticket, side, name])

    def picture(self, index: int, side: Side) -> str:
        return reverse("videos:shared-picture", args=[self.ticket, index, side])


def _live(identity: uuid.UUID) -> tuple[Share, Comparison]:
    share = Share.objects.filter(pk=identity).first()
    if share is None:
        raise NotFound(UNKNOWN)
    if share.revoked_at and share.revoked_at < share.expires_at:  # else its time had run out before: see `share`
        raise Gone(f"This link was taken back by whoever shared it. {ENDED}")
    if not share.is_live:
        raise Gone(f"This link has expired. {ENDED}")
    shared = (
        Comparison.objects.with_sides()
        .select_related("owner")
        .defer("script")  # most of what asks wants a still or a piece of a film
        .filter(pk=share.comparison_id, owner__is_active=True, owner__deleted_at=None)
        .filter(job__status=Job.Status.COMPLETED, script__isnull=False)
        .first()
    )
    if shared is None:
        raise Gone("What this link showed was deleted by its owner.")
    return share, shared


def _token(identity: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(identity.bytes + _signature(identity)).rstrip(b"=").decode()


def _signature(identity: uuid.UUID) -> bytes:
    return salted_hmac("videos.sharing", identity.bytes, algorithm="sha256").digest()[:SIGNED_BYTES]


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="videos.sharing.ticket", sep=".")
