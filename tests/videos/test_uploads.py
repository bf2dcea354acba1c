import errno
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.viewer import Viewer
from sage import errors
from sage.storage import storage
from videos import uploads
from videos.models import Job, Upload, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun(alice, monkeypatch):
    """An upload of ten bytes in parts of four."""
    monkeypatch.setattr(uploads, "PART_SIZE", 4)
    return uploads.begin(Viewer(alice), "clip.mp4", 10, "video/mp4")


def put(upload, number, data):
    url = uploads.part_url(upload, number)["url"]
    return uploads.put_part(upload.pk, number, url.partition("signature=")[2], io.BytesIO(data))


def put_all(upload):
    return [
        {"part_number": part.part_number, "etag": part.etag}
        for part in (put(upload, 3, b"ij"), put(upload, 1, b"abcd"), put(upload, 2, b"efgh"))
    ]


def test_parts_become_a_video_whose_jobs_wait_in_order(begun, alice):
    video = uploads.complete(begun, put_all(begun))

    assert storage.read(video.storage_key) == b"abcdefghij"
    assert (video.owner, video.title, video.size, video.status) == (alice, "clip", 10, Video.Status.PROCESSING)
    probe, ingest = video.jobs.all()
    assert (probe.kind, ingest.kind, ingest.after) == (Job.Kind.PROBE, Job.Kind.INGEST, probe)


def test_completing_again_answers_with_the_same_video(begun):
    parts = put_all(begun)

    assert uploads.complete(begun, parts) == uploads.complete(begun, parts)
    assert Video.objects.count() == 1


def test_a_missing_part_is_named(begun):
    put(begun, 1, b"abcd")

    with pytest.raises(errors.Conflict, match="Part 2 of 3"):
        uploads.complete(begun, [])
    assert not Video.objects.exists()


def test_a_wrong_etag_makes_no_video(begun):
    parts = put_all(begun)
    parts[0]["etag"] = "0" * 32

    with pytest.raises(errors.Conflict, match="not those that arrived"):
        uploads.complete(begun, parts)


def test_quoted_etags_are_taken_as_s3_clients_send_them(begun):
    parts = [{**part, "etag": f'"{part["etag"]}"'} for part in put_all(begun)]

    assert uploads.complete(begun, parts).size == 10


def test_a_part_of_the_wrong_size_is_refused(begun):
    with pytest.raises(errors.Problem, match="has 2 bytes where 4"):
        put(begun, 1, b"ab")


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_part_outside_the_file_has_no_address(begun, number):
    with pytest.raises(errors.Invalid, match="parts 1 to 3"):
        uploads.part_url(begun, number)


def test_an_address_is_good_for_its_own_part_only(begun):
    signature = uploads.part_url(begun, 1)["url"].partition("signature=")[2]

    with pytest.raises(errors.Forbidden, match="another part"):
        uploads.put_part(begun.pk, 2, signature, io.BytesIO(b"efgh"))
    with pytest.raises(errors.Forbidden, match="not signed"):
        uploads.put_part(begun.pk, 1, signature[:-1] + "_", io.BytesIO(b"abcd"))


def test_an_address_expires(begun, monkeypatch):
    signature = uploads.part_url(begun, 1)["url"].partition("signature=")[2]
    monkeypatch.setattr(uploads, "URL_LIVES", timedelta(seconds=-1))

    with pytest.raises(errors.Forbidden, match="expired"):
        uploads.put_part(begun.pk, 1, signature, io.BytesIO(b"abcd"))


def test_an_expired_upload_is_gone(begun):
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    begun.refresh_from_db()

    with pytest.raises(errors.Gone, match="Begin a new one"):
        uploads.part_url(begun, 1)


def test_aborting_frees_the_parts_and_later_parts_are_told(begun):
    signature = uploads.part_url(begun, 2)["url"].partition("signature=")[2]
    put(begun, 1, b"abcd")
    identity = begun.pk

    uploads.abort(begun)

    assert not Upload.objects.exists()
    assert not (storage.root / "uploads" / str(identity)).exists()
    with pytest.raises(errors.Gone, match="cancelled"):
        uploads.put_part(identity, 2, signature, io.BytesIO(b"efgh"))


