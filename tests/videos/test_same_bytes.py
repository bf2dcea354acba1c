import hashlib

import pytest

from videos import cleaning
from videos.models import Job, Video
from videos.same_bytes import whole_etag

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_etag_of_parts_is_the_one_that_s3_makes():
    md5s = [hashlib.md5(part, usedforsecurity=False).hexdigest() for part in (b"x" * 5 * 1024**2, b"tail")]

    assert whole_etag(md5s) == "a45f1422f2dbe3d2890829dd76adba1b-2"
    assert whole_etag(["not hexadecimal"]) == ""
    assert whole_etag([]) == ""


@pytest.fixture
def twice(alice, clip, make_video):
    """The same file as two uploads, both looked into."""
    return make_video(alice, clip, run=True), make_video(alice, clip, "again.mp4", run=True)


def files(storage):
    return list((storage.root / "videos").iterdir())


def test_two_uploads_of_the_same_bytes_share_one_file(twice, clip):
    from sage.storage import storage

    first, again = twice

    assert first.sha256 == again.sha256 == hashlib.sha256(clip.read_bytes()).hexdigest()
    assert first.storage_key == again.storage_key
    assert len(files(storage)) == 1
    assert (first.status, again.status) == (Video.Status.READY, Video.Status.READY)


def test_a_shared_file_goes_with_the_last_video_that_uses_it(twice):
    from sage.storage import storage

    first, again = twice

    cleaning.purge(first)
    assert storage.stat(again.storage_key).size == again.size
    cleaning.purge(again)
    assert files(storage) == []


def test_bytes_of_somebody_else_are_not_shared(alice, bob, clip, make_video):
    hers, his = make_video(alice, clip, run=True), make_video(bob, clip, run=True)

    assert hers.storage_key != his.storage_key


def test_what_is_not_what_was_sent_fails_with_a_sentence(alice, clip, make_video):
    from videos import worker

    video = make_video(alice, clip)
    Video.objects.filter(pk=video.pk).update(sha256="0" * 64)

    worker.run(video.jobs.get(kind=Job.Kind.PROBE).pk)

    video.refresh_from_db()
    assert video.status == Video.Status.FAILED
    assert "Upload the file again" in video.error


def test_a_file_that_failed_stands_for_no_other(alice, clip, make_video):
    """What was announced of it was never true, so the right file must not go for it."""
    sha256 = hashlib.sha256(clip.read_bytes()).hexdigest()
    wrong = make_video(alice, clip, "wrong.mp4")
    Video.objects.filter(pk=wrong.pk).update(sha256=sha256, status=Video.Status.FAILED)

    right = make_video(alice, clip, run=True)

    wrong.refresh_from_db()
    assert (right.status, right.sha256) == (Video.Status.READY, sha256)
    assert right.storage_key != wrong.storage_key
