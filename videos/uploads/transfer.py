"""Size, sign, receive and list the parts of an upload."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from sage.errors import BadRequest, Conflict, Forbidden, Gone, InvalidInput
from sage.storage import DiskStorage, Part, PartMismatch, storage
from sage.storage.base import ADDRESS_LIVES
from videos.models import Upload

if TYPE_CHECKING:
    from _typeshed import SupportsRead

MB = 1024 * 1024  # bytes
PART_SIZE = 10 * MB  # bytes
MAX_PARTS = 10_000  # the limit of S3
UPLOAD_LIFETIME = timedelta(days=2)  # since a client last requested the URL of a part
MAX_UPLOAD_LIFETIME = timedelta(days=30)  # since the upload started
EXTENSION_STEP = timedelta(hours=1)  # the expiry is written at most once per step
CANCELLED = "This upload was cancelled. Start a new one."


class PartUrl(TypedDict):
    """Where and how a client sends one part."""

    url: str
    method: str
    headers: dict[str, str]
    expires_at: datetime


def choose_part_size(size: int) -> int:
    """Return the part size in bytes: 10 MB, or as many whole MB as keep `size` bytes within MAX_PARTS parts."""
    smallest = -(-size // MAX_PARTS)
    return PART_SIZE if smallest <= PART_SIZE else -(-smallest // MB) * MB


def sign_part_url(upload: Upload, number: int) -> PartUrl:
    """Return the URL that takes part `number`, either at S3 or at this site.

    Every request extends the upload, up to MAX_UPLOAD_LIFETIME, because a long video takes days over a slow connection.
    """
    check_open(upload)
    if not 1 <= number <= upload.part_count:
        raise InvalidInput.field("part_number", f"This upload has parts 1 to {upload.part_count}.", "out_of_range")
    _extend_expiry(upload)
    size = upload.get_part_size(number)
    url = storage.part_address(upload.storage_key, upload.parts_id, number, size)
    if url is None:
        signature = signing.dumps([str(upload.pk), number], salt="upload-part")
        url = f"{reverse('api:upload-part', args=[upload.pk, number])}?signature={signature}"
    return {"url": url, "method": "PUT", "headers": {}, "expires_at": timezone.now() + ADDRESS_LIVES}


def _extend_expiry(upload: Upload) -> None:
    until = min(timezone.now() + UPLOAD_LIFETIME, upload.created_at + MAX_UPLOAD_LIFETIME)
    if until - upload.expires_at >= EXTENSION_STEP:
        Upload.objects.filter(pk=upload.pk).update(expires_at=until)


def check_signature(upload_id: uuid.UUID, number: int, signature: str) -> None:
    """Raise `Forbidden` if the URL of a part is not signed. The signature is the only permission, as on S3."""
    try:
        signed = signing.loads(signature, salt="upload-part", max_age=ADDRESS_LIVES)
    except signing.SignatureExpired as error:
        raise Forbidden("The URL of this part has expired. Request a new one.") from error
    except signing.BadSignature as error:
        raise Forbidden("The URL of this part is not signed by this site.") from error
    if signed != [str(upload_id), number]:
        raise Forbidden("The URL of this part is signed for another part.")


def write_part(upload_id: uuid.UUID, number: int, signature: str, stream: "SupportsRead[bytes]") -> Part:
    """Store the bytes of one part. Raises `Forbidden`, `Gone`, `Conflict` or `BadRequest`."""
    check_signature(upload_id, number, signature)
    upload = Upload.objects.filter(pk=upload_id).first()
    if upload is None:
        raise Gone(CANCELLED)
    check_open(upload)
    if not isinstance(storage, DiskStorage):
        raise Conflict("This site does not take parts itself. Request the URL of this part, and send the part there.")
    offset = (number - 1) * upload.part_size
    try:
        return storage.write_part(upload.parts_id, number, offset, upload.get_part_size(number), stream)
    except PartMismatch as error:
        raise BadRequest(str(error)) from error
    except FileNotFoundError as error:
        raise Gone(CANCELLED) from error


def list_parts(upload: Upload) -> list[Part]:
    """Return the stored parts. Raises `Conflict` after completion and `Gone` after expiry."""
    check_open(upload)
    return storage.list_parts(upload.storage_key, upload.parts_id)


def check_open(upload: Upload) -> None:
    """Raise `Conflict` if the upload is complete, `Gone` if it has expired."""
    if upload.video_id:
        raise Conflict("This upload is already complete.")
    if upload.expires_at < timezone.now():
        raise Gone("This upload has expired. Start a new one.")
