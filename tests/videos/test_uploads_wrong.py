"""Uploads that go wrong, through the API: the same plain answers whether files lie on disk or on S3."""

import urllib.error
import urllib.request

import pytest

from sage.storage import storage
from videos import uploads
from videos.models import Upload, Video

pytestmark = pytest.mark.django_db
PART = 5 * 1024**2  # the least that S3 takes
FILM = b"f" * PART + b"end"


@pytest.fixture(params=["disk", "s3"])
def here(request, alices, monkeypatch):
    """Where an upload of two parts goes, on either place."""
    if request.param == "s3":
        request.getfixturevalue("on_s3")
    monkeypatch.setattr(uploads, "PART_SIZE", PART)
    return f"/v2/uploads/{announce(alices)['upload_id']}"


def announce(client, **said):
    film = {"filename": "a.mp4", "size": len(FILM), **said}
    return client.post("/v2/uploads", film, "application/json").json()


def send(client, here, number, data):
    """The status and the ETag with which a part is answered, by Sage or by S3."""
    address = client.get(f"{here}/parts/{number}/url").json()["url"]
    if "/v2/uploads/" in address:
        answer = client.put(address, data, "application/octet-stream")
        return answer.status_code, answer.headers.get("ETag", "")
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data, method="PUT"), timeout=20) as answer:
            return answer.status, answer.headers["ETag"]
    except urllib.error.HTTPError as error:
        return error.code, ""


def complete(client, here, *parts):
    named = [{"part_number": number, "etag": etag} for number, etag in parts]
    return client.post(f"{here}/complete", {"parts": named}, "application/json")


def refused(answer, says):
    assert answer.status_code == 409
    assert says in answer.json()["error"]["message"]
    assert not Video.objects.exists()


def test_a_part_of_another_size_does_not_count(alices, here):
    for data in (FILM[:-1][PART:], FILM[PART:] + b"more"):
        status, _ = send(alices, here, 2, data)
        assert status in (400, 403)

    assert alices.get(f"{here}/parts").json() == {"parts": []}
    refused(complete(alices, here), "Part 1 of 2 has not arrived. Send it, then complete again.")


def test_whatever_is_named_wrong_makes_no_video_and_the_right_parts_still_do(alices, here):
    _, first = send(alices, here, 1, FILM[:PART])
    refused(complete(alices, here, (1, first)), "Part 2 of 2 has not arrived")
    _, last = send(alices, here, 2, FILM[PART:])

    wrong = [
        [],
        [(1, first)],
        [(1, first), (2, "0" * 32)],
        [(1, last), (2, first)],
        [(1, first), (2, last), (3, last)],
        [(1, first), (10**30, last)],
    ]
    for parts in wrong:
        refused(complete(alices, here, *parts), "not those that arrived")

    done = [complete(alices, here, (2, last), (1, first)) for _ in range(2)]
    assert [answer.status_code for answer in done] == [201, 201]
    assert done[0].json()["video_id"] == done[1].json()["video_id"]
    assert storage.read(Video.objects.get().storage_key) == FILM
    assert complete(alices, here, (1, "0" * 32)).json()["video_id"] == done[0].json()["video_id"]
    assert alices.get(f"{here}/parts/1/url").status_code == 409


def test_a_name_full_of_tricks_stays_a_name(alices, here):
    for name in ("../../../etc/passwd.mp4", "..\\..\\boot.mp4", "/abs/olute.mp4", "a\r\nX-Evil: 1.mp4"):
        upload = Upload.objects.get(pk=announce(alices, filename=name)["upload_id"])

        assert "/" not in upload.filename and "\\" not in upload.filename and "\n" not in upload.filename
        folder, _, rest = upload.storage_key.partition("/")
        assert folder == "videos" and "/" not in rest and ".." not in rest


@pytest.mark.parametrize("size", [0, -1, 10**30, 1.5, "big", None, True])
def test_an_absurd_size_is_refused_before_a_byte_is_sent(alices, here, size):
    before = Upload.objects.count()
    answer = alices.post("/v2/uploads", {"filename": "a.mp4", "size": size}, "application/json")

    assert answer.status_code in (413, 422)
    assert Upload.objects.count() == before
