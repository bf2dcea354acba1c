"""Find files with the same bytes of the same owner by SHA-256 or ETag, and store them once."""

import hashlib
from typing import Any

from django.db import transaction

from accounts.models import User
from sage.storage import storage
from videos.models import Video


def compute_multipart_etag(etags: list[str]) -> str:
    """Return the ETag of a multipart object on S3: the MD5 of the MD5s of its parts, and their count.

    Empty if the ETag of a part is not an MD5.
    """
    try:
        joined = b"".join(bytes.fromhex(etag) for etag in etags)
    except ValueError:
        return ""
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(etags)}" if etags else ""


def find_duplicate(owner: User, *, sha256: str = "", **facts: Any) -> Video | None:
    """Return the oldest video of `owner` with the same bytes that has not failed."""
    if sha256:
        facts["sha256"] = sha256
    if not any(facts.values()):
        return None
    same = Video.objects.filter(owner=owner, **facts).exclude(status=Video.Status.FAILED)
    return same.order_by("created_at").first()


def share_stored_file(video: Video, sha256: str) -> None:
    """Point `video` to an older file of its owner with the same bytes, and delete its own file.

    Call it in a transaction. The lock prevents two duplicates from replacing each other's files.
    """
    User.objects.select_for_update(no_key=True).get(pk=video.uploader.pk)
    same = Video.objects.filter(owner=video.owner_id, sha256=sha256, size=video.size)
    same = same.exclude(status=Video.Status.FAILED).exclude(metadata={})  # only a probed file has verified content
    first = same.exclude(storage_key=video.storage_key).order_by("created_at").first()
    if first is None:
        return
    Video.all_objects.filter(pk=video.pk).update(storage_key=first.storage_key)
    transaction.on_commit(lambda: storage.delete(video.storage_key), robust=True)


def is_file_shared(video: Video) -> bool:
    """Return whether another video uses the file of `video`. Call it in the transaction that deletes the video.

    Deleted videos count, because they may be restored.
    """
    User.objects.select_for_update(no_key=True).get(pk=video.uploader.pk)
    return Video.all_objects.filter(storage_key=video.storage_key).exclude(pk=video.pk).exists()
