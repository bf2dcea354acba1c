"""Start, complete and cancel multipart uploads."""

import logging
from collections.abc import Sequence
from typing import TypedDict

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.viewer import Viewer
from sage.errors import Conflict, Forbidden, Gone, NotFound
from sage.storage import PARTS_MISMATCH, PartMismatch, StorageError, storage
from videos import charging
from videos.library.deduplication import compute_multipart_etag, find_duplicate
from videos.models import Upload, Video
from videos.uploads import reservations
from videos.uploads.acceptance import StoredFile, create_video, reuse_video
from videos.uploads.announcement import (
    UploadAnnouncement,
    build_object_metadata,
    build_storage_key,
    check_file_size,
    check_file_type,
    clean_content_type,
    clean_filename,
)
from videos.uploads.transfer import CANCELLED, UPLOAD_LIFETIME, check_open, choose_part_size, list_parts

log = logging.getLogger(__name__)


class NamedPart(TypedDict):
    """A part as the client names it to complete an upload."""

    part_number: int
    etag: str


def start_upload(viewer: Viewer, announced: UploadAnnouncement) -> Upload | Video:
    """Start an upload, or return the viewer's video with the same bytes.

    Raises an error before any byte is sent if the site, the plan or the balance does not allow the file.
    """
    owner = require_user(viewer)
    name = clean_filename(announced.filename)
    check_file_type(name, announced.content_type)
    check_file_size(name, announced.size)
    if duplicate := find_duplicate(owner, sha256=announced.sha256.lower()):
        return reuse_video(duplicate, announced.version_of, announced.collection)
    reservations.check_upload(owner, name, announced.size, announced.duration)
    key, content_type = build_storage_key(name), clean_content_type(announced.content_type)
    parts_id = storage.begin_parts(key, content_type, build_object_metadata(name))
    try:
        with transaction.atomic():
            reservations.lock_reservations()
            reservations.check_upload(owner, name, announced.size, announced.duration)  # again, now under the lock
            upload = Upload.objects.create(
                owner=owner,
                filename=name,
                content_type=content_type,
                size=announced.size,
                part_size=choose_part_size(announced.size),
                storage_key=key,
                parts_id=parts_id,
                sha256=announced.sha256.lower(),
                duration=announced.duration,
                version_of=announced.version_of,
                collection=announced.collection,
                expires_at=timezone.now() + UPLOAD_LIFETIME,
            )
            charging.hold_for_upload(upload)
        return upload
    except Exception:  # after any error the multipart upload must not remain without a row
        delete_leftovers(key, parts_id)
        raise


def complete_upload(upload: Upload, named: Sequence[NamedPart]) -> tuple[Video, bool]:
    """Join the parts into a video and queue its jobs, in one transaction. Return the video, and whether it is new.

    A repeated call returns the same result, unless the video was deleted meanwhile. If the viewer already has a video
    with the same bytes, return that one.
    """
    with transaction.atomic():
        if (locked := lock_upload(upload)) is None:
            raise Gone(CANCELLED)
        upload = locked  # refetched under the lock: another request may have completed it meanwhile
        if upload.video_id:
            return _get_completed(upload)
        check_open(upload)
        etags = {part["part_number"]: str(part["etag"]).strip('"') for part in named}
        etag = compute_multipart_etag([etags[number] for number in sorted(etags)])
        if not _is_assembled(upload):
            _check_parts(upload, etags)
        duplicate = find_duplicate(upload.owner, sha256=upload.sha256) or find_duplicate(
            upload.owner, etag=etag, size=upload.size
        )
        if not duplicate:
            try:
                storage.complete_parts(upload.storage_key, upload.parts_id, etags)
            except PartMismatch as error:
                raise Conflict(str(error)) from error
            except FileNotFoundError as error:
                raise Gone(CANCELLED) from error
        upload.video = duplicate or create_video(StoredFile.from_upload(upload, etag))
        upload.save(update_fields=["video"])
        transaction.on_commit(lambda: storage.abort_parts(upload.storage_key, upload.parts_id), robust=True)
        if duplicate:
            reuse_video(duplicate, upload.version_of, upload.collection)
            charging.release_upload(upload)
        return upload.video, duplicate is None


def lock_upload(upload: Upload) -> Upload | None:
    """Lock and refetch the upload. None if it was deleted meanwhile."""
    return Upload.objects.select_for_update(of=("self",)).select_related("owner").filter(pk=upload.pk).first()


def _get_completed(upload: Upload) -> tuple[Video, bool]:
    video = Video.objects.filter(pk=upload.video_id).first()
    if video is None:
        raise NotFound("The video of this upload was deleted.")
    return video, video.pk == upload.pk  # a new video takes over the ID of its upload


def _is_assembled(upload: Upload) -> bool:
    """Return whether an earlier request joined the parts and was interrupted before it committed."""
    try:
        return storage.stat(upload.storage_key).size == upload.size
    except FileNotFoundError:
        return False


def _check_parts(upload: Upload, etags: dict[int, str]) -> None:
    """Raise `Conflict` unless every part is stored in full and matches the ETag that the client named."""
    stored = {part.part_number: part for part in list_parts(upload)}
    numbers = range(1, upload.part_count + 1)
    for number in numbers:
        if number not in stored:
            raise Conflict(f"Part {number} of {upload.part_count} is missing. Send it, then complete the upload again.")
        if stored[number].size != upload.get_part_size(number):
            raise Conflict(
                f"Part {number} has {stored[number].size} bytes instead of {upload.get_part_size(number)}. "
                "Send it again, then complete the upload."
            )
    if etags != {number: stored[number].etag for number in numbers}:
        raise Conflict(f"{PARTS_MISMATCH} Name each of parts 1 to {upload.part_count} once.")


def abort_upload(upload: Upload) -> None:
    """Cancel the upload and delete its parts.

    Raises `Conflict` after completion and `NotFound` if it is already cancelled.
    """
    with transaction.atomic():
        locked = lock_upload(upload)
        if locked is None:
            raise NotFound("This upload is already cancelled.")
        if locked.video_id:
            raise Conflict("This upload is complete. Delete the video instead.")
        charging.release_upload(locked)
        locked.delete()
    delete_leftovers(upload.storage_key, upload.parts_id)


def delete_leftovers(key: str, parts_id: str = "") -> None:
    """Delete parts that no row refers to, and their file if it was already assembled.

    A storage error is only logged, because the next run of `delete_orphans` tries again.
    """
    try:
        if parts_id:
            storage.abort_parts(key, parts_id)
        storage.delete(key)
    except (StorageError, OSError) as error:
        log.warning("uploads: could not delete %s: %s", key, error)


def require_user(viewer: Viewer) -> User:
    """Return the signed-in user. Raises `Forbidden` for a guest."""
    if viewer.user is None:
        raise Forbidden("Sign in to upload videos.")
    return viewer.user
