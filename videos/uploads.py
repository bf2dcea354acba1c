"""Taking files in: announced, sent in parts, completed, handed over to the pipeline."""

import hashlib
import logging
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.viewer import Viewer
from sage.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Problem, Unavailable
from sage.storage import DiskStorage, Part, PartMismatch, StorageError, storage
from sage.storage.base import ADDRESS_LIVES
from videos import charging
from videos.announced import Announced, check_kind, check_size, clean_name, clean_type, labels, storage_key
from videos.arrived import Arrived, accept, place
from videos.models import Collection, Upload, Video
from videos.same_bytes import held_by, whole_etag

if TYPE_CHECKING:
    from _typeshed import SupportsRead

log = logging.getLogger(__name__)
MB = 1024 * 1024
PART_SIZE = 10 * MB
MOST_PARTS = 10_000  # as on S3
UPLOAD_LIVES = timedelta(days=2)  # after a part of it was last asked for
LONGEST = timedelta(days=30)
PROLONG_EVERY = timedelta(hours=1)
OPEN_AT_ONCE = 100
CANCELLED = "This upload was cancelled. Begin a new one."
NOT_THOSE = "The parts that were named are not those that arrived. List them, send what differs."


def begin(viewer: Viewer, announced: Announced) -> Upload | Video:
    """Get ready for a file's parts, or give the video that holds the same bytes for this viewer already.

    Raises before a byte is sent where the file could not be taken.
    """
    owner = _owner(viewer)
    name = clean_name(announced.filename)
    check_kind(name, announced.content_type)
    check_size(name, announced.size)
    if held := held_by(owner, sha256=announced.sha256.lower()):
        return place(held, announced.version_of, announced.collection)
    if Upload.objects.owned_by(viewer).filter(video=None, expires_at__gt=timezone.now()).count() >= OPEN_AT_ONCE:
        raise Conflict(f"{OPEN_AT_ONCE} uploads are open already. Finish or cancel some of them first.")
    charging.check_room(owner, name, announced.size)
    free = storage.free_bytes()
    if free is not None and announced.size > free:
        raise Unavailable(f"The disk of this site has no room for “{name}”. Ask its operator to make some.")
    key, content_type = storage_key(name), clean_type(announced.content_type)
    parts_id = storage.begin_parts(key, content_type, labels(name))
    try:
        with transaction.atomic():
            upload = Upload.objects.create(
                owner=owner,
                filename=name,
                content_type=content_type,
                size=announced.size,
                part_size=part_size(announced.size),
                storage_key=key,
                parts_id=parts_id,
                sha256=announced.sha256.lower(),
                duration=announced.duration,
                version_of=announced.version_of,
                collection=announced.collection,
                expires_at=timezone.now() + UPLOAD_LIVES,
            )
            charging.expect(upload)
        return upload
    except Exception:  # whatever it was, what waits for parts must not stay without a row
        _free(key, parts_id)
        raise


