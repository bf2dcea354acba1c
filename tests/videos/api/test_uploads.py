from datetime import timedelta

import pytest
from django.utils import timezone

from videos import uploads
from videos.models import Collection, Upload, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def announced(alices, monkeypatch):
    monkeypatch.setattr(uploads, "PART_SIZE", 4)
    return alices.post(
        "/v2/uploads", {"filename": "a.mp4", "size": 6, "content_type": "video/mp4"}, "application/json"
    ).json()


def test_an_upload_runs_through_the_api(alices, announced):
    here = f"/v2/uploads/{announced['upload_id']}"
    assert (announced["part_size"], announced["part_count"]) == (4, 2)
    parts = []
    for number, data in ((1, b"abcd"), (2, b"ef")):
        where = alices.get(f"{here}/parts/{number}/url").json()
        assert (where["method"], where["headers"]) == ("PUT", {})
        sent = alices.put(where["url"], data, "application/octet-stream")
        parts.append({"part_number": number, "etag": sent.headers["ETag"]})

    assert [part["size"] for part in alices.get(f"{here}/parts").json()["parts"]] == [4, 2]
    done = alices.post(f"{here}/complete", {"parts": parts}, "application/json")

    assert done.status_code == 201
    assert done.json()["video_id"] == str(Video.objects.get().pk)
    assert [job["kind"] for job in done.json()["jobs"]] == ["probe", "ingest"]


def test_the_parts_of_what_is_a_video_or_has_expired_are_not_listed(alices, announced):
    here = f"/v2/uploads/{announced['upload_id']}"
    parts = []
    for number, data in ((1, b"abcd"), (2, b"ef")):
        sent = alices.put(alices.get(f"{here}/parts/{number}/url").json()["url"], data, "application/octet-stream")
        parts.append({"part_number": number, "etag": sent.headers["ETag"]})
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert alices.get(f"{here}/parts").status_code == 410

    Upload.objects.update(expires_at=timezone.now() + timedelta(days=1))
    done = alices.post(f"{here}/complete", {"parts": parts}, "application/json")

    assert alices.get(f"{here}/parts").status_code == 409
    again = alices.post(f"{here}/complete", {"parts": []}, "application/json")
    assert (again.status_code, again.json()["video_id"]) == (201, done.json()["video_id"])


def test_a_part_needs_no_session_only_its_signature(client, alices, announced):
    where = alices.get(f"/v2/uploads/{announced['upload_id']}/parts/1/url").json()
    alices.logout()

    assert client.put(where["url"], b"abcd", "application/octet-stream").status_code == 200
    assert client.put(where["url"].partition("?")[0], b"abcd").status_code == 403


def test_a_part_is_sent_with_put(alices, announced):
    answer = alices.get(f"/v2/uploads/{announced['upload_id']}/parts/1")

    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


def test_an_upload_is_cancelled(alices, announced):
    assert alices.delete(f"/v2/uploads/{announced['upload_id']}").status_code == 204
    assert alices.delete(f"/v2/uploads/{announced['upload_id']}").status_code == 404
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("method", "path"), [("get", "/parts"), ("get", "/parts/1/url"), ("post", "/complete"), ("delete", "")]
)
def test_anothers_upload_is_not_there(bobs, announced, method, path):
    answer = getattr(bobs, method)(
        f"/v2/uploads/{announced['upload_id']}{path}", {"parts": []}, content_type="application/json"
    )

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("parts", [None, [{"part_number": 0, "etag": "x"}], [{"etag": "x"}], "x", [1]])
def test_a_list_of_parts_that_makes_no_sense_is_422(alices, announced, parts):
    answer = alices.post(f"/v2/uploads/{announced['upload_id']}/complete", {"parts": parts}, "application/json")

    assert answer.status_code == 422


def post(client, **said):
    return client.post("/v2/uploads", {"filename": "a.mp4", "size": 6, **said}, "application/json")


def test_bytes_that_are_held_already_are_answered_with_their_video(alices, alices_video):
    answer = post(alices, sha256=alices_video.sha256.upper())

    assert answer.status_code == 200
    assert answer.json()["video"]["video_id"] == str(alices_video.pk)


@pytest.mark.parametrize("key", ["version_of", "collection_id"])
def test_nothing_of_somebody_else_can_be_added_to(bobs, alice, alices_video, key):
    hers = {"version_of": alices_video, "collection_id": Collection.objects.create(owner=alice, name="Autumn")}

    assert post(bobs, **{key: str(hers[key].pk)}).status_code == 404
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [("sha256", "abc"), ("duration", "long"), ("duration", -1), ("version_of", "first"), ("size", "many")],
)
def test_what_is_announced_wrong_is_named(alices, key, value):
    answer = post(alices, **{key: value})

    assert answer.status_code == 422
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [key]
