import io
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import signing
from django.db import connection
from django.utils import timezone

from accounts.viewer import Viewer
from billing import ledger
from billing.models import Tier
from sage import errors
from sage.storage import StorageAway, storage
from videos import cleaning, orphans, uploads
from videos.announced import Announced
from videos.models import Collection, Job, Upload, Video

pytestmark = pytest.mark.django_db


def begin(viewer, *announced, **more):
    return uploads.begin(viewer, Announced(*announced, **more))


@pytest.fixture
def begun(alice, monkeypatch):
    """An upload of ten bytes in parts of four."""
    monkeypatch.setattr(uploads, "PART_SIZE", 4)
    return begin(Viewer(alice), "clip.mp4", 10, "video/mp4")


def put(upload, number, data):
    url = uploads.part_url(upload, number)["url"]
    return uploads.put_part(upload.pk, number, url.partition("signature=")[2], io.BytesIO(data))


def put_all(upload):
    return [
        {"part_number": part.part_number, "etag": part.etag}
        for part in (put(upload, 3, b"ij"), put(upload, 1, b"abcd"), put(upload, 2, b"efgh"))
    ]


def test_parts_become_a_video_whose_jobs_wait_in_order(begun, alice):
    video, _ = uploads.complete(begun, put_all(begun))

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

    assert uploads.complete(begun, parts)[0].size == 10


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
    monkeypatch.setattr(uploads, "ADDRESS_LIVES", timedelta(seconds=-1))

    with pytest.raises(errors.Forbidden, match="expired"):
        uploads.put_part(begun.pk, 1, signature, io.BytesIO(b"abcd"))


def test_an_expired_upload_is_gone(begun):
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    begun.refresh_from_db()

    with pytest.raises(errors.Gone, match="Begin a new one"):
        uploads.part_url(begun, 1)


def test_an_upload_lives_on_while_its_parts_are_asked_for(begun):
    Upload.objects.update(expires_at=timezone.now() + timedelta(hours=3))
    begun.refresh_from_db()

    uploads.list_parts(begun)
    begun.refresh_from_db()
    assert begun.expires_at < timezone.now() + timedelta(hours=4)
    uploads.part_url(begun, 1)
    begun.refresh_from_db()
    assert begun.expires_at > timezone.now() + timedelta(hours=47)

    prolonged = begun.expires_at
    uploads.part_url(begun, 2)
    begun.refresh_from_db()
    assert begun.expires_at == prolonged


def test_no_upload_lives_on_for_ever(begun):
    soon = timezone.now() + timedelta(minutes=5)
    Upload.objects.update(created_at=soon - uploads.LONGEST, expires_at=soon)
    begun.refresh_from_db()

    uploads.part_url(begun, 1)

    begun.refresh_from_db()
    assert begun.expires_at == soon


def test_an_upload_that_was_cancelled_meanwhile_is_told_to_whoever_waited(begun):
    parts = put_all(begun)
    uploads.abort(Upload.objects.get(pk=begun.pk))

    with pytest.raises(errors.Gone, match="cancelled"):
        uploads.complete(begun, parts)
    with pytest.raises(errors.NotFound, match="cancelled already"):
        uploads.abort(begun)


def test_parts_that_are_freed_while_they_are_joined_are_gone(begun, monkeypatch):
    parts, join = put_all(begun), storage.complete_parts

    def freed(key, parts_id, etags):
        storage.abort_parts(key, parts_id)
        join(key, parts_id, etags)

    monkeypatch.setattr(storage, "complete_parts", freed)
    with pytest.raises(errors.Gone, match="Begin a new one"):
        uploads.complete(begun, parts)


def test_what_storage_cannot_let_go_now_is_swept_up_later(begun, monkeypatch):
    put(begun, 1, b"abcd")

    def away(*_):
        raise StorageAway("The file storage of this site does not answer.")

    with monkeypatch.context() as gone:
        gone.setattr(storage, "abort_parts", away)
        uploads.abort(begun)

    assert not Upload.objects.exists()
    assert [folder.name for folder in (storage.root / "uploads").iterdir()] == [begun.parts_id]
    assert orphans.sweep(time.time() + 10 * 86400) == 1
    assert list((storage.root / "uploads").iterdir()) == []


def test_aborting_frees_the_parts_and_later_parts_are_told(begun):
    signature = uploads.part_url(begun, 2)["url"].partition("signature=")[2]
    put(begun, 1, b"abcd")

    uploads.abort(begun)

    assert not Upload.objects.exists()
    assert not (storage.root / "uploads" / begun.parts_id).exists()
    with pytest.raises(errors.Gone, match="cancelled"):
        uploads.put_part(begun.pk, 2, signature, io.BytesIO(b"efgh"))


