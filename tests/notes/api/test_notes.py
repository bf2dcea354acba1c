"""`/v2/videos/{video_id}/notes` and `/v2/notes/{id}`."""

import uuid

import pytest

from accounts.credentials import tokens
from notes.models import Note
from videos.library import deletion
from videos.models import Comparison, Video

pytestmark = pytest.mark.django_db
YOUTUBE_ID = "dQw4w9WgXcQ"
KEYS = [
    *("id", "video_id", "comparison_id", "side", "timestamp", "end_timestamp", "seconds", "end_seconds", "text"),
    *("tags", "attachments", "generated_by_ai", "done", "reply_to", "author_name", "carried"),
    *("created_at", "updated_at", "user_id"),
]
LIST_QUERIES = 4  # user, video, notes, attachments


def post(client, video, body, **headers):
    return client.post(f"/v2/videos/{video.video_id}/notes", body, "application/json", headers=headers)


def patch(client, note, body):
    return client.patch(f"/v2/notes/{note.pk}", body, "application/json")


def refused(answer):
    return answer.status_code, answer.json()["error"]["details"][0]["field"]


def test_a_note_has_the_keys_of_the_contract(alice_client, alice, video):
    answer = post(alice_client, video, {"timestamp": "75:03", "text": " Too early ", "tags": ["#title", "title", ""]})

    note = answer.json()
    assert answer.status_code == 201
    assert list(note) == KEYS
    assert (note["timestamp"], note["seconds"], note["text"], note["tags"]) == ("1:15:03", 4503, "Too early", ["title"])
    assert (note["video_id"], note["user_id"], note["author_name"]) == (str(video.pk), str(alice.pk), "Alice")
    assert (note["attachments"], note["carried"], note["side"], note["done"]) == ([], None, None, False)


def test_seconds_stay_exact_and_the_timestamp_is_rounded_down(alice_client, video):
    note = post(alice_client, video, {"seconds": 47.92, "end_seconds": 52.5}).json()

    assert (note["seconds"], note["timestamp"]) == (47.92, "0:47")
    assert (note["end_seconds"], note["end_timestamp"]) == (52.5, "0:52")


def test_notes_are_listed_by_time_and_only_to_their_author(alice_client, bob_client, video, make_note):
    for seconds in (30, 5.5, 12):
        make_note(seconds)

    path = f"/v2/videos/{video.pk}/notes"
    assert [note["seconds"] for note in alice_client.get(path).json()] == [5.5, 12, 30]
    assert bob_client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "timestamp"),
        ({"timestamp": "1:2"}, "timestamp"),
        ({"timestamp": "99:99"}, "timestamp"),
        ({"timestamp": "-0:01"}, "timestamp"),
        ({"timestamp": "١:٠٥"}, "timestamp"),
        ({"timestamp": 5}, "timestamp"),
        ({"timestamp": "100:01"}, "timestamp"),
        ({"timestamp": "0:05", "seconds": 6.2}, "timestamp"),
        ({"seconds": -1}, "seconds"),
        ({"seconds": "5"}, "seconds"),
        ({"timestamp": "0:05", "end_timestamp": "0:05"}, "end_timestamp"),
        ({"timestamp": "0:05", "text": "x" * 10_001}, "text"),
        ({"timestamp": "0:05", "text": "a\0b"}, "text"),
        ({"timestamp": "0:05", "text": 5}, "text"),
        ({"timestamp": "0:05", "tags": ["a,b"]}, "tags"),
        ({"timestamp": "0:05", "tags": [str(number) for number in range(21)]}, "tags"),
        ({"timestamp": "0:05", "side": "a"}, "comparison_id"),
        ({"timestamp": "0:05", "reply_to": str(uuid.uuid4())}, "reply_to"),
        ({"timestamp": "0:05", "colour": "red"}, "colour"),
        ({"timestamp": "0:05", "done": True}, "done"),
    ],
)
def test_invalid_values_are_422(alice_client, video, body, field):
    assert refused(post(alice_client, video, body)) == (422, field)
    assert not Note.all_objects.exists()


def test_blank_text_is_null(alice_client, video, make_note):
    assert post(alice_client, video, {"timestamp": "0:05", "text": "  "}).json()["text"] is None
    assert patch(alice_client, make_note(), {"text": ""}).json()["text"] is None


def test_a_note_is_changed(alice_client, make_note):
    changes = {"text": "Later", "done": True, "tags": ["sound"], "end_timestamp": "1:00", "generated_by_ai": True}

    changed = patch(alice_client, make_note(), changes).json()

    assert {name: changed[name] for name in changes} == changes
    assert changed["seconds"] == 47.02


def test_a_start_that_moves_behind_the_end_is_422(alice_client, make_note):
    note = make_note(10, end_seconds=20)

    assert refused(patch(alice_client, note, {"timestamp": "0:30"})) == (422, "end_timestamp")
    assert patch(alice_client, note, {"timestamp": "0:30", "end_timestamp": None}).json()["end_seconds"] is None


def test_no_key_is_400_and_an_unknown_key_is_422(alice_client, make_note):
    note = make_note()

    assert patch(alice_client, note, {}).status_code == 400
    assert refused(patch(alice_client, note, {"reply_to": None})) == (422, "reply_to")


