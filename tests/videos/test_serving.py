import io

import pytest
from asgiref.sync import async_to_sync

pytestmark = pytest.mark.django_db
CONTENT = bytes(range(256)) * 4


@pytest.fixture
def address(alice, make_video, tmp_path):
    (tmp_path / "bytes.mp4").write_bytes(CONTENT)
    video = make_video(alice, tmp_path / "bytes.mp4", name="My cut, ünal.mp4")
    return f"/v2/videos/{video.pk}/file"


@async_to_sync
async def body(answer):
    return b"".join([piece async for piece in answer.streaming_content])


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=1000-", 1000, 1024),
        ("bytes=-24", 1000, 1024),
        ("bytes=1020-99999", 1020, 1024),
        ("bytes=-5000", 0, 1024),
        ("bytes = 5-5", 5, 6),
    ],
)
def test_a_range_returns_its_bytes(address, alice_client, header, start, end):
    answer = alice_client.get(address, headers={"range": header})

    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/1024"
    assert int(answer.headers["Content-Length"]) == end - start
    assert body(answer) == CONTENT[start:end]


@pytest.mark.parametrize(
    "header", [None, "bytes=9-2", "items=0-1", "bytes=0-1,5-6", "bytes=-", "bytes=x-y", f"bytes={'9' * 5000}-"]
)
def test_without_a_valid_range_the_whole_file_is_returned(address, alice_client, header):
    answer = alice_client.get(address, headers={"range": header} if header else {})

    assert answer.status_code == 200
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert body(answer) == CONTENT


@pytest.mark.parametrize("header", ["bytes=1024-", "bytes=5000-6000", "bytes=-0", "bytes=999999999999999999-"])
def test_a_range_outside_the_file_is_416(address, alice_client, header):
    answer = alice_client.get(address, headers={"range": header})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */1024"


def test_head_returns_the_length_and_no_body(address, alice_client):
    answer = alice_client.head(address)

    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "1024", b"")


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_a_current_if_range_validator_returns_the_range(address, alice_client, validator):
    current = alice_client.head(address).headers[validator]

    answer = alice_client.get(address, headers={"range": "bytes=0-0", "if-range": current})

    assert answer.status_code == 206


@pytest.mark.parametrize("stale", ['"other"', "Mon, 01 Jan 2001 00:00:00 GMT", "nonsense"])
def test_a_stale_if_range_validator_returns_the_whole_file(address, alice_client, stale):
    assert alice_client.get(address, headers={"range": "bytes=0-0", "if-range": stale}).status_code == 200


def test_a_matching_etag_is_304(address, alice_client):
    etag = alice_client.head(address).headers["ETag"]

    assert alice_client.get(address, headers={"if-none-match": f'"x", {etag}'}).status_code == 304


def test_the_file_name_is_in_the_header(address, alice_client):
    assert "%C3%BCnal" in alice_client.head(address).headers["Content-Disposition"]


def test_only_get_and_head_are_allowed(address, alice_client):
    assert alice_client.post(address).status_code == 405


def test_visitors_and_other_users_get_404(address, client, bob_client):
    client.logout()

    assert client.get(address).status_code == 404
    assert bob_client.get(address).status_code == 404


def test_a_derived_file_that_does_not_exist_yet_is_404(address, alice_client):
    assert alice_client.get(address.replace("/v2", "").replace("/file", "/poster.jpg")).status_code == 404


def test_with_x_accel_the_response_names_the_file(alice_client, alice_video, settings):
    settings.X_ACCEL_PREFIX = "/protected/"

    answer = alice_client.get(f"/v2/videos/{alice_video.pk}/file", headers={"Range": "bytes=0-1"})

    assert answer["X-Accel-Redirect"] == f"/protected/{alice_video.storage_key}"
    assert answer["Content-Type"] == "video/mp4"
    assert answer.content == b""


def test_on_s3_the_file_redirects_to_a_signed_url_and_sage_serves_stills(alice_client, alice_video, on_s3):
    from sage.storage import storage

    storage.put_stream(alice_video.derived_key("poster.jpg"), io.BytesIO(b"0123456789"))

    film = alice_client.get(f"/v2/videos/{alice_video.pk}/file")
    still = alice_client.get(f"/videos/{alice_video.pk}/poster.jpg", headers={"Range": "bytes=4-6"})

    assert film.status_code == 302
    assert film["Location"].startswith(f"{on_s3.endpoint}/videos/{alice_video.storage_key}?")
    assert "X-Amz-Expires=3600" in film["Location"]
    assert (still.status_code, body(still)) == (206, b"456")
