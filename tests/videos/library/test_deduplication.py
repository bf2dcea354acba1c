import hashlib

import pytest

from videos.library import purge
from videos.library.deduplication import compute_multipart_etag
from videos.models import Job, Video

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_multipart_etag_equals_that_of_s3():
    md5s = [hashlib.md5(part, usedforsecurity=False).hexdigest() for part in (b"x" * 5 * 1024**2, b"tail")]

    assert compute_multipart_etag(md5s) == "a45f1422f2dbe3d2890829dd76adba1b-2"
    assert compute_multipart_etag(["not hexadecimal"]) == ""
    assert compute_multipart_etag([]) == ""


@pytest.fixture
def duplicates(alice, clip, make_video):
    """Create two processed videos from the same file."""
    return make_video(alice, clip, run=True), make_video(alice, clip, "again.mp4", run=True)


def list_files(storage):
    return list((storage.root / "videos").iterdir())


def test_two_uploads_of_the_same_bytes_share_one_file(duplicates, clip):
    from sage.storage import storage

    first, again = duplicates

    assert first.sha256 == again.sha256 == hashlib.sha256(clip.read_bytes()).hexdigest()
    assert first.storage_key == again.storage_key
    assert len(list_files(storage)) == 1
    assert (first.status, again.status) == (Video.Status.READY, Video.Status.READY)


def test_a_shared_file_is_deleted_with_the_last_video_that_uses_it(duplicates):
    from sage.storage import storage

    first, again = duplicates

    purge.purge_video(first)
    assert storage.stat(again.storage_key).size == again.size
    purge.purge_video(again)
    assert list_files(storage) == []


def test_files_of_different_users_are_not_shared(alice, bob, clip, make_video):
    hers, his = make_video(alice, clip, run=True), make_video(bob, clip, run=True)

    assert hers.storage_key != his.storage_key


def test_a_wrong_digest_fails_the_video_with_a_message(alice, clip, make_video):
    from sage.jobs import worker

    video = make_video(alice, clip)
    Video.objects.filter(pk=video.pk).update(sha256="0" * 64)

    worker.run(Job, video.jobs.get(kind=Job.Kind.PROBE).pk)

    video.refresh_from_db()
    assert video.status == Video.Status.FAILED
    assert "Upload the file again" in video.error


def test_a_failed_video_is_not_a_duplicate(alice, clip, make_video):
    """Check that a file is not replaced by a failed video that was announced with the same digest."""
    sha256 = hashlib.sha256(clip.read_bytes()).hexdigest()
    wrong = make_video(alice, clip, "wrong.mp4")
    Video.objects.filter(pk=wrong.pk).update(sha256=sha256, status=Video.Status.FAILED)

    right = make_video(alice, clip, run=True)

    wrong.refresh_from_db()
    assert (right.status, right.sha256) == (Video.Status.READY, sha256)
    assert right.storage_key != wrong.storage_key
