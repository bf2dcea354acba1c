"""`GET /v2/videos/{id}/notes?version=carried`."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notes import writing
from tests.notes.api.test_notes import KEYS
from tests.notes.carrying_rows import RECUT, SAME, compare, create_version

pytestmark = pytest.mark.django_db
CARRIED_QUERIES = 8  # user, video, notes, places, carried notes, replies, and the attachments of both


@pytest.fixture
def first(alice):
    return create_version(alice, "cut 1", 60)


@pytest.fixture
def second(alice, first):
    video = create_version(alice, "cut 2", 50, of=first)
    compare(first, video, RECUT)
    return video


def get(client, video, query="?version=carried"):
    return client.get(f"/v2/videos/{video.pk}/notes{query}")


def test_notes_of_earlier_versions_are_added(alice_client, make_note, first, second):
    moved, gone = make_note(35.5, on=first, end_seconds=38), make_note(65 - 50.5, on=first)
    own = make_note(20, on=second)

    shown = get(alice_client, second).json()

    assert [note["id"] for note in shown] == [str(own.pk), str(moved.pk), str(gone.pk)]
    assert [list(note) for note in shown] == [KEYS] * 3
    assert shown[0]["carried"] is None
    assert shown[1]["carried"] == {
        "from_video_id": str(first.pk), "state": "moved", "timestamp": "0:35", "seconds": 35.5
    }  # fmt: skip
    assert [shown[1][name] for name in ("video_id", "timestamp", "seconds", "end_timestamp", "end_seconds")] == [
        str(second.pk), "0:45", 45.5, "0:48", 48.0
    ]  # fmt: skip
    assert shown[2]["carried"]["state"] == "deleted"
    assert [shown[2][name] for name in ("timestamp", "seconds", "end_timestamp", "end_seconds")] == [None] * 4


def test_they_are_left_out_without_the_parameter(alice_client, make_note, first, second):
    make_note(5, on=first)

    assert get(alice_client, second, "").json() == []


def test_the_original_version_is_named_after_several_versions(alice, alice_client, make_note, first, second):
    third = create_version(alice, "cut 3", 50, of=second)
    compare(second, third, SAME)
    make_note(25, on=first)

    [note] = get(alice_client, third).json()

    assert note["carried"] == {
        "from_video_id": str(first.pk), "state": "changed", "timestamp": "0:25", "seconds": 25.0
    }  # fmt: skip
    assert (note["video_id"], note["seconds"]) == (str(third.pk), 15.0)


def test_replies_follow_their_note(alice_client, make_note, first, second):
    note = make_note(25, on=first)
    reply = make_note(text="Agreed.", seconds=None, on=first, reply_to=note.pk)

    shown = get(alice_client, second).json()

    assert [(each["id"], each["seconds"], each["carried"]["state"]) for each in shown] == [
        (str(note.pk), 15.0, "changed"),
        (str(reply.pk), 15.0, "changed"),
    ]


def test_a_note_is_marked_done_from_any_version(alice_client, make_note, first, second):
    note = make_note(25, on=first)

    alice_client.patch(f"/v2/notes/{note.pk}", {"done": True}, "application/json")

    assert [each["done"] for each in get(alice_client, second).json()] == [True]


def test_deleted_notes_and_those_of_a_deleted_version_are_hidden(alice_client, make_note, first, second):
    writing.delete_note(make_note(5, on=first))
    make_note(6, on=first)
    assert len(get(alice_client, second).json()) == 1

    alice_client.delete(f"/v2/videos/{first.pk}")

    assert get(alice_client, second).json() == []


def test_another_value_is_refused_and_a_stranger_finds_nothing(alice_client, bob_client, second):
    assert get(alice_client, second, "?version=").status_code == 422
    answer = get(alice_client, second, "?version=all")

    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "version")
    assert get(bob_client, second).status_code == 404


def test_the_queries_do_not_grow(alice_client, make_note, first, second):
    get(alice_client, second)  # loads the session
    counts = []
    for seconds in range(1, 10, 4):
        note = make_note(seconds, on=first)
        make_note(text="Agreed.", seconds=None, on=first, reply_to=note.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            get(alice_client, second)
        counts.append(len(queries))

    assert counts == [CARRIED_QUERIES] * 3
