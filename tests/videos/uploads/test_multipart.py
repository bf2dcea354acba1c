import io
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.viewer import Viewer
from billing import ledger
from billing.models import Tier
from sage import errors
from sage.storage import StorageUnavailable, storage
from tests.videos.uploads.parts import put, put_all, start_upload
from videos.library import deletion, orphans, purge
from videos.models import Collection, Job, Upload, Video
from videos.uploads import multipart, transfer

pytestmark = pytest.mark.django_db


def test_completed_parts_become_a_video_with_ordered_jobs(upload_in_parts, alice):
    video, _ = multipart.complete_upload(upload_in_parts, put_all(upload_in_parts))

    assert storage.read(video.storage_key) == b"abcdefghij"
    assert (video.owner, video.title, video.size, video.status) == (alice, "clip", 10, Video.Status.PROCESSING)
    probe, ingest = video.jobs.all()
    assert (probe.kind, ingest.kind, ingest.after) == (Job.Kind.PROBE, Job.Kind.INGEST, probe)


def test_completing_again_returns_the_same_video(upload_in_parts):
    parts = put_all(upload_in_parts)

    assert multipart.complete_upload(upload_in_parts, parts) == multipart.complete_upload(upload_in_parts, parts)
    assert Video.objects.count() == 1


def test_a_missing_part_is_named(upload_in_parts):
    put(upload_in_parts, 1, b"abcd")

    with pytest.raises(errors.Conflict, match="Part 2 of 3"):
        multipart.complete_upload(upload_in_parts, [])
    assert not Video.objects.exists()


def test_a_wrong_etag_creates_no_video(upload_in_parts):
    parts = put_all(upload_in_parts)
    parts[0]["etag"] = "0" * 32

    with pytest.raises(errors.Conflict, match="do not match the uploaded parts"):
        multipart.complete_upload(upload_in_parts, parts)


def test_quoted_etags_are_accepted(upload_in_parts):
    parts = [{**part, "etag": f'"{part["etag"]}"'} for part in put_all(upload_in_parts)]

    assert multipart.complete_upload(upload_in_parts, parts)[0].size == 10


def test_a_cancelled_upload_can_be_neither_completed_nor_cancelled(upload_in_parts):
    parts = put_all(upload_in_parts)
    multipart.abort_upload(Upload.objects.get(pk=upload_in_parts.pk))

    with pytest.raises(errors.Gone, match="cancelled"):
        multipart.complete_upload(upload_in_parts, parts)
    with pytest.raises(errors.NotFound, match="already cancelled"):
        multipart.abort_upload(upload_in_parts)


def test_parts_deleted_during_completion_are_410(upload_in_parts, monkeypatch):
    parts, join = put_all(upload_in_parts), storage.complete_parts

    def freed(key, parts_id, etags):
        storage.abort_parts(key, parts_id)
        join(key, parts_id, etags)

    monkeypatch.setattr(storage, "complete_parts", freed)
    with pytest.raises(errors.Gone, match="Start a new one"):
        multipart.complete_upload(upload_in_parts, parts)


def test_parts_that_cannot_be_deleted_become_orphans(upload_in_parts, monkeypatch):
    put(upload_in_parts, 1, b"abcd")

    def away(*_):
        raise StorageUnavailable("The file storage of this site does not answer.")

    with monkeypatch.context() as gone:
        gone.setattr(storage, "abort_parts", away)
        multipart.abort_upload(upload_in_parts)

    assert not Upload.objects.exists()
    assert [folder.name for folder in (storage.root / "uploads").iterdir()] == [upload_in_parts.parts_id]
    assert orphans.delete_orphans(time.time() + 10 * 86400) == 1
    assert list((storage.root / "uploads").iterdir()) == []


def test_aborting_deletes_the_parts_and_refuses_later_ones(upload_in_parts):
    signature = transfer.sign_part_url(upload_in_parts, 2)["url"].partition("signature=")[2]
    put(upload_in_parts, 1, b"abcd")

    multipart.abort_upload(upload_in_parts)

    assert not Upload.objects.exists()
    assert not (storage.root / "uploads" / upload_in_parts.parts_id).exists()
    with pytest.raises(errors.Gone, match="cancelled"):
        transfer.write_part(upload_in_parts.pk, 2, signature, io.BytesIO(b"efgh"))


def test_a_completed_upload_cannot_be_aborted(upload_in_parts):
    video, _ = multipart.complete_upload(upload_in_parts, put_all(upload_in_parts))

    with pytest.raises(errors.Conflict, match="Delete the video"):
        multipart.abort_upload(upload_in_parts)
    assert storage.stat(video.storage_key).size == 10


