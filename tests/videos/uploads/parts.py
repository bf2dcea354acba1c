"""Uploads in parts, without HTTP requests."""

import io

from videos.uploads import multipart, transfer
from videos.uploads.announcement import UploadAnnouncement


def start_upload(viewer, *announced, **more):
    return multipart.start_upload(viewer, UploadAnnouncement(*announced, **more))


def put(upload, number, data):
    """Store a part through its signed URL."""
    url = transfer.sign_part_url(upload, number)["url"]
    return transfer.write_part(upload.pk, number, url.partition("signature=")[2], io.BytesIO(data))


def put_all(upload):
    """Store all parts of `upload_in_parts` and return their numbers and ETags."""
    return [
        {"part_number": part.part_number, "etag": part.etag}
        for part in (put(upload, 3, b"ij"), put(upload, 1, b"abcd"), put(upload, 2, b"efgh"))
    ]
