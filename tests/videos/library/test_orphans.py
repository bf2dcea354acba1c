import io
import os
import time
import uuid

import pytest

from accounts.viewer import Viewer
from sage.storage import storage
from videos.library import orphans
from videos.uploads import multipart
from videos.uploads.announcement import UploadAnnouncement

pytestmark = pytest.mark.django_db


def create_orphans(days):
    """Create a file and a folder of parts without a row, `days` days old, and return their keys."""
    key = f"videos/{uuid.uuid4()}_film.mp4"
    storage.put_stream(key, io.BytesIO(b"bytes"))
    parts_id = storage.begin_parts(key)
    for path in (storage.root / key, storage.root / "uploads" / parts_id):
        os.utime(path, (time.time() - days * 86400,) * 2)
    return key, parts_id


def test_orphaned_files_are_deleted_after_a_few_days():
    old, new = create_orphans(days=4), create_orphans(days=1)

    assert orphans.delete_orphans() == 2
    assert list(storage.keys("videos")) == [new[0]]
    assert [folder.name for folder in (storage.root / "uploads").iterdir()] == [new[1]]
    assert old[0] not in storage.keys("videos")


def test_files_with_a_row_are_kept_at_any_age(alice, alice_video):
    upload = multipart.start_upload(Viewer(alice), UploadAnnouncement("film.mp4", 10))
    for path in (storage.root / alice_video.storage_key, storage.root / "uploads" / upload.parts_id):
        os.utime(path, (0, 0))

    assert orphans.delete_orphans() == 0
    assert storage.stat(alice_video.storage_key).size


def test_derived_files_without_a_row_are_deleted(alice_video):
    gone = [f"derived/{uuid.uuid4()}/poster.jpg", f"comparisons/{uuid.uuid4()}/00000-a.jpg"]
    for key in gone:
        storage.put_stream(key, io.BytesIO(b"bytes"))
    created = list(storage.keys("derived"))
    for key in [*gone, *created]:
        os.utime(storage.root / key, (0, 0))

    assert orphans.delete_orphans() == 2
    assert [*storage.keys("derived"), *storage.keys("comparisons")] == [key for key in created if key not in gone]


def test_orphaned_files_on_s3_are_deleted(db, on_s3):
    key = f"videos/{uuid.uuid4()}_film.mp4"
    storage.put_stream(key, io.BytesIO(b"bytes"))
    parts_id = storage.begin_parts(key)
    ahead = time.time() + 10 * 86400

    assert orphans.delete_orphans() == 0
    assert orphans.delete_orphans(ahead) >= 2
    assert key not in storage.keys("videos")
    assert (key, parts_id) not in storage.begun_parts(ahead)