@pytest.mark.parametrize(
    ("name", "size", "kind", "error", "message"),
    [
        ("a.mp4", 0, "video/mp4", errors.InvalidInput, "is empty"),
        ("a.mp4", 10**15, "video/mp4", errors.PayloadTooLarge, "larger than the 50 GB"),
        ("notes.txt", 10, "text/plain", errors.UnsupportedMediaType, "can.t read this type of file"),
        ("a.exe", 10, "", errors.UnsupportedMediaType, "can.t read this type of file"),
    ],
)
def test_an_invalid_file_is_refused_at_its_announcement(alice, name, size, kind, error, message):
    with pytest.raises(error, match=message):
        start_upload(Viewer(alice), name, size, kind)
    assert not Upload.objects.exists()


def test_an_anonymous_visitor_cannot_upload():
    with pytest.raises(errors.Forbidden, match="Sign in"):
        start_upload(Viewer(), "a.mp4", 10)


def test_the_part_sizes_add_up_to_the_file_size(alice, monkeypatch):
    ledger.open_account(alice.pk, Tier.STUDIO)
    monkeypatch.setattr(storage, "free_bytes", lambda: 10**15)

    upload = start_upload(Viewer(alice), "master.mov", 49 * 1024**3 + 1, "video/quicktime")

    assert upload.part_count == 5018
    assert sum(upload.get_part_size(number) for number in range(1, upload.part_count + 1)) == upload.size


def test_a_file_larger_than_the_free_space_is_refused_at_its_announcement(alice, monkeypatch):
    monkeypatch.setattr(storage, "free_bytes", lambda: 9)

    with pytest.raises(errors.ServiceUnavailable, match="no disk space"):
        start_upload(Viewer(alice), "a.mp4", 10)


def test_concurrent_completions_create_one_video(transactional_db, alice, monkeypatch):
    monkeypatch.setattr(transfer, "PART_SIZE", 4)
    upload = start_upload(Viewer(alice), "clip.mp4", 10, "video/mp4")
    parts = put_all(upload)

    def attempt(_):
        try:
            return multipart.complete_upload(Upload.objects.get(pk=upload.pk), parts)[0].pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        created = set(pool.map(attempt, range(6)))

    assert created == set(Video.objects.values_list("pk", flat=True))
    assert len(created) == 1


def test_a_very_large_file_has_larger_parts(alice, monkeypatch, settings):
    settings.UPLOAD_LIMIT_BYTES = 900 * 1024**3
    ledger.open_account(alice.pk, Tier.STUDIO)
    monkeypatch.setattr(storage, "free_bytes", lambda: 10**15)

    upload = start_upload(Viewer(alice), "master.mov", 300 * 1024**3 + 7)

    assert upload.part_size == 31 * 1024**2
    assert upload.part_count == 9910


def test_an_existing_file_is_not_uploaded_again(upload_in_parts, alice, bob):
    video, _ = multipart.complete_upload(upload_in_parts, put_all(upload_in_parts))
    Video.objects.update(sha256="a" * 64)

    assert start_upload(Viewer(alice), "other.mp4", 10, sha256="A" * 64) == video
    assert isinstance(start_upload(Viewer(bob), "other.mp4", 10, sha256="a" * 64), Upload)


@pytest.mark.parametrize("unusable", [{"status": Video.Status.FAILED}, {"deleted_at": timezone.now()}])
def test_a_failed_or_deleted_video_is_no_duplicate(upload_in_parts, alice, unusable):
    multipart.complete_upload(upload_in_parts, put_all(upload_in_parts))
    Video.objects.update(sha256="a" * 64, **unusable)

    assert isinstance(start_upload(Viewer(alice), "other.mp4", 10, sha256="a" * 64), Upload)


def test_a_duplicate_is_found_at_completion(upload_in_parts, alice):
    video, is_new = multipart.complete_upload(upload_in_parts, put_all(upload_in_parts))
    again = start_upload(Viewer(alice), "again.mp4", 10)

    same, is_new_again = multipart.complete_upload(again, put_all(again))

    assert (is_new, is_new_again, same) == (True, False, video)
    assert [path.name for path in (storage.root / "videos").iterdir()] == [video.storage_key.removeprefix("videos/")]


def test_completing_again_reports_again_whether_the_video_is_new(upload_in_parts, alice):
    parts = put_all(upload_in_parts)
    multipart.complete_upload(upload_in_parts, parts)
    again = start_upload(Viewer(alice), "again.mp4", 10)
    arrived = put_all(again)

    assert [multipart.complete_upload(again, arrived)[1] for _ in range(2)] == [False, False]
    assert multipart.complete_upload(upload_in_parts, parts)[1] is True


def test_completing_again_after_a_deletion_is_404(upload_in_parts):
    parts = put_all(upload_in_parts)
    video, _ = multipart.complete_upload(upload_in_parts, parts)
    deletion.delete_video(video)

    with pytest.raises(errors.NotFound, match="deleted"):
        multipart.complete_upload(upload_in_parts, parts)


# --- Uploads of existing files, with a version or collection ---


