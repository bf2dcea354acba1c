"""Taking files in: announced, sent in parts, completed, handed over to the pipeline."""

import errno
import re
import unicodedata
import uuid
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.viewer import Viewer
from sage.errors import Conflict, Forbidden, Gone, Invalid, Problem, TooLarge, Unavailable, UnsupportedMedia
from sage.storage import Part, PartMismatch, storage
from videos import pipeline
from videos.models import Upload, Video

if TYPE_CHECKING:
    from _typeshed import SupportsRead

PART_SIZE = 10 * 1024 * 1024
UPLOAD_LIVES = timedelta(days=2)
URL_LIVES = timedelta(hours=1)
OPEN_AT_ONCE = 100
NO_VIDEO = "This is no kind of video file that Sage can read. Choose a file such as MP4, MOV, WebM, MKV or AVI."
ENDINGS = frozenset(
    [
        "mp4",
        "m4v",
        "mov",
        "qt",
        "webm",
        "mkv",
        "avi",
        "mpg",
        "mpeg",
        "mpe",
        "ts",
        "mts",
        "m2ts",
        "m2t",
        "vob",
        "flv",
        "f4v",
        "ogv",
        "ogg",
        "wmv",
        "asf",
        "mxf",
        "3gp",
        "3g2",
        "gif",
        "y4m",
        "dv",
    ]
)


def begin(viewer: Viewer, filename: str, size: int, content_type: str = "") -> Upload:
    """Announce a file of `size` bytes. Raises before a byte is sent where it could not be taken."""
    owner = _owner(viewer)
    name = clean_name(filename)
    _check_kind(name, content_type)
    if size < 1:
        raise Invalid.field("size", f"“{name}” is empty. Choose a file that holds a video.", "too_small")
    if size > settings.UPLOAD_LIMIT_BYTES:
        limit = settings.UPLOAD_LIMIT_BYTES // 1024**3
        raise TooLarge(
            f"“{name}” is larger than the {limit} GB that this site takes. Export it smaller, then upload that."
        )
    if Upload.objects.owned_by(viewer).filter(video=None, expires_at__gt=timezone.now()).count() >= OPEN_AT_ONCE:
        raise Conflict(f"{OPEN_AT_ONCE} uploads are open already. Finish or cancel some of them first.")
    if size > storage.free_bytes():
        raise Unavailable(f"The disk of this site has no room for “{name}”. Ask its operator to make some.")
    upload = Upload.objects.create(
        owner=owner,
        filename=name,
        content_type=clean_type(content_type),
        size=size,
        part_size=PART_SIZE,
        storage_key=_storage_key(name),
        expires_at=timezone.now() + UPLOAD_LIVES,
    )
    storage.begin_parts(str(upload.pk))
    return upload


def part_url(upload: Upload, number: int) -> dict[str, Any]:
    """Where the bytes of part `number` go, and until when."""
    _check_open(upload)
    if not 1 <= number <= upload.part_count:
        raise Invalid.field("part_number", f"This upload has parts 1 to {upload.part_count}.", "out_of_range")
    signature = signing.dumps([str(upload.pk), number], salt="upload-part")
    address = reverse("api:upload-part", args=[upload.pk, number])
    return {
        "url": f"{address}?signature={signature}",
        "method": "PUT",
        "headers": {},
        "expires_at": timezone.now() + URL_LIVES,
    }


def put_part(upload_id: uuid.UUID, number: int, signature: str, stream: "SupportsRead[bytes]") -> Part:
    """Take the bytes of one part. The signature is all the permission there is, as on S3."""
    try:
        signed = signing.loads(signature, salt="upload-part", max_age=URL_LIVES)
    except signing.SignatureExpired as error:
        raise Forbidden("The address of this part has expired. Ask for a new one.") from error
    except signing.BadSignature as error:
        raise Forbidden("The address of this part is not signed by this site.") from error
    if signed != [str(upload_id), number]:
        raise Forbidden("The address of this part is signed for another part.")
    upload = Upload.objects.filter(pk=upload_id).first()
    if upload is None:
        raise Gone("This upload was cancelled. Begin a new one.")
    _check_open(upload)
    try:
        return storage.write_part(
            str(upload.pk), number, (number - 1) * upload.part_size, upload.size_of_part(number), stream
        )
    except PartMismatch as error:
        raise Problem(str(error)) from error
    except FileNotFoundError as error:
        raise Gone("This upload was cancelled. Begin a new one.") from error
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise Unavailable(
            "The disk of this site is full. What arrived is kept; try again when there is room."
        ) from error


