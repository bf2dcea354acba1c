"""The panel of notes on the page of a video, the page of all notes, and their forms."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.viewer import Viewer
from notes import writing
from notes.models import Note
from tests.videos.passage_rows import create_video
from videos.library import deletion
from videos.youtube import entries

pytestmark = pytest.mark.django_db
YOUTUBE_ID = "dQw4w9WgXcQ"
PAGE_QUERIES = 8  # of the page, its header, and the filters


def page_of(client, video, **query):
    return client.get(f"/videos/{video.video_id}/", query).content.decode()


def add(client, video, **fields):
    return client.post(f"/videos/{video.video_id}/notes/", fields)


def test_the_panel_is_first_and_shows_the_notes_by_time(alice_client, video, make_note):
    later, earlier = make_note(47.02, "Second"), make_note(5, "First")

    page = page_of(alice_client, video)

    assert page.index('data-panel="notes"') < page.index('data-panel="transcript"')
    assert page.index(f'id="note-{earlier.pk}"') < page.index(f'id="note-{later.pk}"')
    assert 'data-seconds="47.020"' in page


def test_notes_are_marks_in_the_timeline(alice_client, video, make_note):
    make_note(3000, "Half way", end_seconds=3060)

    page = page_of(alice_client, video)

    assert '<circle cx="50.0%"' in page
    assert '<rect x="50.0%" y="5" width="1.0%"' in page


def test_a_note_is_created_without_scripts(alice_client, video):
    answer = add(alice_client, video, timestamp="1:15:03", end_timestamp="", text="Too early", tags="title, #sound")

    note = Note.objects.get()
    assert answer.url == f"/videos/{video.pk}/?panel=notes&t=4503.00#note-{note.pk}"
    assert (note.seconds, note.text, note.tags) == (4503, "Too early", ["title", "sound"])


@pytest.mark.parametrize("fields", [{"timestamp": "1:2"}, {"timestamp": ""}, {"timestamp": "200:00"}, {"reply_to": ""}])
def test_an_invalid_note_is_reported(alice_client, video, fields):
    answer = alice_client.post(f"/videos/{video.pk}/notes/", {"text": "a", **fields}, follow=True)

    assert "The note was not saved." in answer.content.decode()
    assert not Note.objects.exists()


def test_a_reply_is_shown_below_its_note(alice_client, video, make_note):
    note = make_note()

    add(alice_client, video, reply_to=note.pk, text="Fixed")

    reply = Note.objects.get(reply_to=note)
    assert (reply.text, reply.seconds) == ("Fixed", note.seconds)
    assert f'class="note-reply" id="note-{reply.pk}"' in page_of(alice_client, video)


def test_an_edited_note_keeps_its_exact_time(alice_client, make_note):
    note = make_note(47.02)
    fields = {"text": "Later", "timestamp": "0:47", "end_timestamp": "", "tags": "logo"}

    assert 'value="0:47"' in alice_client.get(f"/notes/{note.pk}/edit/").content.decode()
    alice_client.post(f"/notes/{note.pk}/edit/", fields)
    note.refresh_from_db()
    assert (note.text, note.seconds, note.tags) == ("Later", 47.02, ["logo"])

    alice_client.post(f"/notes/{note.pk}/edit/", {**fields, "timestamp": "0:50"})
    note.refresh_from_db()
    assert note.seconds == 50
    assert alice_client.post(f"/notes/{note.pk}/edit/", {**fields, "timestamp": "200:00"}).status_code == 422


def test_a_note_is_marked_deleted_and_restored_without_scripts(alice_client, video, make_note):
    note = make_note()

    alice_client.post(f"/notes/{note.pk}/done/", {"done": "true"})
    assert Note.objects.get().done
    answer = alice_client.post(f"/notes/{note.pk}/delete/", follow=True)
    assert not Note.objects.exists()
    assert f'action="/notes/{note.pk}/restore/"' in answer.content.decode()
    alice_client.post(f"/notes/{note.pk}/restore/")
    assert Note.objects.get() == note


def test_the_panel_is_filtered_by_state_and_tag(alice_client, video, make_note):
    make_note(1, "Title card", tags=["title"])
    make_note(2, "Wind", tags=["sound"], done=True)

    for query, shown, hidden in (({"show": "open"}, "Title card", "Wind"), ({"tag": "sound"}, "Wind", "Title card")):
        panel = page_of(alice_client, video, **query).partition('class="notes-threads"')[2]
        assert f"<p>{shown}</p>" in panel
        assert f"<p>{hidden}</p>" not in panel


def test_markdown_in_a_note_cannot_run(alice_client, video, make_note):
    make_note(1, "**Bold** <script>alert(1)</script> [a](javascript:alert(1)) ![b](https://example.org/b.png)")

    page = page_of(alice_client, video)

    assert "<strong>Bold</strong>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert '<img src="https://example.org' not in page


def test_others_do_not_see_the_notes_of_a_shared_video(alice, bob_client, client):
    video = entries.add_video(Viewer(alice), YOUTUBE_ID)[0]
    writing.create_note(Viewer(alice), video, writing.NewNote(seconds=1, text="Secret plan"))

    assert "Secret plan" not in page_of(bob_client, video)
    guest = page_of(client, video)
    assert "Secret plan" not in guest
    assert "Sign in to take notes" in guest


def test_all_notes_are_listed_by_day_and_filtered(alice_client, alice, bob, video, make_note):
    make_note(1, "Title card", tags=["title"])
    make_note(2, "Wind", done=True, on=create_video(alice, "Other"))
    writing.create_note(Viewer(bob), create_video(bob, "Bob's"), writing.NewNote(seconds=1, text="Secret plan"))

    def listed(**query):
        page = alice_client.get("/notes/", query).content.decode()
        return [text for text in ("Title card", "Wind", "Secret plan") if f"<p>{text}</p>" in page]

    assert listed() == ["Title card", "Wind"]
    assert listed(tag="title") == listed(show="open") == listed(video=str(video.pk)) == ["Title card"]
    assert f"{timezone.now():%B %Y}" in alice_client.get("/notes/").content.decode()
    assert alice_client.get("/notes/", {"video": "no id"}).status_code == 404


def test_all_notes_are_filtered_by_author(alice_client, alice, make_note):
    make_note(1, "By hand")
    Note.objects.filter(pk=make_note(2, "By AI").pk).update(generated_by_ai=True)
    Note.objects.filter(pk=make_note(3, "By Grace").pk).update(guest_name="Grace")

    def listed(author):
        page = alice_client.get("/notes/", {"author": author}).content.decode()
        return [text for text in ("By hand", "By AI", "By Grace") if f"<p>{text}</p>" in page]

    assert listed("me") == ["By hand"]
    assert listed("ai") == ["By AI"]
    assert listed("guest:Grace") == ["By Grace"]
    assert listed("guest:") == []
    assert listed("") == listed("nobody") == ["By hand", "By AI", "By Grace"]
    assert '<option value="guest:Grace" >Grace</option>' in alice_client.get("/notes/").content.decode()


def test_the_navigation_has_notes(alice_client):
    assert '<a href="/notes/"' in alice_client.get("/library/").content.decode()


def test_the_query_counts_do_not_grow_with_the_notes(alice_client, video, make_note, django_assert_num_queries):
    page_of(alice_client, video)
    make_note(0, tags=["a"])
    with django_assert_num_queries(PAGE_QUERIES):
        alice_client.get("/notes/")
    counts = []
    for _ in range(2):
        for number in range(5):
            make_note(number, tags=["a"])
        with CaptureQueriesContext(connection) as captured:
            page_of(alice_client, video)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    with django_assert_num_queries(PAGE_QUERIES):
        alice_client.get("/notes/")


def shown_texts(page):
    return re.findall(r"<p>(Note \d+)</p>", page)


def test_the_panel_shows_the_page_of_notes_at_a_time_and_finds_in_all(alice_client, video, make_note, monkeypatch):
    monkeypatch.setattr("notes.panel.THREADS_PER_PAGE", 2)
    notes = [make_note(number * 10, f"Note {number}") for number in range(5)]

    page = page_of(alice_client, video, panel="notes")
    assert shown_texts(page) == ["Note 0", "Note 1"]
    assert "from=2#notes" in page and "1 – 2 of 5" in page
    assert page.count("<circle") == 5  # marks of all notes
    for query, texts in (
        ({"from": "2"}, ["Note 2", "Note 3"]),
        ({"t": "45.5"}, ["Note 4"]),
        ({"around": "30", "t": "0"}, ["Note 2", "Note 3"]),
        ({"note": str(notes[3].pk)}, ["Note 2", "Note 3"]),
        ({"find": "note 4"}, ["Note 4"]),
        ({"from": "99999"}, ["Note 4"]),
        ({"from": "-1"}, ["Note 0", "Note 1"]),
    ):
        part = alice_client.get(f"/videos/{video.video_id}/notes/", query).content.decode()
        assert shown_texts(part) == texts, query
        assert part.count("<form") < 20 and "<html" not in part


def test_the_list_of_notes_is_for_those_who_see_the_video(alice_client, bob_client, video):
    assert alice_client.get(f"/videos/{video.video_id}/notes/").status_code == 200
    assert bob_client.get(f"/videos/{video.video_id}/notes/").status_code == 404
    assert Client().get(f"/videos/{video.video_id}/notes/").status_code == 302


def test_an_edited_text_is_shown_at_once(alice_client, video, make_note):
    note = make_note(1, "**Early**")
    assert "<strong>Early</strong>" in page_of(alice_client, video)

    writing.update_note(note, {"text": "**Late**"})

    page = page_of(alice_client, video)
    assert "<strong>Late</strong>" in page and "Early" not in page


def test_notes_of_a_deleted_video_are_not_listed(alice_client, video, make_note):
    make_note()

    deletion.delete_video(video)

    assert "The logo appears" not in alice_client.get("/notes/").content.decode()


def test_a_note_that_was_changed_in_another_tab_is_not_replaced_unseen(alice_client, make_note):
    note = make_note()
    path, fields = f"/notes/{note.pk}/edit/", {"timestamp": "0:47", "tags": ""}
    first = read_known(alice_client.get(path))
    alice_client.post(path, {**fields, "text": "In the other tab", "known": first})

    refused = alice_client.post(path, {**fields, "text": "In this tab", "known": first})

    assert refused.status_code == 422
    assert "changed elsewhere" in refused.content.decode()
    assert "In this tab" in refused.content.decode()
    note.refresh_from_db()
    assert note.text == "In the other tab"
    alice_client.post(path, {**fields, "text": "In this tab", "known": read_known(refused)})
    note.refresh_from_db()
    assert note.text == "In this tab"


def read_known(answer):
    return re.search(r'name="known" value="(.*?)"', answer.content.decode())[1]


def test_a_note_is_edited_with_any_known_time(alice_client, make_note):
    path = f"/notes/{make_note().pk}/edit/"
    for known in ("", "yesterday", "2026-13-45T00:00:00Z", "\0"):
        fields = {"timestamp": "0:47", "tags": "", "text": "New", "known": known}
        assert alice_client.post(path, fields).status_code == 302


@pytest.mark.parametrize("query", ["tag=%00", "find=%00", "author=guest:%00", "show=%00"])
def test_a_character_that_no_note_can_have_finds_nothing_or_is_ignored(alice_client, make_note, video, query):
    make_note()

    for path in ("/notes/", f"/videos/{video.pk}/", f"/videos/{video.pk}/notes/"):
        assert alice_client.get(f"{path}?panel=notes&{query}").status_code == 200
    assert alice_client.get(f"/v2/notes/export?format=md&{query}").status_code == 200