@pytest.fixture
def create_film(alice):
    """Return a function that creates a ready video of Alice without files."""

    def make(title, **facts):
        key = f"videos/{title}"
        return Video.objects.create(
            owner=alice, title=title, filename="a.mp4", size=10, storage_key=key, status="ready", **facts
        )

    return make


def announce_existing(alice, version_of=None, collection=None):
    """Announce a file that already exists and return its video."""
    held = start_upload(Viewer(alice), "a.mp4", 10, sha256="a" * 64, version_of=version_of, collection=collection)
    assert held == Video.objects.get(sha256="a" * 64)
    return held


def test_an_existing_file_becomes_the_version_in_the_requested_collection(alice, create_film):
    autumn, spring = (Collection.objects.create(owner=alice, name=name) for name in ("Autumn", "Spring"))
    first, second = create_film("first", collection=spring), create_film("second", sha256="a" * 64)

    held = announce_existing(alice, first)
    first.refresh_from_db()
    assert (held.version, held.stack, held.collection) == (2, first.stack, spring)
    assert announce_existing(alice, first).version == 2

    Video.objects.update(collection=None)
    assert announce_existing(alice, collection=autumn).collection == autumn
    second.refresh_from_db()
    assert (second.version, second.collection) == (2, autumn)


def test_an_existing_version_keeps_its_stack_and_collection(alice, create_film):
    autumn, spring = (Collection.objects.create(owner=alice, name=name) for name in ("Autumn", "Spring"))
    first, other = create_film("first"), create_film("other")
    create_film("second", sha256="a" * 64, collection=spring)
    stack = announce_existing(alice, first).stack

    held = announce_existing(alice, other, autumn)

    assert (held.stack, held.version, held.collection) == (stack, 2, spring)
    assert announce_existing(alice, held).version == 2
    other.refresh_from_db()
    assert other.stack is None


def test_a_duplicate_found_at_completion_becomes_the_version(alice, upload_in_parts, create_film):
    first = create_film("first")
    video, _ = multipart.complete_upload(upload_in_parts, put_all(upload_in_parts))
    again = start_upload(Viewer(alice), "again.mp4", 10, version_of=first)

    same, is_new = multipart.complete_upload(again, put_all(again))

    video.refresh_from_db()
    assert (same, is_new, video.version) == (video, False, 2)


def test_completing_continues_after_an_interrupted_request(upload_in_parts, monkeypatch):
    parts = put_all(upload_in_parts)

    def die(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(multipart, "create_video", die)
        with pytest.raises(KeyboardInterrupt):
            multipart.complete_upload(upload_in_parts, parts)
    assert not Video.objects.exists()

    video, _ = multipart.complete_upload(upload_in_parts, parts)

    assert storage.read(video.storage_key) == b"abcdefghij"


def test_an_upload_can_be_a_new_version_in_a_collection(alice, upload_in_parts):
    first, _ = multipart.complete_upload(upload_in_parts, put_all(upload_in_parts))
    mine = Collection.objects.create(owner=alice, name="Autumn")
    second = start_upload(Viewer(alice), "v2.mp4", 10, version_of=first, collection=mine)
    put(second, 1, b"ABCD"), put(second, 2, b"EFGH"), put(second, 3, b"IJ")
    arrived = [{"part_number": part.part_number, "etag": part.etag} for part in transfer.list_parts(second)]

    video, _ = multipart.complete_upload(second, arrived)

    first.refresh_from_db()
    assert (first.version, video.version, video.stack, video.collection) == (1, 2, first.stack, mine)


def test_on_s3_parts_are_sent_directly_and_become_the_video(on_s3, alice):
    upload = start_upload(Viewer(alice), "Füm.mp4", 10, "video/mp4")
    address = transfer.sign_part_url(upload, 1)["url"]
    assert address.startswith(on_s3.endpoint)
    request = urllib.request.Request(address, data=b"abcdefghij", method="PUT")
    with urllib.request.urlopen(request, timeout=60) as answer:
        etag = answer.headers["ETag"]
    assert [part.size for part in transfer.list_parts(upload)] == [10]

    video, _ = multipart.complete_upload(upload, [{"part_number": 1, "etag": etag}])

    assert storage.read(video.storage_key) == b"abcdefghij"
    stored = storage.client.head_object(Bucket=storage.bucket, Key=video.storage_key)
    assert stored["Metadata"]["original_filename"] == "F%C3%BCm.mp4"
    assert video.etag == stored["ETag"].strip('"')


def test_on_s3_an_expired_upload_leaves_no_parts(on_s3, alice):
    upload = start_upload(Viewer(alice), "a.mp4", 10)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    purge.purge_expired()

    assert not Upload.objects.exists()
    known = storage.client.list_multipart_uploads(Bucket=storage.bucket).get("Uploads", [])
    assert upload.parts_id not in [one["UploadId"] for one in known]
