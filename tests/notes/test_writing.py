"""Notes are published, purged, found, and removed with their video, entry and account."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.profile import deletion
from accounts.viewer import Viewer
from notes import writing
from notes.models import Note
from sage.events import Topic
from videos.library import purge
from videos.models import LibraryEntry
from videos.youtube import entries

pytestmark = pytest.mark.django_db
YOUTUBE_ID = "dQw4w9WgXcQ"


@pytest.fixture
def youtube_video(alice):
    return entries.add_video(Viewer(alice), YOUTUBE_ID)[0]


def test_a_note_reaches_the_pages_of_its_author(alice, make_note, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(Topic, "publish", lambda topic, user_id, data: sent.append((topic.name, user_id, data)))

    with django_capture_on_commit_callbacks(execute=True):
        note = make_note()

    assert sent == [("notes", alice.pk, {"note_id": str(note.pk), "video_id": str(note.video_id)})]


def test_deleted_notes_are_removed_after_the_restore_period(settings, make_note):
    kept, expired = make_note(1), make_note(2)
    for note in (kept, expired):
        writing.delete_note(note)
    old = timezone.now() - timedelta(days=settings.DELETED_KEPT_DAYS, seconds=1)
    Note.all_objects.filter(pk=expired.pk).update(deleted_at=old)

    writing.delete_expired()

    assert list(Note.all_objects.all()) == [kept]


def test_a_note_cannot_be_restored_after_the_restore_period(alice_client, settings, make_note):
    note = make_note()
    old = timezone.now() - timedelta(days=settings.DELETED_KEPT_DAYS, seconds=1)
    Note.all_objects.update(deleted_at=old)

    assert alice_client.post(f"/v2/notes/{note.pk}/restore").status_code == 404


def test_purging_a_library_entry_removes_its_notes_only(alice, bob, youtube_video, make_note):
    make_note(1, on=youtube_video)
    entries.add_video(Viewer(bob), YOUTUBE_ID)
    theirs = writing.create_note(Viewer(bob), youtube_video, writing.NewNote(seconds=1))

    purge.purge_entry(LibraryEntry.objects.get(user=alice))

    assert list(Note.all_objects.all()) == [theirs]


def test_a_removed_account_takes_its_notes_away(alice, bob, youtube_video, make_note):
    make_note(1)
    writing.delete_note(make_note(1, on=youtube_video))
    entries.add_video(Viewer(bob), YOUTUBE_ID)
    theirs = writing.create_note(Viewer(bob), youtube_video, writing.NewNote(seconds=1))
    User.objects.filter(pk=alice.pk).update(deleted_at=timezone.now() - timedelta(days=400))

    deletion.remove_account(alice)

    assert list(Note.all_objects.all()) == [theirs]
    assert not User.objects.filter(pk=alice.pk).exists()


def test_search_finds_ones_own_notes_at_their_second(alice_client, bob_client, video, make_note):
    note = make_note(47.02, "The logo appears too early.")
    make_note(5, None)

    [found] = alice_client.get("/v2/search", {"q": "logo", "kind": "note"}).json()["results"]

    assert (found["kind"], found["video_id"], found["start"], found["end"]) == ("note", str(video.pk), 47.02, 47.02)
    assert found["marks"] == [[4, 8]]
    assert bob_client.get("/v2/search", {"q": "logo"}).json()["results"] == []
    page = alice_client.get("/search/", {"q": "logo"}).content.decode()
    assert f"t=47.020&amp;panel=notes#note-{note.pk}" in page
