"""Invalid uploads through the API. Storage on disk and on S3 give the same errors."""

import urllib.error
import urllib.request

import pytest

from sage.storage import storage
from videos.models import Upload, Video
from videos.uploads import transfer

pytestmark = pytest.mark.django_db
PART = 5 * 1024**2  # the minimum of S3
FILM = b"f" * PART + b"end"


@pytest.fixture(params=["disk", "s3"])
def upload_path(request, alice_client, monkeypatch):
    """Start an upload of two parts on each storage backend and return its path."""
    if request.param == "s3":
        request.getfixturevalue("on_s3")
    monkeypatch.setattr(transfer, "PART_SIZE", PART)
    return f"/v2/uploads/{announce(alice_client)['upload_id']}"


def announce(client, **overrides):
    film = {"filename": "a.mp4", "size": len(FILM), **overrides}
    return client.post("/v2/uploads", film, "application/json").json()


def send(client, upload_path, number, data):
    """Send a part to Sage or S3 and return the status and the ETag of the response."""
    address = client.get(f"{upload_path}/parts/{number}/url").json()["url"]
    if "/v2/uploads/" in address:
        answer = client.put(address, data, "application/octet-stream")
        return answer.status_code, answer.headers.get("ETag", "")
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data, method="PUT"), timeout=60) as answer:
            return answer.status, answer.headers["ETag"]
    except urllib.error.HTTPError as error:
        return error.code, ""


def complete(client, upload_path, *parts):
    named = [{"part_number": number, "etag": etag} for number, etag in parts]
    return client.post(f"{upload_path}/complete", {"parts": named}, "application/json")


def assert_refused(answer, message):
    assert answer.status_code == 409
    assert message in answer.json()["error"]["message"]
    assert not Video.objects.exists()


def test_a_part_of_another_size_is_not_stored(alice_client, upload_path):
    for data in (FILM[:-1][PART:], FILM[PART:] + b"more"):
        status, _ = send(alice_client, upload_path, 2, data)
        assert status in (400, 403)

    assert alice_client.get(f"{upload_path}/parts").json() == {"parts": []}
    assert_refused(
        complete(alice_client, upload_path), "Part 1 of 2 is missing. Send it, then complete the upload again."
    )


def test_a_wrong_list_of_parts_creates_no_video_and_the_right_one_does(alice_client, upload_path):
    _, first = send(alice_client, upload_path, 1, FILM[:PART])
    assert_refused(complete(alice_client, upload_path, (1, first)), "Part 2 of 2 is missing")
    _, last = send(alice_client, upload_path, 2, FILM[PART:])

    wrong = [
        [],
        [(1, first)],
        [(1, first), (2, "0" * 32)],
        [(1, last), (2, first)],
        [(1, first), (2, last), (3, last)],
        [(1, first), (10**30, last)],
    ]
    for parts in wrong:
        assert_refused(complete(alice_client, upload_path, *parts), "do not match the uploaded parts")

    done = [complete(alice_client, upload_path, (2, last), (1, first)) for _ in range(2)]
    assert [answer.status_code for answer in done] == [201, 201]
    assert done[0].json()["video_id"] == done[1].json()["video_id"]
    assert storage.read(Video.objects.get().storage_key) == FILM
    assert complete(alice_client, upload_path, (1, "0" * 32)).json()["video_id"] == done[0].json()["video_id"]
    assert alice_client.get(f"{upload_path}/parts/1/url").status_code == 409


def test_a_malicious_file_name_gives_a_safe_key(alice_client, upload_path):
    for name in ("../../../etc/passwd.mp4", "..\\..\\boot.mp4", "/abs/olute.mp4", "a\r\nX-Evil: 1.mp4"):
        upload = Upload.objects.get(pk=announce(alice_client, filename=name)["upload_id"])

        assert "/" not in upload.filename and "\\" not in upload.filename and "\n" not in upload.filename
        folder, _, rest = upload.storage_key.partition("/")
        assert folder == "videos" and "/" not in rest and ".." not in rest


@pytest.mark.parametrize("size", [0, -1, 10**30, 1.5, "big", None, True])
def test_an_invalid_size_is_refused(alice_client, upload_path, size):
    before = Upload.objects.count()
    answer = alice_client.post("/v2/uploads", {"filename": "a.mp4", "size": size}, "application/json")

    assert answer.status_code in (413, 422)
    assert Upload.objects.count() == before
