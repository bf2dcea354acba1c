"""Fetch the thumbnail of a YouTube video. This module imports no Django code.

The address is built from the id, so that metadata of outside workers cannot name another server.
"""

import requests

from videos.youtube import sentences
from videos.youtube.errors import YouTubeRefused, YouTubeUnreachable
from videos.youtube.gateway import open_session

ADDRESSES = (
    "https://i.ytimg.com/vi/{id}/maxresdefault.jpg",  # 1280 x 720, which older videos do not have
    "https://i.ytimg.com/vi/{id}/hqdefault.jpg",  # 480 x 360
)
MAX_BYTES = 4 * 1024**2
JPEG_START = b"\xff\xd8\xff"


def fetch_thumbnail(youtube_id: str, gateway: str = "") -> bytes:
    """Return the largest thumbnail as JPEG bytes. Raises `YouTubeRefused` or `YouTubeUnreachable`."""
    with open_session(gateway) as session:
        for address in ADDRESSES:
            try:
                response = session.get(address.format(id=youtube_id), allow_redirects=False)
            except requests.RequestException as error:
                raise YouTubeUnreachable(sentences.UNREACHABLE) from error
            picture = response.content
            if response.status_code == 200 and len(picture) <= MAX_BYTES and picture.startswith(JPEG_START):
                return picture
            if response.status_code == 429:
                raise YouTubeUnreachable(sentences.BLOCKED)
    raise YouTubeRefused("This video has no thumbnail on YouTube.")
