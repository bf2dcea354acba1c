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
def test_a_range_is_answered_with_its_bytes(address, alices, header, start, end):
    answer = alices.get(address, headers={"range": header})

    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/1024"
    assert int(answer.headers["Content-Length"]) == end - start
    assert body(answer) == CONTENT[start:end]


@pytest.mark.parametrize(
    "header", [None, "bytes=9-2", "items=0-1", "bytes=0-1,5-6", "bytes=-", "bytes=x-y", f"bytes={'9' * 5000}-"]
)
def test_without_one_understandable_range_the_whole_comes(address, alices, header):
    answer = alices.get(address, headers={"range": header} if header else {})

    assert answer.status_code == 200
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert body(answer) == CONTENT


@pytest.mark.parametrize("header", ["bytes=1024-", "bytes=5000-6000", "bytes=-0", "bytes=999999999999999999-"])
def test_a_range_outside_the_file_is_416(address, alices, header):
    answer = alices.get(address, headers={"range": header})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */1024"


def test_head_tells_the_length_and_sends_nothing(address, alices):
    answer = alices.head(address)

    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "1024", b"")


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_if_range_with_what_still_holds_gives_the_range(address, alices, validator):
    current = alices.head(address).headers[validator]

    answer = alices.get(address, headers={"range": "bytes=0-0", "if-range": current})

    assert answer.status_code == 206


@pytest.mark.parametrize("stale", ['"other"', "Mon, 01 Jan 2001 00:00:00 GMT", "nonsense"])
def test_if_range_with_what_no_longer_holds_gives_the_whole(address, alices, stale):
    assert alices.get(address, headers={"range": "bytes=0-0", "if-range": stale}).status_code == 200


def test_an_etag_that_the_browser_has_is_304(address, alices):
    etag = alices.head(address).headers["ETag"]

    assert alices.get(address, headers={"if-none-match": f'"x", {etag}'}).status_code == 304


def test_the_name_survives_in_the_header(address, alices):
    assert "%C3%BCnal" in alices.head(address).headers["Content-Disposition"]


def test_nothing_but_get_and_head_is_allowed(address, alices):
    assert alices.post(address).status_code == 405


def test_strangers_and_others_get_404(address, client, bobs):
    client.logout()

    assert client.get(address).status_code == 404
    assert bobs.get(address).status_code == 404


def test_a_derived_file_that_is_not_made_yet_is_404(address, alices):
    assert alices.get(address.replace("/v2", "").replace("/file", "/poster.jpg")).status_code == 404


def test_behind_a_proxy_that_hands_files_out_the_answer_names_the_file(alices, alices_video, settings):
    settings.X_ACCEL_PREFIX = "/protected/"

    answer = alices.get(f"/v2/videos/{alices_video.pk}/file", headers={"Range": "bytes=0-1"})

    assert answer["X-Accel-Redirect"] == f"/protected/{alices_video.storage_key}"
    assert answer["Content-Type"] == "video/mp4"
    assert answer.content == b""


def test_on_s3_the_film_comes_by_a_signed_address_and_its_stills_from_sage(alices, alices_video, on_s3):
    from sage.storage import storage

    storage.put_stream(alices_video.derived_key("poster.jpg"), io.BytesIO(b"0123456789"))

    film = alices.get(f"/v2/videos/{alices_video.pk}/file")
    still = alices.get(f"/videos/{alices_video.pk}/poster.jpg", headers={"Range": "bytes=4-6"})

    assert film.status_code == 302
    assert film["Location"].startswith(f"{on_s3.endpoint}/videos/{alices_video.storage_key}?")
    assert "X-Amz-Expires=3600" in film["Location"]
    assert (still.status_code, body(still)) == (206, b"456")