def test_what_is_complete_cannot_be_aborted(begun):
    video, _ = uploads.complete(begun, put_all(begun))

    with pytest.raises(errors.Conflict, match="Delete the video"):
        uploads.abort(begun)
    assert storage.stat(video.storage_key).size == 10


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
        begin(Viewer(alice), name, size, kind)
    assert not Upload.objects.exists()


def test_nobody_uploads_without_signing_in():
    with pytest.raises(errors.Forbidden, match="Sign in"):
        begin(Viewer(), "a.mp4", 10)


def test_the_parts_add_up_to_the_file(alice, monkeypatch):
    ledger.open_account(alice.pk, Tier.STUDIO)
    monkeypatch.setattr(storage, "free_bytes", lambda: 10**15)

    upload = begin(Viewer(alice), "master.mov", 49 * 1024**3 + 1, "video/quicktime")

    assert upload.part_count == 5018
    assert sum(upload.size_of_part(number) for number in range(1, upload.part_count + 1)) == upload.size


def test_a_file_that_has_no_room_is_refused_before_a_byte_is_sent(alice, monkeypatch):
    monkeypatch.setattr(storage, "free_bytes", lambda: 9)

    with pytest.raises(errors.Unavailable, match="no room"):
        begin(Viewer(alice), "a.mp4", 10)


def test_completing_many_times_at_once_makes_one_video(transactional_db, alice, monkeypatch):
    monkeypatch.setattr(uploads, "PART_SIZE", 4)
    upload = begin(Viewer(alice), "clip.mp4", 10, "video/mp4")
    parts = put_all(upload)

    def attempt(_):
        try:
            return uploads.complete(Upload.objects.get(pk=upload.pk), parts)[0].pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(attempt, range(6)))

    assert made == set(Video.objects.values_list("pk", flat=True))
    assert len(made) == 1


def test_a_file_of_more_than_ten_thousand_parts_has_larger_ones(alice, monkeypatch, settings):
    settings.UPLOAD_LIMIT_BYTES = 900 * 1024**3
    ledger.open_account(alice.pk, Tier.STUDIO)
    monkeypatch.setattr(storage, "free_bytes", lambda: 10**15)

    upload = begin(Viewer(alice), "master.mov", 300 * 1024**3 + 7)

    assert upload.part_size == 31 * 1024**2
    assert upload.part_count == 9910


def test_bytes_that_are_held_already_are_not_sent_again(begun, alice, bob):
    video, _ = uploads.complete(begun, put_all(begun))
    Video.objects.update(sha256="a" * 64)

    assert begin(Viewer(alice), "other.mp4", 10, sha256="A" * 64) == video
    assert isinstance(begin(Viewer(bob), "other.mp4", 10, sha256="a" * 64), Upload)


@pytest.mark.parametrize("unusable", [{"status": Video.Status.FAILED}, {"deleted_at": timezone.now()}])
def test_a_video_that_failed_or_is_deleted_holds_nothing(begun, alice, unusable):
    uploads.complete(begun, put_all(begun))
    Video.objects.update(sha256="a" * 64, **unusable)

    assert isinstance(begin(Viewer(alice), "other.mp4", 10, sha256="a" * 64), Upload)


def test_the_same_parts_again_are_found_when_they_complete(begun, alice):
    video, is_new = uploads.complete(begun, put_all(begun))
    again = begin(Viewer(alice), "again.mp4", 10)

    same, is_new_again = uploads.complete(again, put_all(again))

    assert (is_new, is_new_again, same) == (True, False, video)
    assert [path.name for path in (storage.root / "videos").iterdir()] == [video.storage_key.removeprefix("videos/")]


def test_asked_again_it_is_as_new_as_it_was(begun, alice):
    parts = put_all(begun)
    uploads.complete(begun, parts)
    again = begin(Viewer(alice), "again.mp4", 10)
    arrived = put_all(again)

    assert [uploads.complete(again, arrived)[1] for _ in range(2)] == [False, False]
    assert uploads.complete(begun, parts)[1] is True


def test_a_video_that_was_deleted_since_is_not_shown_again(begun):
    parts = put_all(begun)
    video, _ = uploads.complete(begun, parts)
    cleaning.delete(video)

    with pytest.raises(errors.NotFound, match="deleted"):
        uploads.complete(begun, parts)


# --- What was wished for bytes that are here already ---


@pytest.fixture
def film(alice):
    """Make a ready video of Alice's that holds nothing but facts."""

    def make(title, **facts):
        key = f"videos/{title}"
        return Video.objects.create(
            owner=alice, title=title, filename="a.mp4", size=10, storage_key=key, status="ready", **facts
        )

    return make