def part_size(size: int) -> int:
    """10 MB, or as many whole MB more as keep a file of `size` bytes within the most parts that there may be."""
    least = -(-size // MOST_PARTS)
    return PART_SIZE if least <= PART_SIZE else -(-least // MB) * MB


def part_url(upload: Upload, number: int) -> dict[str, Any]:
    """Where the bytes of part `number` go, and until when: S3 itself, or an address of Sage's own.

    An upload does not lapse while this is asked, up to `LONGEST`: over a slow line a film takes days.
    """
    _check_open(upload)
    if not 1 <= number <= upload.part_count:
        raise Invalid.field("part_number", f"This upload has parts 1 to {upload.part_count}.", "out_of_range")
    _prolong(upload)
    size = upload.size_of_part(number)
    address = storage.part_address(upload.storage_key, upload.parts_id, number, size)
    if address is None:
        signature = signing.dumps([str(upload.pk), number], salt="upload-part")
        address = f"{reverse('api:upload-part', args=[upload.pk, number])}?signature={signature}"
    return {"url": address, "method": "PUT", "headers": {}, "expires_at": timezone.now() + ADDRESS_LIVES}


def _prolong(upload: Upload) -> None:
    until = min(timezone.now() + UPLOAD_LIVES, upload.created_at + LONGEST)
    if until - upload.expires_at >= PROLONG_EVERY:
        Upload.objects.filter(pk=upload.pk).update(expires_at=until)


def put_part(upload_id: uuid.UUID, number: int, signature: str, stream: "SupportsRead[bytes]") -> Part:
    """Take the bytes of one part. The signature is all the permission there is, as on S3."""
    try:
        signed = signing.loads(signature, salt="upload-part", max_age=ADDRESS_LIVES)
    except signing.SignatureExpired as error:
        raise Forbidden("The address of this part has expired. Ask for a new one.") from error
    except signing.BadSignature as error:
        raise Forbidden("The address of this part is not signed by this site.") from error
    if signed != [str(upload_id), number]:
        raise Forbidden("The address of this part is signed for another part.")
    upload = Upload.objects.filter(pk=upload_id).first()
    if upload is None:
        raise Gone(CANCELLED)
    _check_open(upload)
    if not isinstance(storage, DiskStorage):
        raise Conflict("This site takes no parts itself. Ask for the address of this part, and send it there.")
    try:
        return storage.write_part(
            upload.parts_id, number, (number - 1) * upload.part_size, upload.size_of_part(number), stream
        )
    except PartMismatch as error:
        raise Problem(str(error)) from error
    except FileNotFoundError as error:
        raise Gone(CANCELLED) from error


def list_parts(upload: Upload) -> list[Part]:
    """What has arrived. Raises `Conflict` once it is a video, `Gone` once it has expired."""
    _check_open(upload)
    return storage.list_parts(upload.storage_key, upload.parts_id)


def complete(upload: Upload, named: list[dict[str, Any]]) -> tuple[Video, bool]:
    """Make the parts a video and queue its jobs, all or nothing; the answer says whether that video is new.

    Asked again, it gives the same answer, unless the video was deleted since. Where the viewer holds the same bytes
    already, it answers with the video that does.
    """
    with transaction.atomic():
        if (locked := _locked(upload)) is None:
            raise Gone(CANCELLED)
        upload = locked  # fetched after the lock: another request may have completed it while this one waited
        if upload.video_id:
            return _made(upload)
        _check_open(upload)
        wanted = {part["part_number"]: str(part["etag"]).strip('"') for part in named}
        etag = whole_etag([wanted[number] for number in sorted(wanted)])
        if not _is_whole(upload):
            _check_parts(upload, wanted)
        held = held_by(upload.owner, sha256=upload.sha256) or held_by(upload.owner, etag=etag, size=upload.size)
        if not held:
            try:
                storage.complete_parts(upload.storage_key, upload.parts_id, wanted)
            except PartMismatch as error:
                raise Conflict(str(error)) from error
            except FileNotFoundError as error:
                raise Gone(CANCELLED) from error
        upload.video = held or accept(Arrived.of(upload, etag))
        upload.save(update_fields=["video"])
        transaction.on_commit(lambda: storage.abort_parts(upload.storage_key, upload.parts_id), robust=True)
        if held:
            place(held, upload.version_of, upload.collection)
            charging.expect_no_more(upload)
        return upload.video, held is None


def _locked(upload: Upload) -> Upload | None:
    """As it is now, for this transaction alone; None where it has gone while another had it."""
    return Upload.objects.select_for_update(of=("self",)).select_related("owner").filter(pk=upload.pk).first()


def _made(upload: Upload) -> tuple[Video, bool]:
    video = Video.objects.filter(pk=upload.video_id).first()
    if video is None:
        raise NotFound("The video of this upload was deleted.")
    return video, video.pk == upload.pk  # a new one takes over the upload's id


def _is_whole(upload: Upload) -> bool:
    """Whether its parts were joined already, by a request that died before it could say so."""
    try:
        return storage.stat(upload.storage_key).size == upload.size
    except FileNotFoundError:
        return False


def _check_parts(upload: Upload, wanted: dict[int, str]) -> None:
    """Every part has arrived, in the size that it must have, and is the one that is named. Raises `Conflict`."""
    arrived = {part.part_number: part for part in list_parts(upload)}
    numbers = range(1, upload.part_count + 1)
    for number in numbers:
        if number not in arrived:
            raise Conflict(f"Part {number} of {upload.part_count} has not arrived. Send it, then complete again.")
        if arrived[number].size != upload.size_of_part(number):
            raise Conflict(
                f"Part {number} has {arrived[number].size} bytes where {upload.size_of_part(number)} were announced. "
                "Send it again, then complete."
            )
    if wanted != {number: arrived[number].etag for number in numbers}:
        raise Conflict(f"{NOT_THOSE} Name each of parts 1 to {upload.part_count} once.")


def abort(upload: Upload) -> None:
    """Free what has arrived. Raises `Conflict` once it is a video, `NotFound` where it is cancelled already."""
    with transaction.atomic():
        locked = _locked(upload)
        if locked is None:
            raise NotFound("This upload was cancelled already.")
        if locked.video_id:
            raise Conflict("This upload is complete. Delete the video instead.")
        charging.expect_no_more(locked)
        locked.delete()
    _free(upload.storage_key, upload.parts_id)


def _free(key: str, parts_id: str = "") -> None:
    """Remove what no row names: parts, and the file, which may be joined already.

    It is done for whoever asked; what cannot go now goes with the next sweep of `orphans`.
    """
    try:
        if parts_id:
            storage.abort_parts(key, parts_id)
        storage.delete(key)
    except (StorageError, OSError) as error:
        log.warning("uploads: %s stays for now: %s", key, error)


def take_whole(
    viewer: Viewer, file: UploadedFile, version_of: Video | None = None, collection: Collection | None = None
) -> tuple[Video, bool]:
    """A file sent in one request: its video, and whether that is new."""
    owner = _owner(viewer)
    name = clean_name(file.name or "video")
    content_type = clean_type(file.content_type or "")
    check_kind(name, content_type)
    check_size(name, file.size or 0, "file")
    sha256 = hashlib.sha256()
    for chunk in file.chunks():
        sha256.update(chunk)
    if held := held_by(owner, sha256=sha256.hexdigest()):
        return place(held, version_of, collection), False
    charging.check_room(owner, name, file.size or 0)
    file.seek(0)
    key = storage_key(name)
    storage.put_stream(key, file, content_type, labels(name))
    try:
        arrived = Arrived(
            owner, name, content_type, file.size or 0, key, sha256.hexdigest(), "", version_of, collection
        )
        return accept(arrived), True
    except Exception:  # whatever it was, the file must not stay without a row
        _free(key)
        raise


def _check_open(upload: Upload) -> None:
    if upload.video_id:
        raise Conflict("This upload is complete already.")
    if upload.expires_at < timezone.now():
        raise Gone("This upload has expired. Begin a new one.")


def _owner(viewer: Viewer) -> User:
    if viewer.user is None:
        raise Forbidden("Sign in to upload videos.")
    return viewer.user
