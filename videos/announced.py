"""What a client says of a file before it sends it, and whether Sage would take such a file."""

import dataclasses
import re
import unicodedata
import uuid

from django.conf import settings
from django.utils import timezone

from sage.errors import Invalid, TooLarge, UnsupportedMedia
from videos.media.formats import ENDINGS
from videos.models import Collection, Video

NO_VIDEO = "This is no kind of video file that Sage can read. Choose a file such as MP4, MOV, WebM, MKV or AVI."
_UNSAID = {"", "application/octet-stream"}


@dataclasses.dataclass(frozen=True)
class Announced:
    """A file that is to come. `sha256` in hexadecimal, `duration` in seconds; both may miss."""

    filename: str
    size: int
    content_type: str = ""
    sha256: str = ""
    duration: float | None = None
    version_of: Video | None = None
    collection: Collection | None = None


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


def storage_key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).strip("._")[-80:]
    return f"videos/{uuid.uuid4()}_{safe or 'video'}"


def labels(name: str) -> dict[str, str]:
    return {"original_filename": name, "upload_timestamp": timezone.now().isoformat(timespec="seconds")}


def check_size(name: str, size: int, field: str = "size") -> None:
    if size < 1:
        raise Invalid.field(field, f"“{name}” is empty. Choose a file that holds a video.", "too_small")
    if size > settings.UPLOAD_LIMIT_BYTES:
        limit = settings.UPLOAD_LIMIT_BYTES // 1024**3
        raise TooLarge(
            f"“{name}” is larger than the {limit} GB that this site takes. Export it smaller, then upload that."
        )


def check_kind(name: str, content_type: str) -> None:
    """A first look at what the file says of itself; the probe finds out what it is."""
    ending = name.rpartition(".")[2].lower()
    if settings.UPLOAD_ENDINGS:
        if ending not in settings.UPLOAD_ENDINGS:
            taken = ", ".join(sorted(settings.UPLOAD_ENDINGS))
            raise UnsupportedMedia(f"“{name}” is no kind of file that this site takes. Choose one of these: {taken}.")
        return
    if content_type.startswith("video/") or ending in ENDINGS or (content_type in _UNSAID and "." not in name):
        return
    raise UnsupportedMedia(f"“{name}”: {NO_VIDEO}")
