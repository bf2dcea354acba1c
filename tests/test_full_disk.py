"""While a disk is full, writes are answered with 503 in the one error shape, and reading works."""

import errno
import json
import os

import pytest
from django.contrib.auth.models import update_last_login
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.db import OperationalError
from redis.exceptions import ResponseError

from accounts.credentials import tokens
from accounts.models import User
from sage.errors import ServiceUnavailable
from sage.jobs import worker
from sage.outages import find_outage, tolerate_full_disk
from sage.storage import storage
from videos.models import Video

JSON = "application/json"


class FullDiskHandler(FileUploadHandler):
    """Fail as the file of a form does when the disk of temporary files is full."""

    def receive_data_chunk(self, raw_data, start):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def file_complete(self, file_size):
        return None


@pytest.fixture
def film(alice, tmp_path):
    """Store a ready video of Alice with a file of 1000 bytes."""
    source = tmp_path / "film"
    source.write_bytes(bytes(1000))
    storage.put_file("videos/film", source)
    return Video.objects.create(
        owner=alice, title="film", filename="film.mp4", size=1000, storage_key="videos/film", status="ready"
    )


def assert_unavailable(answer):
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    if answer.request["PATH_INFO"].startswith("/v2/"):
        assert set(answer.json()["error"]) == {"code", "message", "details"}
        assert answer.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
        assert "disk of this site is full" in answer.json()["error"]["message"]
    else:
        assert b"disk of this site is full" in answer.content


# --- PostgreSQL ---


def test_reading_works_while_the_database_is_full(alice_client, alice_headers, client, film, fill_database):
    alice_client.get("/library/")
    fill_database()

    for path in ("/library/", "/v2/videos", "/v2/users/me", f"/videos/{film.pk}/", "/account/", "/v2/uploads/none"):
        assert alice_client.get(path).status_code in {200, 404}, path
    part = alice_client.get(f"/v2/videos/{film.pk}/file", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part["Content-Range"]) == (206, "bytes 10-19/1000")
    assert client.get("/v2/videos", headers=alice_headers).status_code == 200


def test_a_session_is_renewed_while_the_database_is_full(alice_client, fill_database):
    alice_client.get("/library/")
    session = alice_client.session
    session["renew_at"] = 1.0
    session.save()
    fill_database()

    assert alice_client.get("/library/").status_code == 200
    assert alice_client.session["renew_at"] > 1.0


def test_a_long_term_token_authenticates_while_the_database_is_full(client, alice, fill_database):
    _, text = tokens.create_token(alice)
    fill_database()

    answer = client.get("/v2/users/me", headers={"Authorization": f"Bearer {text}"})

    assert answer.status_code == 403  # authenticated, and out of its scope


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/v2/users/me", {"name": "Alice Liddell"}),
        ("POST", "/v2/uploads", {"filename": "a.mp4", "size": 10}),
        ("POST", "/v2/collections", {"name": "Autumn"}),
        ("POST", "/v2/auth/register", {"email": "c@example.org", "password": "a long good phrase", "name": "Carol"}),
        ("POST", "/v2/auth/login", {"email": "alice@example.org", "password": "correct horse battery"}),
    ],
)
def test_writes_of_the_api_are_503_while_the_database_is_full(alice_client, fill_database, method, path, body):
    fill_database()

    assert_unavailable(alice_client.generic(method, path, json.dumps(body), JSON))


def test_a_request_with_an_idempotency_key_is_503_while_the_database_is_full(alice_client, fill_database):
    fill_database()

    assert_unavailable(
        alice_client.post("/v2/collections", {"name": "Autumn"}, JSON, headers={"Idempotency-Key": "once"})
    )


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/account/", {"name": "Alice Liddell"}),
        ("/account/login/", {"login": "alice@example.org", "password": "correct horse battery"}),
    ],
)
def test_writes_of_pages_are_503_while_the_database_is_full(client, alice, fill_database, path, form):
    if "login" not in form:
        client.force_login(alice)
    client.raise_request_exception = False
    fill_database()

    assert_unavailable(client.post(path, form))


def test_the_admin_site_reads_and_refuses_writes_while_the_database_is_full(admin_client, alice, fill_database):
    admin_client.raise_request_exception = False
    page = f"/admin/accounts/user/{alice.pk}/change/"
    fill_database()

    assert admin_client.get(page).status_code == 200
    assert_unavailable(admin_client.post(page, {"email": alice.email, "name": "Alice Liddell", "is_active": "on"}))


def test_only_a_full_disk_is_tolerated(alice, fill_database):
    fill_database()

    with tolerate_full_disk():
        update_last_login(User, alice)
    with pytest.raises(OperationalError), tolerate_full_disk():
        raise OperationalError("server closed the connection unexpectedly")


# --- Files ---


@pytest.fixture
def full_storage(monkeypatch):
    """Reserve more than the whole disk, so that no file can be written."""
    monkeypatch.setattr(storage._wrapped, "reserve_bytes", 10**18)


@pytest.mark.django_db
def test_a_part_on_a_full_disk_is_503(alice_client, monkeypatch):
    upload = alice_client.post("/v2/uploads", {"filename": "a.mp4", "size": 4}, JSON).json()["upload_id"]
    url = alice_client.get(f"/v2/uploads/{upload}/parts/1/url").json()["url"]
    monkeypatch.setattr(storage._wrapped, "reserve_bytes", 10**18)

    refused = alice_client.put(url, b"abcd", "application/octet-stream")

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert int(refused["Retry-After"]) > 0
    assert alice_client.get(f"/v2/uploads/{upload}/parts").json() == {"parts": []}


@pytest.mark.django_db
def test_media_are_served_while_the_disk_is_full(alice_client, film, full_storage):
    part = alice_client.get(f"/v2/videos/{film.pk}/file", headers={"Range": "bytes=0-9"})

    assert (part.status_code, part["Content-Range"]) == (206, "bytes 0-9/1000")


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "field"), [("/v2/videos", "file"), ("/library/upload/", "files")])
def test_a_form_that_finds_no_temporary_space_is_503(alice_client, settings, path, field):
    settings.FILE_UPLOAD_HANDLERS = [f"{__name__}.FullDiskHandler"]
    alice_client.raise_request_exception = False

    assert_unavailable(alice_client.post(path, {field: SimpleUploadedFile("a.mp4", b"film", "video/mp4")}))


def test_errors_of_a_full_disk_are_outages():
    for number in (errno.ENOSPC, errno.EDQUOT):
        assert find_outage(OSError(number, os.strerror(number))).message.startswith("The disk of this site is full.")
    assert find_outage(OSError(errno.EIO, "I/O error")) is None


# --- Valkey and jobs ---


def test_a_cache_that_refuses_writes_still_reads(monkeypatch):
    cache.set("key", "value")

    def refuse(*_, **__):
        raise ResponseError("MISCONF Valkey is configured to save RDB snapshots, but it is unable to persist to disk.")

    with monkeypatch.context() as full:
        full.setattr("django.core.cache.backends.redis.RedisCacheClient.set", refuse)
        cache.set("key", "other")

    assert cache.get("key") == "value"


def test_a_job_waits_while_the_database_is_full(fill_database):
    fill_database()
    with pytest.raises(OperationalError) as raised:
        User.objects.filter(name="none").update(name="other")

    assert "full" in worker._describe_shortage(raised.value)
    assert isinstance(find_outage(raised.value), ServiceUnavailable)
