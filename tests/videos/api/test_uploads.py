from datetime import timedelta

import pytest
from django.utils import timezone

from videos.models import Collection, Upload, Video
from videos.uploads import transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def announced(alice_client, monkeypatch):
    monkeypatch.setattr(transfer, "PART_SIZE", 4)
    return alice_client.post(
        "/v2/uploads", {"filename": "a.mp4", "size": 6, "content_type": "video/mp4"}, "application/json"
    ).json()


def test_a_file_is_uploaded_in_parts(alice_client, announced):
    here = f"/v2/uploads/{announced['upload_id']}"
    assert (announced["part_size"], announced["part_count"]) == (4, 2)
    parts = []
    for number, data in ((1, b"abcd"), (2, b"ef")):
        where = alice_client.get(f"{here}/parts/{number}/url").json()
        assert (where["method"], where["headers"]) == ("PUT", {})
        sent = alice_client.put(where["url"], data, "application/octet-stream")
        parts.append({"part_number": number, "etag": sent.headers["ETag"]})

    assert [part["size"] for part in alice_client.get(f"{here}/parts").json()["parts"]] == [4, 2]
    done = alice_client.post(f"{here}/complete", {"parts": parts}, "application/json")

    assert done.status_code == 201
    assert done.json()["video_id"] == str(Video.objects.get().pk)
    assert [job["kind"] for job in done.json()["jobs"]] == ["probe", "ingest"]


def test_the_parts_of_a_completed_or_expired_upload_are_not_listed(alice_client, announced):
    here = f"/v2/uploads/{announced['upload_id']}"
    parts = []
    for number, data in ((1, b"abcd"), (2, b"ef")):
        sent = alice_client.put(
            alice_client.get(f"{here}/parts/{number}/url").json()["url"], data, "application/octet-stream"
        )
        parts.append({"part_number": number, "etag": sent.headers["ETag"]})
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert alice_client.get(f"{here}/parts").status_code == 410

    Upload.objects.update(expires_at=timezone.now() + timedelta(days=1))
    done = alice_client.post(f"{here}/complete", {"parts": parts}, "application/json")

    assert alice_client.get(f"{here}/parts").status_code == 409
    again = alice_client.post(f"{here}/complete", {"parts": []}, "application/json")
    assert (again.status_code, again.json()["video_id"]) == (201, done.json()["video_id"])


def test_a_part_needs_only_its_signature(client, alice_client, announced):
    where = alice_client.get(f"/v2/uploads/{announced['upload_id']}/parts/1/url").json()
    alice_client.logout()

    assert client.put(where["url"], b"abcd", "application/octet-stream").status_code == 200
    assert client.put(where["url"].partition("?")[0], b"abcd").status_code == 403


def test_a_part_is_sent_by_put(alice_client, announced):
    answer = alice_client.get(f"/v2/uploads/{announced['upload_id']}/parts/1")

    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


def test_an_upload_is_cancelled(alice_client, announced):
    assert alice_client.delete(f"/v2/uploads/{announced['upload_id']}").status_code == 204
    assert alice_client.delete(f"/v2/uploads/{announced['upload_id']}").status_code == 404
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("method", "path"), [("get", "/parts"), ("get", "/parts/1/url"), ("post", "/complete"), ("delete", "")]
)
def test_another_users_upload_is_404(bob_client, announced, method, path):
    answer = getattr(bob_client, method)(
        f"/v2/uploads/{announced['upload_id']}{path}", {"parts": []}, content_type="application/json"
    )

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("parts", [None, [{"part_number": 0, "etag": "x"}], [{"etag": "x"}], "x", [1]])
def test_an_invalid_list_of_parts_is_422(alice_client, announced, parts):
    answer = alice_client.post(f"/v2/uploads/{announced['upload_id']}/complete", {"parts": parts}, "application/json")

    assert answer.status_code == 422


def post(client, **overrides):
    return client.post("/v2/uploads", {"filename": "a.mp4", "size": 6, **overrides}, "application/json")


def test_a_known_sha256_returns_the_existing_video(alice_client, alice_video):
    answer = post(alice_client, sha256=alice_video.sha256.upper())

    assert answer.status_code == 200
    assert answer.json()["video"]["video_id"] == str(alice_video.pk)


@pytest.mark.parametrize("key", ["version_of", "collection_id"])
def test_another_users_video_or_collection_cannot_be_referenced(bob_client, alice, alice_video, key):
    references = {"version_of": alice_video, "collection_id": Collection.objects.create(owner=alice, name="Autumn")}

    assert post(bob_client, **{key: str(references[key].pk)}).status_code == 404
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [("sha256", "abc"), ("duration", "long"), ("duration", -1), ("version_of", "first"), ("size", "many")],
)
def test_an_invalid_field_is_named(alice_client, key, value):
    answer = post(alice_client, **{key: value})

    assert answer.status_code == 422
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [key]
