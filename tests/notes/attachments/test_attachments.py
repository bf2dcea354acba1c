"""Drawings and frames of notes: the API, the worker, and what is deleted with them."""

import io
import json

import pytest
from PIL import Image

from notes.attachments.models import AttachmentJob, NoteAttachment
from notes.models import Note
from notes.writing import delete_notes_of
from sage.jobs import worker
from sage.limits.body_sizes import max_body_bytes
from sage.storage import storage
from tests.footage import real
from videos.models import Video

pytestmark = pytest.mark.django_db
DRAWING = {"shapes": [{"tool": "box", "color": "white", "points": [[0.1, 0.1], [0.4, 0.5]]}]}


def attach(client, note, **body):
    return client.post(f"/v2/notes/{note.pk}/attachments", body, "application/json")


@pytest.fixture
def film(alice):
    """Store an upload of Alice that is ready."""
    film = Video.objects.create(
        owner=alice, title="Film", filename="f.mp4", size=1, storage_key="uploads/film", duration=5.0, status="ready"
    )
    storage.put_file(film.storage_key, real("bigbuckbunny"))
    return film


@pytest.fixture
def frame(alice_client, make_note, film):
    """Attach a frame and let the worker cut it."""
    attach(alice_client, make_note(1.5, on=film), kind="frame")
    attachment = NoteAttachment.objects.get()
    worker.run(AttachmentJob, attachment.job.pk)
    attachment.refresh_from_db()
    return attachment


def test_a_drawing_is_attached_read_replaced_and_removed(alice_client, make_note):
    note = make_note()

    first = attach(alice_client, note, kind="drawing", drawing=DRAWING)
    second = attach(alice_client, note, kind="drawing", drawing=DRAWING).json()

    assert (first.status_code, first.json()["kind"]) == (201, "drawing")
    assert alice_client.get(second["url"]).json() == DRAWING
    assert alice_client.get(f"/v2/videos/{note.video.pk}/notes").json()[0]["attachments"] == [second]
    assert alice_client.delete(second["url"]).status_code == 204
    assert alice_client.get(f"/v2/videos/{note.video.pk}/notes").json()[0]["attachments"] == []


def test_a_drawing_of_10_mb_or_of_a_million_points_is_refused_in_words(alice_client, make_note):
    note = make_note()
    path = f"/v2/notes/{note.pk}/attachments"
    million: dict = {"shapes": [{"tool": "pen", "color": "red", "points": [[0.5, 0.5]] * 1_000_000}]}

    many = attach(
        alice_client, note, kind="drawing", drawing={"shapes": [{**million["shapes"][0], "points": [[0, 1]] * 30_000}]}
    )

    assert len(json.dumps(million)) > max_body_bytes("POST", path)  # the web server answers 413 before it reads them
    assert many.status_code == 422
    assert many.json()["error"]["message"].startswith("A drawing has at most 20,000 points.")
    assert not NoteAttachment.objects.exists()


@pytest.mark.parametrize(
    "body",
    [{}, {"kind": "video"}, {"kind": "drawing"}, {"kind": "frame", "drawing": DRAWING}, {"kind": "frame", "x": 1}],
)
def test_other_bodies_are_refused(alice_client, make_note, body):
    assert attach(alice_client, make_note(), **body).status_code == 422


def test_strangers_do_not_find_attachments(alice_client, bob_client, make_note):
    note = make_note()
    url = attach(alice_client, note, kind="drawing", drawing=DRAWING).json()["url"]

    assert bob_client.get(url).status_code == 404
    assert bob_client.delete(url).status_code == 404
    assert attach(bob_client, note, kind="drawing", drawing=DRAWING).status_code == 404
    assert alice_client.get(url.replace(str(note.pk), str(make_note().pk))).status_code == 404


def test_the_attachments_of_a_deleted_note_are_not_served(alice_client, make_note):
    note = make_note()
    url = attach(alice_client, note, kind="drawing", drawing=DRAWING).json()["url"]

    alice_client.delete(f"/v2/notes/{note.pk}")
    assert alice_client.get(url).status_code == 404
    alice_client.post(f"/v2/notes/{note.pk}/restore")
    assert alice_client.get(url).status_code == 200


def test_a_worker_cuts_the_frame_at_the_time_of_the_note(alice_client, frame):
    answer = alice_client.get(frame.url)

    picture = Image.open(io.BytesIO(storage.read(frame.key)))
    assert (answer["Content-Type"], picture.format) == ("image/jpeg", "JPEG")
    assert 2 <= picture.width <= 1280


def test_a_frame_that_is_not_cut_yet_says_so(alice_client, make_note, film):
    url = attach(alice_client, make_note(1.5, on=film), kind="frame").json()["url"]

    answer = alice_client.get(url)
    assert (answer.status_code, "not ready yet" in answer.json()["error"]["message"]) == (404, True)


def test_a_frame_of_a_lost_file_fails_with_a_sentence(alice_client, make_note, film):
    storage.delete(film.storage_key)
    url = attach(alice_client, make_note(1.5, on=film), kind="frame").json()["url"]

    worker.run(AttachmentJob, AttachmentJob.objects.get().pk)
    assert "missing from storage" in alice_client.get(url).json()["error"]["message"]


def test_youtube_videos_and_unread_uploads_have_no_frames(alice_client, make_note):
    alice_client.post("/v2/videos/dQw4w9WgXcQ/notes", {"timestamp": "0:05"}, "application/json")

    on_youtube = attach(alice_client, Note.objects.get(), kind="frame")
    assert (on_youtube.status_code, "no file of a YouTube video" in on_youtube.json()["error"]["message"]) == (
        422,
        True,
    )
    note = make_note()
    Video.objects.filter(pk=note.video.pk).update(status="failed")
    assert attach(alice_client, note, kind="frame").status_code == 409


def test_the_file_goes_with_the_attachment_and_with_the_owner(
    alice, alice_client, frame, django_capture_on_commit_callbacks
):
    assert storage.stat(frame.key).size

    with django_capture_on_commit_callbacks(execute=True):
        delete_notes_of(alice)
    with pytest.raises(FileNotFoundError):
        storage.stat(frame.key)
