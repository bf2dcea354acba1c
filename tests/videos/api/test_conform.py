"""`POST /v2/comparisons/{id}/conform` and the form on the page of a comparison."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.notes.carrying_rows import RECUT, compare, create_version
from videos.models import Comparison, Job

pytestmark = pytest.mark.django_db
SRT = "1\n00:00:05,000 --> 00:00:07,500\nOur river\n\n2\n00:00:12,000 --> 00:00:14,000\nGone\n"


@pytest.fixture
def comparison(alice):
    first = create_version(alice, "cut 1", 60)
    return compare(first, create_version(alice, "cut 2", 50, of=first), RECUT)


def post(client, comparison, text=SRT, name="captions.srt", query="", **fields):
    content = text if isinstance(text, bytes) else text.encode()
    body = {"file": SimpleUploadedFile(name, content), **fields}
    return client.post(f"/v2/comparisons/{comparison.pk}/conform{query}", body)


def test_the_file_is_returned_in_times_of_b(alice_client, comparison):
    answer = post(alice_client, comparison)

    assert answer.status_code == 200
    assert answer["X-Conform"] == "carried=1, moved=0, changed=0, dropped=1"
    assert answer["Content-Disposition"] == 'attachment; filename="captions.srt"'
    assert answer.content.decode() == "1\n00:00:05,000 --> 00:00:07,500\nOur river\n"


@pytest.mark.parametrize("to", ["srt", "vtt", "csv", "json", "edl", "otio"])
def test_it_can_be_returned_in_another_format(alice_client, comparison, to):
    answer = post(alice_client, comparison, to=to)

    assert answer["Content-Disposition"].endswith(f'captions.{to}"')
    assert b"Our river" in answer.content


def test_the_report_lists_every_item(alice_client, comparison):
    answer = post(alice_client, comparison, query="?report=1")

    assert answer.json() == {
        "items": [
            {"index": 0, "text": "Our river", "a": [5.0, 7.5], "b": [5.0, 7.5], "state": "carried"},
            {"index": 1, "text": "Gone", "a": [12.0, 14.0], "b": None, "state": "dropped"},
        ]
    }
    assert answer["X-Conform"] == "carried=1, moved=0, changed=0, dropped=1"


def test_a_marker_ends_where_it_starts(alice_client, comparison):
    answer = post(alice_client, comparison, "time,end,text\n35,,Logo\n", "m.csv", "?report=1")

    assert answer.json()["items"] == [
        {"index": 0, "text": "Logo", "a": [35.0, 35.0], "b": [45.0, 45.0], "state": "moved"}
    ]


def test_the_saved_threshold_decides_what_is_changed(alice_client, comparison):
    text = "time,end,text\n25,,Logo\n"
    assert post(alice_client, comparison, text)["X-Conform"] == "carried=0, moved=0, changed=1, dropped=0"

    Comparison.objects.update(threshold=0.3)

    assert post(alice_client, comparison, text)["X-Conform"] == "carried=1, moved=0, changed=0, dropped=0"


@pytest.mark.parametrize(
    ("text", "fields", "field"),
    [
        ("", {}, "file"),
        ("no cues here", {}, "file"),
        (b"\x00\x01" * 500, {}, "file"),
        (SRT, {"to": "docx"}, "to"),
    ],
)
def test_a_file_of_another_format_is_refused(alice_client, comparison, text, fields, field):
    answer = post(alice_client, comparison, text, **fields)

    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == field


def test_a_missing_file_is_refused(alice_client, comparison):
    answer = alice_client.post(f"/v2/comparisons/{comparison.pk}/conform", {"to": "srt"})

    assert (answer.status_code, answer.json()["error"]["details"][0]["type"]) == (422, "missing")


def test_a_file_of_more_than_ten_megabytes_is_refused(alice_client, comparison):
    answer = post(alice_client, comparison, b" " * (10 * 1024**2 + 1))

    assert (answer.status_code, answer.json()["error"]["details"][0]["type"]) == (422, "max_size")


def test_a_comparison_of_another_user_is_not_found(bob_client, comparison):
    assert post(bob_client, comparison).status_code == 404


def test_a_comparison_that_is_not_complete_is_refused(alice_client, comparison):
    Job.objects.update(status=Job.Status.FAILED)

    assert post(alice_client, comparison).status_code == 409


def test_the_page_of_a_comparison_conforms_a_file(alice_client, comparison):
    path = f"/compare/{comparison.pk}/"
    assert f'action="{path}conform/"' in alice_client.get(path).content.decode()

    answer = alice_client.post(f"{path}conform/", {"file": SimpleUploadedFile("a.srt", SRT.encode()), "to": "vtt"})

    assert answer.content.decode().startswith("WEBVTT\n\n1\n00:00:05.000 --> 00:00:07.500\nOur river")
    assert answer["Content-Disposition"] == 'attachment; filename="a.vtt"'


def test_the_page_says_why_a_file_cannot_be_conformed(alice_client, bob_client, comparison):
    path = f"/compare/{comparison.pk}/conform/"
    body = {"file": SimpleUploadedFile("a.srt", b"nothing")}

    answer = alice_client.post(path, body, follow=True)

    assert "The format of this file is unknown." in answer.content.decode()
    assert bob_client.post(path, body).status_code == 404