def list_parts(upload: Upload) -> list[Part]:
    return storage.list_parts(str(upload.pk))


def complete(upload: Upload, named: list[dict[str, Any]]) -> Video:
    """Make the parts a video and queue its jobs, all or nothing. Asked again, it answers with the same video."""
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get(pk=upload.pk)
        if upload.video_id:  # fetched after the lock: another request may have completed it while this one waited
            return Video.everything.get(pk=upload.video_id)
        _check_open(upload)
        here = {part.part_number for part in list_parts(upload)}
        wanted = {part["part_number"]: str(part["etag"]).strip('"') for part in named}
        missing = [number for number in range(1, upload.part_count + 1) if number not in here]
        if missing:
            raise Conflict(f"Part {missing[0]} of {upload.part_count} has not arrived. Send it, then complete again.")
        try:
            storage.complete_parts(str(upload.pk), upload.storage_key, wanted)
        except PartMismatch as error:
            raise Conflict(str(error)) from error
        upload.video = accept(upload.owner, upload.filename, upload.content_type, upload.size, upload.storage_key)
        upload.save(update_fields=["video"])
        transaction.on_commit(lambda: storage.abort_parts(str(upload.pk)), robust=True)
        return upload.video


def abort(upload: Upload) -> None:
    """Free what has arrived. Raises `Conflict` once it is a video."""
    identity = str(upload.pk)
    with transaction.atomic():
        upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if upload.video_id:
            raise Conflict("This upload is complete. Delete the video instead.")
        upload.delete()
    storage.abort_parts(identity)


def take_whole(viewer: Viewer, file: UploadedFile) -> Video:
    """A file sent in one request, by a plain form."""
    owner = _owner(viewer)
    name = clean_name(file.name or "video")
    _check_kind(name, file.content_type or "")
    if not file.size:
        raise Invalid.field("file", f"“{name}” is empty. Choose a file that holds a video.", "too_small")
    key = _storage_key(name)
    storage.put_stream(key, file)
    try:
        return accept(owner, name, file.content_type or "", file.size, key)
    except Exception:  # whatever it was, the file must not stay without a row
        storage.delete(key)
        raise


@transaction.atomic
def accept(owner: User, filename: str, content_type: str, size: int, storage_key: str) -> Video:
    """The row and its jobs, in one transaction: from here on the pipeline sees to it."""
    video = Video.objects.create(
        owner=owner,
        title=PurePosixPath(filename).stem[:300] or filename,
        filename=filename,
        content_type=clean_type(content_type),
        size=size,
        storage_key=storage_key,
    )
    pipeline.begin(video)
    return video


def clean_name(filename: str) -> str:
    """The last part of a path, without what cannot be shown, at most 200 characters, its ending kept."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", filename))[-1]
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C" or letter == "\u200d").strip()
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: 199 - len(ending)]}.{ending}" if stem else f"video.{ending}"
    return name[:200] or "video"


def clean_type(content_type: str) -> str:
    """A media type without parameters, or nothing where it is none."""
    plain = content_type.partition(";")[0].strip().lower()
    return plain if re.fullmatch(r"[a-z0-9.+-]{1,50}/[a-z0-9.+-]{1,49}", plain) else ""


def _storage_key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).strip("._")[-80:]
    return f"videos/{uuid.uuid4()}_{safe or 'video'}"


def _check_kind(name: str, content_type: str) -> None:
    """A first look at what the file says of itself; the probe finds out what it is."""
    ending = name.rpartition(".")[2].lower()
    if content_type.startswith("video/") or ending in ENDINGS or (content_type in _UNSAID and "." not in name):
        return
    raise UnsupportedMedia(f"“{name}”: {NO_VIDEO}")


_UNSAID = {"", "application/octet-stream"}


def _check_open(upload: Upload) -> None:
    if upload.video_id:
        raise Conflict("This upload is complete already.")
    if upload.expires_at < timezone.now():
        raise Gone("This upload has expired. Begin a new one.")


def _owner(viewer: Viewer) -> User:
    if viewer.user is None:
        raise Forbidden("Sign in to upload videos.")
    return viewer.user
