import json

import pytest

from videos.models import Job, Transcript
from videos.transcripts import storage
from videos.transcripts.cues import TimedText

pytestmark = pytest.mark.django_db
SRT = b"1\n00:00:00,200 --> 00:00:01,000\nHello <script>alert(1)</script>\n"
CUES = [{"text": "Hello", "offset": 0.2, "duration": 0.8}, {"text": "again", "offset": 1.0, "duration": 0.5}]


@pytest.fixture
def address(alice_video):
    return f"/v2/videos/{alice_video.pk}/transcript"


def put_cues(client, address, cues):
    return client.put(address, json.dumps(cues), content_type="application/json")


def test_a_video_without_a_transcript_says_so_with_the_status_of_the_job(alice_client, alice_video, address):
    answer = alice_client.get(address)
    assert (answer.status_code, answer.json()["error"]["details"]) == (404, {"status": None})

    Job.objects.create(video=alice_video, kind=Job.Kind.TRANSCRIPT, status=Job.Status.FAILED, error="No model.")
    answer = alice_client.get(address)
    assert answer.json()["error"]["details"] == {"status": "failed"}
    assert answer.json()["error"]["message"] == "The transcript failed: No model."


def test_cues_are_put_as_json_and_read_back(alice_client, alice_video, address):
    answer = put_cues(alice_client, address, list(reversed(CUES)))

    assert (answer.status_code, answer.json()) == (200, CUES)
    assert alice_client.get(address).json() == CUES
    assert alice_client.get(f"/v2/videos/{alice_video.pk}").json()["transcript_available"] is True


@pytest.mark.parametrize(("media_type", "body"), [("application/x-subrip", SRT), ("text/vtt", b"WEBVTT\n\n" + SRT)])
def test_subtitle_files_are_put_as_bodies(alice_client, address, media_type, body):
    body = body.replace(b",", b".") if media_type == "text/vtt" else body
    answer = alice_client.put(address, body, content_type=media_type)

    assert answer.status_code == 200
    assert answer.json() == [{"text": "Hello <script>alert(1)</script>", "offset": 0.2, "duration": 0.8}]


def test_a_subtitle_file_is_put_as_a_form(alice_client, address):
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.srt"\r\n\r\n' + SRT + b"\r\n--b--\r\n"

    answer = alice_client.put(address, body, content_type="multipart/form-data; boundary=b")

    assert (answer.status_code, len(answer.json())) == (200, 1)


@pytest.mark.parametrize(
    ("kind", "content_type", "start"),
    [
        ("srt", "application/x-subrip; charset=utf-8", "1\n00:00:00,200 --> 00:00:01,000\nHello"),
        ("vtt", "text/vtt; charset=utf-8", "WEBVTT\n\n"),
        ("txt", "text/plain; charset=utf-8", "Hello\nagain\n"),
    ],
)
def test_a_transcript_is_read_in_other_formats(alice_client, address, kind, content_type, start):
    put_cues(alice_client, address, CUES)

    answer = alice_client.get(f"{address}?format={kind}")

    assert answer["Content-Type"] == content_type
    assert answer.content.decode().startswith(start)
    assert alice_client.get(f"{address}?format=docx").status_code == 400


@pytest.mark.parametrize(
    "cues",
    [
        {"text": "a"},
        "a",
        [1],
        [{"text": "a", "offset": -1, "duration": 1}],
        [{"text": "a", "offset": 90, "duration": 1}],
    ],
)
def test_invalid_cues_are_refused_and_the_transcript_is_kept(alice_client, address, cues):
    put_cues(alice_client, address, CUES)

    answer = put_cues(alice_client, address, cues)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert alice_client.get(address).json() == CUES


def test_an_empty_list_is_taken(alice_client, alice_video, address):
    assert put_cues(alice_client, address, []).json() == []
    assert alice_client.get(address).json() == []
    assert alice_client.get(f"/v2/videos/{alice_video.pk}").json()["transcript_available"] is False


def test_another_user_neither_reads_nor_replaces_a_transcript(alice_client, bob_client, address):
    put_cues(alice_client, address, CUES)

    assert bob_client.get(address).status_code == 404
    assert put_cues(bob_client, address, []).status_code == 404
    assert alice_client.get(address).json() == CUES


def test_the_uploaded_transcript_is_preferred_and_a_language_can_be_chosen(alice_client, alice_video, address):
    storage.replace_transcript(alice_video, Transcript.Source.SPEECH, [TimedText(0, 1, "heard")], "en")
    storage.replace_transcript(alice_video, Transcript.Source.UPLOADED, [TimedText(0, 1, "geschrieben")], "de")

    assert alice_client.get(address).json()[0]["text"] == "geschrieben"
    assert alice_client.get(f"{address}?language=en").json()[0]["text"] == "heard"
    assert alice_client.get(f"{address}?language=fr").status_code == 404


def test_chapters_are_put_sorted_and_read_back(alice_client, alice_video):
    address = f"/v2/videos/{alice_video.pk}/chapters"
    body = [{"start": 1.5, "title": "End"}, {"start": 0, "title": "<b>Start</b>"}]

    answer = alice_client.put(address, json.dumps(body), content_type="application/json")

    assert (answer.status_code, answer.json()) == (200, [body[1], body[0]])
    assert alice_client.get(address).json() == [body[1], body[0]]


@pytest.mark.parametrize(
    "chapters",
    [
        {"start": 0},
        [{"start": 2.0, "title": "At the end"}],
        [{"start": -1, "title": "a"}],
        [{"start": 0, "title": " "}],
        [{"start": 1, "title": "a"}, {"start": 1, "title": "b"}],
    ],
)
def test_invalid_chapters_are_refused(alice_client, alice_video, chapters):
    address = f"/v2/videos/{alice_video.pk}/chapters"

    answer = alice_client.put(address, json.dumps(chapters), content_type="application/json")

    assert answer.status_code == 422
    assert alice_client.get(address).json() == []


@pytest.mark.parametrize(
    ("body", "message"),
    [({"start": 0}, "must be a JSON list"), ([1], "“0” must be a JSON object"), ([None], "“0” is missing")],
)
def test_a_body_of_the_wrong_shape_is_refused_with_a_sentence(alice_client, alice_video, body, message):
    address = f"/v2/videos/{alice_video.pk}/chapters"

    answer = alice_client.put(address, json.dumps(body), content_type="application/json")

    assert answer.status_code == 422
    assert message in answer.json()["error"]["message"]


def test_a_line_that_is_too_long_is_refused_rather_than_cut(alice_client, address):
    answer = put_cues(alice_client, address, [{"text": "a" * 5001, "offset": 0, "duration": 1}])

    assert answer.status_code == 422
    assert "more than 5,000 characters" in answer.json()["error"]["message"]
