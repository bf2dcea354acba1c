"""Read YouTube ids and the addresses of YouTube videos."""

import re
from urllib.parse import parse_qs, urlsplit

from sage.errors import InvalidInput

ID_PATTERN = r"[A-Za-z0-9_-]{11}"
URL_PATTERN = (
    r"(?:[Hh][Tt][Tt][Pp][Ss]?:/{1,2})?(?:(?:www|m|music)\.)?"  # a proxy may join the slashes of a path
    r"(?:youtube(?:-nocookie)?\.com/(?:watch/?\?[^/\s]*|(?:shorts|live|embed|v)/[\w-]+/?(?:\?[^/\s]*)?|playlist\?[^/\s]*)"
    r"|youtu\.be/[\w-]+/?(?:\?[^/\s]*)?)"
)
VIDEO_ID = re.compile(ID_PATTERN, re.ASCII)
VIDEO_URL = re.compile(URL_PATTERN, re.ASCII)
MAX_URL_LENGTH = 2_000  # characters
INVALID = (
    "This is not the address of a YouTube video. Paste an address such as https://www.youtube.com/watch?v=dQw4w9WgXcQ."
)
PLAYLIST = "This address names a playlist. Paste the address of one video, without “list=”."


def parse_youtube_id(text: str, field: str = "url") -> str:
    """Return the id of the video that `text` names: an id, or a watch, youtu.be, shorts, live or embed address.

    Raises `InvalidInput` for anything else, and for an address that names a playlist.
    """
    address = text.strip()
    if VIDEO_ID.fullmatch(address):
        return address
    if len(address) > MAX_URL_LENGTH or not VIDEO_URL.fullmatch(address.partition("#")[0]):
        raise InvalidInput.field(field, INVALID, "invalid")
    parts = urlsplit("//" + re.sub(r"^https?:/+", "", address, flags=re.IGNORECASE))
    query = parse_qs(parts.query, keep_blank_values=True)
    if "list" in query:
        raise InvalidInput.field(field, PLAYLIST, "playlist")
    path = parts.path.strip("/")
    found = query.get("v", [""])[0] if path == "watch" else path.rpartition("/")[2]
    if not VIDEO_ID.fullmatch(found):
        raise InvalidInput.field(field, INVALID, "invalid")
    return found
