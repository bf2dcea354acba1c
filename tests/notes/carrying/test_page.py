"""The page of a version lists the notes of earlier versions, and places them by hand without scripts."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notes.models import CarriedNote, Note
from tests.notes.carrying_rows import RECUT, compare, create_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(alice):
    return create_version(alice, "cut 1", 60)


@pytest.fixture
def second(alice, first):
    video = create_version(alice, "cut 2", 50, of=first)
    compare(first, video, RECUT)
    return video


def show(client, video, query=""):
    return client.get(f"/videos/{video.pk}/?panel=notes{query}").content.decode()


def place(client, video, note, **body):
    return client.post(f"/videos/{video.pk}/notes/{note.pk}/place/", body)


def test_each_note_says_what_became_of_its_moment(alice_client, make_note, first, second):
    for seconds in (5, 25, 35, 15):
        make_note(seconds, on=first)
    make_note(16, on=first, done=True)

    page = show(alice_client, second)

    for words in ("Unchanged", "Changed here", "Moved, now at 0:45", "Deleted", "Version 1"):
        assert f">{words}" in page
    assert "5 notes: 1 done, 1 changed since, 1 moved, 1 deleted, 1 unchanged" in page
    assert 'data-regions="[{&quot;x&quot;: 0.1' in page
    assert page.count('data-start="') >= 3
    assert "5 notes:" not in show(alice_client, first)


def test_a_carried_note_has_a_mark_in_the_timeline(alice_client, make_note, first, second):
    make_note(35, "Logo", on=first)
    make_note(15, "Gone", on=first)

    page = show(alice_client, second)

    marks = page[page.index('data-marks="notes"') : page.index("</section>", page.index('data-marks="notes"'))]
    assert 'data-seconds="45.000"' in marks
    assert "Logo" in marks
    assert "Gone" not in marks


def test_a_note_is_placed_by_hand_and_returned(alice_client, make_note, first, second):
    note = make_note(15, on=first)

    answer = place(alice_client, second, note, timestamp="0:33")

    assert answer.url == f"/videos/{second.pk}/?panel=notes&t=33.00#note-{note.pk}"
    assert "Placed by hand at 0:33" in show(alice_client, second)
    assert Note.objects.get(pk=note.pk).seconds == 15

    alice_client.post(f"/videos/{second.pk}/notes/{note.pk}/unplace/")

    assert "Placed by hand" not in show(alice_client, second)
    assert CarriedNote.objects.get().state == "deleted"


def test_the_exact_second_of_the_player_is_used(alice_client, make_note, first, second):
    note = make_note(15, on=first)

    place(alice_client, second, note, timestamp="0:33", seconds="33.48")
    assert CarriedNote.objects.get().seconds == 33.48

    place(alice_client, second, note, timestamp="0:12", seconds="33.48")  # the time was typed
    assert CarriedNote.objects.get().seconds == 12


@pytest.mark.parametrize(
    ("timestamp", "message"),
    [("1:2", "Enter a time"), ("", "Enter the time"), ("0:51", "after the end"), ("-1:00", "Enter a time")],
)
def test_an_invalid_time_changes_nothing(alice_client, make_note, first, second, timestamp, message):
    note = make_note(15, on=first)

    answer = alice_client.post(f"/videos/{second.pk}/notes/{note.pk}/place/", {"timestamp": timestamp}, follow=True)

    assert message in answer.content.decode()
    assert CarriedNote.objects.get().seconds is None


def test_a_stranger_and_a_note_that_was_not_carried_are_not_found(alice_client, bob_client, make_note, first, second):
    note, own = make_note(15, on=first), make_note(5, on=second)

    assert place(bob_client, second, note, timestamp="0:05").status_code == 404
    assert place(alice_client, second, own, timestamp="0:05").status_code == 404
    assert place(alice_client, first, note, timestamp="0:05").status_code == 404


def test_forms_return_to_the_version_that_showed_the_note(alice_client, make_note, first, second):
    note = make_note(25, on=first)
    page = show(alice_client, second)
    assert f'action="/notes/{note.pk}/done/?on={second.pk}"' in page

    done = alice_client.post(f"/notes/{note.pk}/done/?on={second.pk}", {"done": "true"})
    reply = alice_client.post(f"/videos/{first.pk}/notes/?on={second.pk}", {"text": "Fixed.", "reply_to": note.pk})
    deleted = alice_client.post(f"/notes/{note.pk}/delete/?on={second.pk}")

    assert done.url == reply.url == f"/videos/{second.pk}/?panel=notes&note={note.pk}#note-{note.pk}"
    assert deleted.url == f"/videos/{second.pk}/?panel=notes&deleted={note.pk}#notes"
    assert Note.all_objects.get(text="Fixed.").video_id == first.pk


def test_the_queries_do_not_grow(alice_client, make_note, first, second):
    show(alice_client, second)  # loads the session
    counts = []
    for seconds in range(1, 10, 4):
        make_note(text="Agreed.", seconds=None, on=first, reply_to=make_note(seconds, on=first).pk)
        with CaptureQueriesContext(connection) as queries:
            show(alice_client, second)
        counts.append(len(queries))

    assert len(set(counts)) == 1
