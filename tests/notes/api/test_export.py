"""`GET /v2/notes/export` and `POST /v2/notes/import`."""

import asyncio
import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.viewer import Viewer
from notes import writing
from notes.models import Note
from tests.videos.passage_rows import create_video

pytestmark = pytest.mark.django_db
YOUTUBE_ID = "dQw4w9WgXcQ"


def export(client, kind, **query):
    """Return the text of an export, which is streamed asynchronously."""
    answer = client.get("/v2/notes/export", {"format": kind, **query})
    assert answer.status_code == 200, answer.content

    async def read():
        return b"".join([part async for part in answer.streaming_content])

    return asyncio.new_event_loop().run_until_complete(read()).decode()


def import_json(client, rows):
    return client.post("/v2/notes/import", rows, "application/json")


@pytest.fixture
def notes(make_note):
    note = make_note(47.02, "Too *early*\n\nreally", tags=["title", "logo in"], end_seconds=50.5, done=True)
    make_note(None, "=Fixed()", reply_to=note.pk)
    make_note(5, None)
    return note


@pytest.mark.django_db(transaction=True)
def test_markdown_has_a_list_for_each_video_with_replies_below(alice_client, notes):
    blank, reply = Note.objects.get(text=None), Note.objects.get(reply_to=notes)
    page = f"http://testserver/videos/{notes.video_id}/?panel=notes"

    assert export(alice_client, "md") == (
        f"# Autumn spot\n\n- [ ] [0:05]({page}&t=5.00#note-{blank.pk})\n"
        f"- [x] [0:47 – 0:50]({page}&t=47.02#note-{notes.pk}) Too *early*\n  \n  really #title #logo-in\n"
        f"  - [ ] [0:47]({page}&t=47.02#note-{reply.reply_to_id}) =Fixed()\n"
    )


@pytest.mark.django_db(transaction=True)
def test_subtitles_have_the_notes_with_a_text(alice_client, notes, video):
    text = export(alice_client, "srt", video_id=str(video.pk))

    assert text.startswith("1\n00:00:47,020 --> 00:00:50,500\nToo *early*\nreally\n\n2\n00:00:47,020 --> ")


@pytest.mark.django_db(transaction=True)
def test_a_spreadsheet_runs_no_text_as_a_formula(alice_client, notes):
    rows = list(csv.DictReader(io.StringIO(export(alice_client, "csv").removeprefix("\ufeff"))))

    assert [row["text"] for row in rows] == ["", "Too *early*\n\nreally", "'=Fixed()"]
    assert (rows[1]["tags"], rows[1]["done"], rows[1]["seconds"]) == ("title, logo in", "true", "47.02")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["json", "csv"])
def test_an_export_is_imported_again_and_nothing_is_doubled(alice_client, alice, notes, kind):
    content = export(alice_client, kind)
    before = {(note.seconds, note.text, note.done, tuple(note.tags)) for note in Note.objects.all()}
    file = {"file": SimpleUploadedFile(f"notes.{kind}", content.encode())}
    assert alice_client.post("/v2/notes/import", file).json() == {"created": 0, "skipped": 3}

    Note.all_objects.all().delete()
    file["file"].seek(0)
    answer = alice_client.post("/v2/notes/import", file)

    assert (answer.status_code, answer.json()) == (201, {"created": 3, "skipped": 0})
    assert {(note.seconds, note.text, note.done, tuple(note.tags)) for note in Note.objects.all()} == before
    assert Note.objects.get(text="=Fixed()").reply_to == Note.objects.get(done=True)


@pytest.mark.django_db(transaction=True)
def test_an_export_has_only_the_viewers_notes_of_the_tag(alice_client, bob, notes):
    theirs = create_video(bob, "Bob's")
    writing.create_note(Viewer(bob), theirs, writing.NewNote(seconds=1, text="Secret", tags=["title"]))

    assert [note["id"] for note in json.loads(export(alice_client, "json", tag="title"))] == [str(notes.pk)]
    assert alice_client.get("/v2/notes/export", {"format": "md", "video_id": str(theirs.pk)}).status_code == 404


@pytest.mark.parametrize(("query", "status"), [({}, 400), ({"format": "pdf"}, 400), ({"format": "srt"}, 422)])
def test_an_export_needs_a_format_and_subtitles_a_video(alice_client, query, status):
    assert alice_client.get("/v2/notes/export", query).status_code == status


def test_an_import_adds_youtube_videos_and_skips_uploads_of_others(alice_client, bob):
    theirs = create_video(bob, "Bob's")
    rows = [
        {"video_id": YOUTUBE_ID, "video_title": "Song", "timestamp": "0:05", "text": "Here"},
        {"video_id": str(theirs.pk), "timestamp": "0:05", "text": "Not mine"},
    ]

    assert import_json(alice_client, rows).json() == {"created": 1, "skipped": 1}
    assert Note.objects.get().video.title == "Song"


@pytest.mark.parametrize(
    "rows",
    [{}, ["a"], [{"timestamp": "0:05"}], [{"video_id": YOUTUBE_ID}], [{"video_id": YOUTUBE_ID, "timestamp": "1:2"}]],
)
def test_a_wrong_row_imports_nothing(alice_client, video, rows):
    good = {"video_id": str(video.pk), "timestamp": "0:05"}

    answer = import_json(alice_client, [good, *rows] if isinstance(rows, list) else rows)

    assert answer.status_code == 422
    assert not Note.objects.exists()


def test_an_import_that_adds_very_many_videos_is_refused(alice_client):
    rows = [{"video_id": f"dQw4w9W{number:04d}", "timestamp": "0:05"} for number in range(201)]

    answer = import_json(alice_client, rows)

    assert answer.status_code == 422
    assert "more than 200 videos" in answer.json()["error"]["message"]
    assert not Note.objects.exists()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[", b"a,b\n1,2\n", b'{"a": 1}'])
def test_another_file_is_refused(alice_client, content):
    answer = alice_client.post("/v2/notes/import", content, "text/csv")

    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "file")