def test_a_deleted_note_is_restored_with_its_replies(alice_client, video, make_note):
    note = make_note()
    reply = make_note(None, "Fixed", reply_to=note.pk)

    answer = alice_client.delete(f"/v2/notes/{note.pk}")
    assert (answer.status_code, list(answer.json())) == (200, ["message"])
    assert alice_client.get(f"/v2/videos/{video.pk}/notes").json() == []
    assert alice_client.delete(f"/v2/notes/{note.pk}").status_code == 404

    assert alice_client.post(f"/v2/notes/{note.pk}/restore").json()["id"] == str(note.pk)
    assert len(alice_client.get(f"/v2/videos/{video.pk}/notes").json()) == 2
    assert alice_client.post(f"/v2/notes/{note.pk}/restore").status_code == 409
    assert reply.seconds == note.seconds


def test_a_reply_cannot_be_replied_to(alice_client, video, make_note):
    reply = make_note(None, "Fixed", reply_to=make_note().pk)

    answer = post(alice_client, video, {"timestamp": "0:47", "reply_to": str(reply.pk)})

    assert refused(answer) == (422, "reply_to")


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_another_users_note_is_404(bob_client, make_note, method):
    note = make_note()

    answer = getattr(bob_client, method)(f"/v2/notes/{note.pk}", {"done": True}, "application/json")

    assert answer.status_code == 404
    assert bob_client.post(f"/v2/notes/{note.pk}/restore").status_code == 404
    assert Note.objects.get() == note


def test_a_long_term_token_only_creates_notes(client, alice, video, make_note):
    headers = {"Authorization": f"Bearer {tokens.create_token(alice)[1]}"}
    note = make_note()

    assert post(client, video, {"timestamp": "0:05"}, **headers).status_code == 201
    assert client.get(f"/v2/videos/{video.pk}/notes", headers=headers).status_code == 403
    assert client.delete(f"/v2/notes/{note.pk}", headers=headers).status_code == 403


def test_a_repeated_request_creates_one_note(client, alice_headers, video):
    headers = {**alice_headers, "Idempotency-Key": "once"}

    first = post(client, video, {"timestamp": "0:05"}, **headers)
    again = post(client, video, {"timestamp": "0:05"}, **headers)

    assert again.json() == first.json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert Note.objects.count() == 1


def test_a_note_adds_a_youtube_video_with_its_jobs_and_a_title(alice_client, bob_client):
    path = f"/v2/videos/{YOUTUBE_ID}/notes"
    note = alice_client.post(path, {"timestamp": "0:05", "video_title": "Song"}, "application/json").json()
    bob_client.post(path, {"timestamp": "0:07", "video_title": "Another"}, "application/json")

    video = Video.objects.get()
    assert (video.youtube_id, video.title, note["video_id"]) == (YOUTUBE_ID, "Song", YOUTUBE_ID)
    assert video.jobs.exists()
    assert [row["video_id"] for row in alice_client.get("/v2/videos").json()["videos"]] == [YOUTUBE_ID]
    assert [row["timestamp"] for row in alice_client.get(path).json()] == ["0:05"]


def test_an_invalid_note_adds_no_video(alice_client):
    answer = alice_client.post(f"/v2/videos/{YOUTUBE_ID}/notes", {"timestamp": "1:2"}, "application/json")

    assert answer.status_code == 422
    assert not Video.objects.exists()


def test_notes_go_and_come_back_with_the_library_entry(alice_client):
    path = f"/v2/videos/{YOUTUBE_ID}/notes"
    alice_client.post(path, {"timestamp": "0:05"}, "application/json")

    alice_client.delete(f"/v2/videos/{YOUTUBE_ID}")
    assert alice_client.get(path).json() == []
    alice_client.post(f"/v2/videos/{YOUTUBE_ID}/restore")
    assert len(alice_client.get(path).json()) == 1


def test_deleting_a_video_hides_its_notes(alice_client, video, make_note):
    note = make_note()

    deletion.delete_video(video)

    assert patch(alice_client, note, {"done": True}).status_code == 404
    assert not Note.objects.exists()


def test_a_note_on_a_comparison_is_on_the_side_of_its_video(alice_client, alice, bob_client, video, make_note):
    other = Video.objects.create(owner=alice, title="b", filename="b.mp4", size=1, storage_key="b", duration=9.0)
    compared = Comparison.objects.create(owner=alice, video_a=other, video_b=video)
    body = {"timestamp": "0:05", "comparison_id": str(compared.pk)}

    assert post(alice_client, video, body).json()["side"] == "b"
    assert refused(post(alice_client, video, {**body, "side": "a"})) == (422, "side")
    assert post(alice_client, video, {**body, "comparison_id": str(uuid.uuid4())}).status_code == 404


def test_the_query_count_does_not_grow_with_the_list(alice_client, video, make_note, django_assert_num_queries):
    alice_client.get(f"/v2/videos/{video.pk}/notes")  # the first request of a session writes it
    for count in (1, 5):
        for number in range(count):
            make_note(number)
        with django_assert_num_queries(LIST_QUERIES):
            alice_client.get(f"/v2/videos/{video.pk}/notes")


def test_a_change_of_another_version_is_refused(alice_client, make_note):
    path = f"/v2/notes/{make_note().pk}"
    seen = alice_client.patch(path, {"text": "First"}, content_type="application/json").json()["updated_at"]

    def change(text, tag):
        headers = {"If-Match": tag}
        return alice_client.patch(path, {"text": text}, content_type="application/json", headers=headers).status_code

    assert change("Second", f'"{seen}"') == 200
    assert change("Third", f'"{seen}"') == 409
    assert change("Fourth", "*") == 200
    assert change("Fifth", '"yesterday"') == 400