def hold(alice, version_of=None, collection=None):
    """Announce bytes that are held already."""
    held = begin(Viewer(alice), "a.mp4", 10, sha256="a" * 64, version_of=version_of, collection=collection)
    assert held == Video.objects.get(sha256="a" * 64)
    return held


def test_held_bytes_become_the_version_and_go_where_they_were_wished(alice, film):
    autumn, spring = (Collection.objects.create(owner=alice, name=name) for name in ("Autumn", "Spring"))
    first, second = film("first", collection=spring), film("second", sha256="a" * 64)

    held = hold(alice, first)
    first.refresh_from_db()
    assert (held.version, held.stack, held.collection) == (2, first.stack, spring)
    assert hold(alice, first).version == 2

    Video.objects.update(collection=None)
    assert hold(alice, collection=autumn).collection == autumn
    second.refresh_from_db()
    assert (second.version, second.collection) == (2, autumn)


def test_held_bytes_leave_no_other_film_and_no_other_collection(alice, film):
    autumn, spring = (Collection.objects.create(owner=alice, name=name) for name in ("Autumn", "Spring"))
    first, other = film("first"), film("other")
    film("second", sha256="a" * 64, collection=spring)
    stack = hold(alice, first).stack

    held = hold(alice, other, autumn)

    assert (held.stack, held.version, held.collection) == (stack, 2, spring)
    assert hold(alice, held).version == 2
    other.refresh_from_db()
    assert other.stack is None


def test_held_bytes_become_the_version_too_when_only_their_parts_tell(alice, begun, film):
    first = film("first")
    video, _ = uploads.complete(begun, put_all(begun))
    again = begin(Viewer(alice), "again.mp4", 10, version_of=first)

    same, is_new = uploads.complete(again, put_all(again))

    video.refresh_from_db()
    assert (same, is_new, video.version) == (video, False, 2)


def test_completing_goes_on_where_a_dying_request_left_it(begun, monkeypatch):
    parts = put_all(begun)

    def die(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(uploads, "accept", die)
        with pytest.raises(KeyboardInterrupt):
            uploads.complete(begun, parts)
    assert not Video.objects.exists()

    video, _ = uploads.complete(begun, parts)

    assert storage.read(video.storage_key) == b"abcdefghij"


def test_an_upload_can_be_a_new_version_in_a_collection(alice, begun):
    first, _ = uploads.complete(begun, put_all(begun))
    mine = Collection.objects.create(owner=alice, name="Autumn")
    second = begin(Viewer(alice), "v2.mp4", 10, version_of=first, collection=mine)
    put(second, 1, b"ABCD"), put(second, 2, b"EFGH"), put(second, 3, b"IJ")
    arrived = [{"part_number": part.part_number, "etag": part.etag} for part in uploads.list_parts(second)]

    video, _ = uploads.complete(second, arrived)

    first.refresh_from_db()
    assert (first.version, video.version, video.stack, video.collection) == (1, 2, first.stack, mine)


def test_on_s3_parts_go_past_sage_and_become_the_video(on_s3, alice):
    upload = begin(Viewer(alice), "Füm.mp4", 10, "video/mp4")
    address = uploads.part_url(upload, 1)["url"]
    assert address.startswith(on_s3.endpoint)
    request = urllib.request.Request(address, data=b"abcdefghij", method="PUT")
    with urllib.request.urlopen(request, timeout=10) as answer:
        etag = answer.headers["ETag"]
    assert [part.size for part in uploads.list_parts(upload)] == [10]

    video, _ = uploads.complete(upload, [{"part_number": 1, "etag": etag}])

    assert storage.read(video.storage_key) == b"abcdefghij"
    told = storage.client.head_object(Bucket=storage.bucket, Key=video.storage_key)
    assert told["Metadata"]["original_filename"] == "F%C3%BCm.mp4"
    assert video.etag == told["ETag"].strip('"')


def test_on_s3_sage_takes_no_part_itself(on_s3, alice):
    upload = begin(Viewer(alice), "a.mp4", 10)
    signature = signing.dumps([str(upload.pk), 1], salt="upload-part")

    with pytest.raises(errors.Conflict, match="takes no parts itself"):
        uploads.put_part(upload.pk, 1, signature, io.BytesIO(b"abcdefghij"))


def test_on_s3_an_abandoned_upload_leaves_no_part(on_s3, alice):
    upload = begin(Viewer(alice), "a.mp4", 10)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    cleaning.clean()

    assert not Upload.objects.exists()
    known = storage.client.list_multipart_uploads(Bucket=storage.bucket).get("Uploads", [])
    assert upload.parts_id not in [one["UploadId"] for one in known]
