import pytest

from videos import uploads
from videos.models import Upload, Video

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
