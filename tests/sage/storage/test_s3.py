import io
import shutil
import uuid
from collections import namedtuple

import pytest

from sage.storage import StorageUnavailable
from sage.storage.s3 import S3Storage
from tests.s3 import BUCKET, SITE_ORIGIN
from tests.sage.storage.conftest import request_url
from tests.site import free_port


@pytest.fixture
def film(bucket):
    key = f"videos/{uuid.uuid4()}_film.mp4"
    bucket.put_stream(
        key, io.BytesIO(b"0123456789"), "video/mp4", {"original_filename": "Füm “1”.mp4", "upload_timestamp": "now"}
    )
    return key


def test_a_file_has_its_content_type_and_original_name(bucket, film):
    found = bucket.client.head_object(Bucket=BUCKET, Key=film)

    assert found["ContentType"] == "video/mp4"
    assert found["Metadata"] == {"original_filename": "F%C3%BCm %E2%80%9C1%E2%80%9D.mp4", "upload_timestamp": "now"}


def test_a_signed_url_returns_any_range_with_the_file_name(bucket, film):
    address = bucket.address(film, "video/mp4", "Füm.mp4")

    status, body, headers = request_url(address, Range="bytes=2-4")

    assert (status, body, headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert headers["Content-Type"] == "video/mp4"
    assert headers["Content-Disposition"] == "inline; filename*=utf-8''F%C3%BCm.mp4"


def test_a_page_of_the_site_may_upload_parts(bucket, film):
    address = bucket.part_address(film, "any", 1, 10)

    status, _, headers = request_url(address, "OPTIONS", Origin=SITE_ORIGIN, **{"Access-Control-Request-Method": "PUT"})

    assert (status, headers["Access-Control-Allow-Origin"]) == (200, SITE_ORIGIN)
    assert "ETag" in headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "change",
    [
        lambda address: address[:-1] + ("0" if address[-1] != "0" else "1"),
        lambda address: address.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200"),
        lambda address: address.replace("_film.mp4", "_other.mp4"),
        lambda address: address.partition("?")[0],
    ],
    ids=["signature", "expiry", "file", "unsigned"],
)
def test_a_tampered_url_is_403(bucket, film, change):
    address = bucket.address(film, "video/mp4", "film.mp4")
    assert request_url(address)[0] == 200

    assert request_url(change(address))[0] == 403


def test_an_expired_url_is_403(bucket, film):
    import time

    signed = {"Bucket": BUCKET, "Key": film}
    address = bucket.client.generate_presigned_url("get_object", Params=signed, ExpiresIn=1)
    time.sleep(2.1)

    assert request_url(address)[0] == 403


def test_a_part_url_accepts_only_its_own_number_and_size(bucket):
    key = f"videos/{uuid.uuid4()}"
    parts_id = bucket.begin_parts(key)
    address = bucket.part_address(key, parts_id, 1, 5)

    assert request_url(address, "PUT", b"sixsix")[0] == 403
    assert request_url(address.replace("partNumber=1", "partNumber=2"), "PUT", b"fives")[0] == 403
    assert request_url(address, "PUT", b"fives")[0] == 200


def test_an_unavailable_server_is_reported_without_its_address(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    unavailable = S3Storage("videos", "us-east-1", endpoint=f"http://127.0.0.1:{free_port()}")

    with pytest.raises(StorageUnavailable, match="Try again in a moment") as found:
        unavailable.stat("videos/1")
    assert "127.0.0.1" not in str(found.value)


def test_wrong_credentials_are_reported_as_unavailable_storage(s3_server, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "else")

    with pytest.raises(StorageUnavailable, match="InvalidAccessKeyId"):
        S3Storage(BUCKET, "us-east-1", endpoint=s3_server.endpoint).read("first")


def test_a_copy_that_does_not_fit_on_the_disk_is_not_started(bucket, film, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12 - 100, 100))

    with pytest.raises(StorageUnavailable, match="no space"), bucket.local_copy(film, tmp_path / "copies"):
        pass
    assert list((tmp_path / "copies").iterdir()) == []


def test_more_files_than_fit_in_one_request_are_deleted(bucket, monkeypatch):
    monkeypatch.setattr("sage.storage.s3.DELETE_AT_ONCE", 3)
    folder = f"derived/{uuid.uuid4()}"
    for number in range(8):
        bucket.put_stream(f"{folder}/{number}", io.BytesIO(b"x"))

    bucket.delete(folder)

    assert list(bucket.keys(folder)) == []


def test_a_missing_bucket_is_not_reported_as_a_missing_file(bucket):
    elsewhere = S3Storage("no-such-bucket", "us-east-1", endpoint=bucket.client.meta.endpoint_url)

    with pytest.raises(StorageUnavailable, match="no-such-bucket"):
        elsewhere.stat("videos/film.mp4")
