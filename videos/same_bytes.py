"""The same bytes again, by the same person: found by their SHA-256 or by the ETag of their parts, and kept once."""

import hashlib
from typing import Any

from django.db import transaction

from accounts.models import User
from sage.storage import storage
from videos.models import Video


def whole_etag(etags: list[str]) -> str:
    """The ETag that S3 gives a file of parts: the MD5 of their MD5s, and how many. Empty where one is no MD5."""
    try:
        joined = b"".join(bytes.fromhex(etag) for etag in etags)
    except ValueError:
        return ""
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(etags)}" if etags else ""


def held_by(owner: User, *, sha256: str = "", **facts: Any) -> Video | None:
    """A video of `owner` that holds the same bytes, and is not past use."""
    if sha256:
        facts["sha256"] = sha256
    if not any(facts.values()):
        return None
    same = Video.objects.filter(owner=owner, **facts).exclude(status=Video.Status.FAILED)
    return same.order_by("created_at").first()


def share(video: Video, sha256: str) -> None:
    """Where its owner holds the same bytes in another file, `video` uses that file, and its own goes.

    Call it in a transaction. The lock keeps two of the same from letting each their own go for the other's.
    """
    User.objects.select_for_update(no_key=True).get(pk=video.owner_id)
    same = Video.objects.filter(owner=video.owner_id, sha256=sha256, size=video.size)
    same = same.exclude(status=Video.Status.FAILED).exclude(metadata={})  # only a probe knows what a file really holds
    first = same.exclude(storage_key=video.storage_key).order_by("created_at").first()
    if first is None:
        return
    Video.everything.filter(pk=video.pk).update(storage_key=first.storage_key)
    transaction.on_commit(lambda: storage.delete(video.storage_key), robust=True)


def is_shared(video: Video) -> bool:
    """Whether another row uses the file of `video`. Call it in the transaction that removes either.

    Hidden rows count: they may be restored.
    """
    User.objects.select_for_update(no_key=True).get(pk=video.owner_id)
    return Video.everything.filter(storage_key=video.storage_key).exclude(pk=video.pk).exists()
