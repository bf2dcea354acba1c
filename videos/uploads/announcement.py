"""Describe a file that a client is about to upload, and check that the site accepts it."""

import dataclasses
import re
import unicodedata
import uuid

from django.conf import settings
from django.utils import timezone

from sage.errors import InvalidInput, PayloadTooLarge, UnsupportedMediaType
from videos.media.formats import EXTENSIONS, starts_like_a_video
from videos.models import Collection, Video

UNSUPPORTED_FILE = "Sage can't read this type of file. Choose a video, such as MP4, MOV, WebM, MKV or AVI."
_UNKNOWN_TYPES = {"", "application/octet-stream"}


@dataclasses.dataclass(frozen=True)
class UploadAnnouncement:
    """A file that a client wants to upload.

    `sha256` is hexadecimal and `duration` is in seconds. Both are optional.
    """

    filename: str
    size: int
    content_type: str = ""
    sha256: str = ""
    duration: float | None = None
    version_of: Video | None = None
    collection: Collection | None = None


def clean_filename(filename: str) -> str:
    """Return the file name of a path without control characters, shortened to 200 characters before its extension."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", filename))[-1]
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C" or letter == "\u200d").strip()
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: 199 - len(ending)]}.{ending}" if stem else f"video.{ending}"
    return name[:200] or "video"


def clean_content_type(content_type: str) -> str:
    """Return the media type without its parameters. Empty if it is not a media type."""
    plain = content_type.partition(";")[0].strip().lower()
    return plain if re.fullmatch(r"[a-z0-9.+-]{1,50}/[a-z0-9.+-]{1,49}", plain) else ""


def build_storage_key(name: str) -> str:
    """Return a new, unique storage key that ends with the file name in ASCII."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).strip("._")[-80:]
    return f"videos/{uuid.uuid4()}_{safe or 'video'}"


def build_object_metadata(name: str) -> dict[str, str]:
    """Return the metadata that the storage keeps with the object."""
    return {"original_filename": name, "upload_timestamp": timezone.now().isoformat(timespec="seconds")}


def check_file_size(name: str, size: int, field: str = "size") -> None:
    """Raise `InvalidInput` if the file is empty, `PayloadTooLarge` if it exceeds the limit of the site."""
    if size < 1:
        raise InvalidInput.field(field, f"“{name}” is empty. Choose a video file.", "too_small")
    if size > settings.UPLOAD_LIMIT_BYTES:
        limit = settings.UPLOAD_LIMIT_BYTES // 1024**3
        raise PayloadTooLarge(
            f"“{name}” is larger than the {limit} GB that this site allows. Export a smaller file and upload it."
        )


def check_file_type(name: str, content_type: str) -> None:
    """Raise `UnsupportedMediaType` if the name and the media type do not indicate a video.

    The probe job checks the content of the file later; `check_first_bytes` checks its start.
    """
    ending = name.rpartition(".")[2].lower()
    if settings.UPLOAD_ENDINGS:
        if ending not in settings.UPLOAD_ENDINGS:
            accepted = ", ".join(sorted(settings.UPLOAD_ENDINGS))
            raise UnsupportedMediaType(
                f"This site does not accept the type of “{name}”. Choose one of these: {accepted}."
            )
        return
    if (
        content_type.startswith("video/")
        or ending in EXTENSIONS
        or (content_type in _UNKNOWN_TYPES and "." not in name)
    ):
        return
    raise UnsupportedMediaType(f"“{name}”: {UNSUPPORTED_FILE}")


def check_first_bytes(name: str, head: bytes) -> None:
    """Raise `UnsupportedMediaType` if a file starts like no format that Sage reads. Its name does not count."""
    if not starts_like_a_video(head):
        raise UnsupportedMediaType(f"“{name}” does not contain a video. {UNSUPPORTED_FILE}")