def test_what_is_complete_cannot_be_aborted(begun):
    video = uploads.complete(begun, put_all(begun))

    with pytest.raises(errors.Conflict, match="Delete the video"):
        uploads.abort(begun)
    assert storage.size(video.storage_key) == 10


@pytest.mark.parametrize(
    ("name", "size", "kind", "error", "says"),
    [
        ("a.mp4", 0, "video/mp4", errors.Invalid, "is empty"),
        ("a.mp4", 10**15, "video/mp4", errors.TooLarge, "larger than the 50 GB"),
        ("notes.txt", 10, "text/plain", errors.UnsupportedMedia, "no kind of video"),
        ("a.exe", 10, "", errors.UnsupportedMedia, "no kind of video"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_a_byte_is_sent(alice, name, size, kind, error, says):
    with pytest.raises(error, match=says):
        uploads.begin(Viewer(alice), name, size, kind)
    assert not Upload.objects.exists()


def test_nobody_uploads_without_signing_in():
    with pytest.raises(errors.Forbidden, match="Sign in"):
        uploads.begin(Viewer(), "a.mp4", 10)


def test_the_parts_add_up_to_the_file(alice, monkeypatch):
    monkeypatch.setattr(storage, "free_bytes", lambda: 10**15)

    upload = uploads.begin(Viewer(alice), "master.mov", 49 * 1024**3 + 1, "video/quicktime")

    assert upload.part_count == 5018
    assert sum(upload.size_of_part(number) for number in range(1, upload.part_count + 1)) == upload.size


def test_a_file_that_has_no_room_is_refused_before_a_byte_is_sent(alice, monkeypatch):
    monkeypatch.setattr(storage, "free_bytes", lambda: 9)

    with pytest.raises(errors.Unavailable, match="no room"):
        uploads.begin(Viewer(alice), "a.mp4", 10)


def test_a_disk_that_fills_up_is_told(begun, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "write_part", full)

    with pytest.raises(errors.Unavailable, match="What arrived is kept"):
        put(begun, 1, b"abcd")


def test_completing_many_times_at_once_makes_one_video(transactional_db, alice, monkeypatch):
    monkeypatch.setattr(uploads, "PART_SIZE", 4)
    upload = uploads.begin(Viewer(alice), "clip.mp4", 10, "video/mp4")
    parts = put_all(upload)

    def attempt(_):
        try:
            return uploads.complete(Upload.objects.get(pk=upload.pk), parts).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(attempt, range(6)))

    assert made == set(Video.objects.values_list("pk", flat=True))
    assert len(made) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.mp4", "passwd.mp4"),
        ("C:\\films\\cut.mov", "cut.mov"),
        ("日本語 🎬.mp4", "日本語 🎬.mp4"),
        ("a" * 300 + ".mp4", "a" * 196 + ".mp4"),
        ("bad\x00\u202ename.mp4", "badname.mp4"),
        (".mp4", "video.mp4"),
        ("   ", "video"),
        ("x" * 400, "x" * 200),
    ],
)
def test_names_are_kept_as_far_as_they_are_harmless(given, kept):
    assert uploads.clean_name(given) == kept


@pytest.mark.parametrize("name", ["../../x.mp4", "🎬.mp4", "a b&c<d>.mov", "a" * 300 + ".mp4", "..."])
def test_storage_keys_hold_only_plain_letters(name):
    key = uploads._storage_key(uploads.clean_name(name))

    assert key.startswith("videos/")
    assert key.count("/") == 1
    assert len(key) < 140
    assert key.isascii()
    assert not set(key) & set(" &<>\\")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("video/mp4", "video/mp4"),
        ("Video/MP4; codecs=avc1", "video/mp4"),
        ("video/mp4\r\nX-Evil: 1", ""),
        ("text", ""),
        ("video/" + "x" * 200, ""),
    ],
)
def test_a_media_type_is_kept_plain(given, kept):
    assert uploads.clean_type(given) == kept
