"""Store files that are uploaded in one request."""

import hashlib

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.viewer import Viewer
from sage.storage import storage
from videos.library.deduplication import find_duplicate
from videos.media.formats import SIGNATURE_BYTES
from videos.models import Collection, Video
from videos.uploads import reservations
from videos.uploads.acceptance import StoredFile, create_video, reuse_video
from videos.uploads.announcement import (
    build_object_metadata,
    build_storage_key,
    check_file_size,
    check_file_type,
    check_first_bytes,
    clean_content_type,
    clean_filename,
)
from videos.uploads.multipart import delete_leftovers, require_user


def store_file(
    viewer: Viewer, file: UploadedFile, version_of: Video | None = None, collection: Collection | None = None
) -> tuple[Video, bool]:
    """Store an uploaded file. Return its video, and whether that video is new.

    If the viewer already has a video with the same bytes, return that one.
    """
    owner = require_user(viewer)
    size = file.size or 0
    name = clean_filename(file.name or "video")
    content_type = clean_content_type(file.content_type or "")
    check_file_type(name, content_type)
    check_file_size(name, size, "file")
    check_first_bytes(name, file.read(SIGNATURE_BYTES))
    file.seek(0)
    sha256 = hashlib.sha256()
    for chunk in file.chunks():
        sha256.update(chunk)
    if duplicate := find_duplicate(owner, sha256=sha256.hexdigest()):
        return reuse_video(duplicate, version_of, collection), False
    reservations.check_charges(owner, name, size)
    reservations.require_space(name, size)
    file.seek(0)
    key = build_storage_key(name)
    storage.put_stream(key, file, content_type, build_object_metadata(name))
    try:
        stored = StoredFile(owner, name, content_type, size, key, sha256.hexdigest(), "", version_of, collection)
        with transaction.atomic():
            reservations.lock_reservations()
            reservations.require_space(name, 0)  # the file is stored, and must not use what was announced meanwhile
            return create_video(stored), True
    except Exception:  # after any error the stored file must not remain without a row
        delete_leftovers(key)
        raise
