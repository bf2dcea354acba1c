import io
import os
import time
import uuid

import pytest

from accounts.viewer import Viewer
from sage.storage import storage
from videos import orphans, uploads
from videos.announced import Announced

pytestmark = pytest.mark.django_db


def left_behind(days):
    """A file and a folder of parts that no row names, this old."""
    key = f"videos/{uuid.uuid4()}_film.mp4"
    storage.put_stream(key, io.BytesIO(b"bytes"))
    parts_id = storage.begin_parts(key)
    for path in (storage.root / key, storage.root / "uploads" / parts_id):
        os.utime(path, (time.time() - days * 86400,) * 2)
    return key, parts_id


def test_what_a_killed_process_left_goes_after_a_few_days():
    old, new = left_behind(days=4), left_behind(days=1)

    assert orphans.sweep() == 2
    assert list(storage.keys("videos")) == [new[0]]
    assert [folder.name for folder in (storage.root / "uploads").iterdir()] == [new[1]]
    assert old[0] not in storage.keys("videos")


def test_what_a_row_names_stays_however_old(alice, alices_video):
    upload = uploads.begin(Viewer(alice), Announced("film.mp4", 10))
    for path in (storage.root / alices_video.storage_key, storage.root / "uploads" / upload.parts_id):
        os.utime(path, (0, 0))

    assert orphans.sweep() == 0
    assert storage.stat(alices_video.storage_key).size


def test_what_was_made_of_a_row_that_has_gone_goes_and_of_others_stays(alices_video):
    gone = [f"derived/{uuid.uuid4()}/poster.jpg", f"comparisons/{uuid.uuid4()}/00000-a.jpg"]
    for key in gone:
        storage.put_stream(key, io.BytesIO(b"bytes"))
    made = list(storage.keys("derived"))
    for key in [*gone, *made]:
        os.utime(storage.root / key, (0, 0))

    assert orphans.sweep() == 2
    assert [*storage.keys("derived"), *storage.keys("comparisons")] == [key for key in made if key not in gone]


def test_on_s3_they_go_as_well(db, on_s3):
    key = f"videos/{uuid.uuid4()}_film.mp4"
    storage.put_stream(key, io.BytesIO(b"bytes"))
    parts_id = storage.begin_parts(key)
    ahead = time.time() + 10 * 86400

    assert orphans.sweep() == 0
    assert orphans.sweep(ahead) >= 2
    assert key not in storage.keys("videos")
    assert (key, parts_id) not in storage.begun_parts(ahead)
