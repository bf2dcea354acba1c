from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts import deletion, jwts, pictures, tasks, tokens
from accounts.models import LongTermToken, User
from billing import ledger
from billing.models import Account, Entry
from sage.storage import storage
from tests.many import script
from videos import sharing
from videos.models import Collection, Comparison, Job, Upload, Video

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery"


def log_in(client):
    return client.post("/account/login/", {"login": "alice@example.org", "password": PASSWORD}, follow=True)


def ask(client):
    """Delete the account by its page, which asks for the password again."""
    log_in(client)
    client.post("/account/delete/")
    return client.post(
        "/account/reauthenticate/?next=/account/delete/", {"password": PASSWORD, "next": "/account/delete/"}
    )


def is_due(*users):
    """They asked for it so long ago that their grace is over."""
    for user in users:
        deletion.ask(user)
        User.objects.filter(pk=user.pk).update(deleted_at=timezone.now() - deletion.grace() - timedelta(hours=1))


@pytest.fixture
def hers(alice, tmp_path):
    """A video with its files, a comparison that is shared, a collection, a started upload, a picture, tokens spent."""
    film = tmp_path / "film"
    film.write_bytes(b"film")
    facts = {"owner": alice, "filename": "f.mp4", "size": 4, "status": "ready", "duration": 2.0}
    made = [Video.objects.create(title=key, storage_key=f"videos/{key}", **facts) for key in "ab"]
    for video in made:
        storage.put_file(video.storage_key, film)
        storage.put_file(video.derived_key("poster.jpg"), film)
        Job.objects.create(video=video, kind=Job.Kind.INGEST)
    comparison = Comparison.objects.create(owner=alice, video_a=made[0], video_b=made[1], script=script(3))
    Job.objects.create(comparison=comparison, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)
    Collection.objects.create(owner=alice, name="c")
    storage.put_file(f"pictures/{alice.pk}/p.jpg", film)
    ledger.grant(alice.pk, 100, "a present", "present")
    return sharing.path(sharing.share(comparison))


def test_a_deleted_account_is_closed_at_once_and_kept_by_logging_in(client, alice, hers):
    token, jwt = tokens.make(alice)[1], jwts.issue(alice)
    assert client.get(hers).status_code == 200

    answer = ask(client)

    alice.refresh_from_db()
    assert "Log in before then to keep it" in answer.content.decode()
    assert deletion.goes_at(alice) > timezone.now() + timedelta(days=13)
    assert client.get(hers).status_code == 410
    assert client.get("/library/").status_code == 302
    for bearer in (token, jwt):
        assert client.get("/v2/auth/tokens", headers={"Authorization": f"Bearer {bearer}"}).status_code == 401

    answer = log_in(client)

    alice.refresh_from_db()
    assert alice.deleted_at is None and "Your account stays" in answer.content.decode()
    assert client.get(hers).status_code == 200


def test_after_the_grace_all_that_was_theirs_is_gone_and_what_others_have_stays(alice, bob, hers):
    tokens.make(alice)
    Video.objects.create(owner=bob, title="b", filename="b.mp4", size=1, storage_key="videos/bobs")
    deletion.ask(alice)
    deletion.forget_due()
    assert User.objects.filter(pk=alice.pk).exists()
    is_due(alice)

    deletion.forget_due()
    deletion.forget_due()

    assert list(User.objects.all()) == [bob]
    assert [video.owner for video in Video.everything.all()] == [bob]
    kinds = (Comparison.everything, Collection.objects, Upload.objects, Job.objects, LongTermToken.objects)
    assert not any(rows.exists() for rows in kinds)
    assert not [key for below in ("videos", "derived", "comparisons", "pictures") for key in storage.keys(below)]
    assert Entry.objects.filter(reference="present").exists()
    assert Account.objects.get().closed_at, "no more months are granted"


def test_a_removal_that_was_killed_half_way_goes_on_and_cannot_be_taken_back(alice, hers, monkeypatch):
    is_due(alice)
    with monkeypatch.context() as killed:
        killed.setattr(pictures, "remove_all", lambda user: 1 / 0)
        deletion.forget_due()
    assert User.objects.filter(pk=alice.pk).exists()

    assert not deletion.take_back(alice)
    deletion.forget_due()

    assert not User.objects.exists()


def test_one_who_cannot_be_removed_and_a_picture_that_cannot_be_drawn_hold_up_nobody(alice, bob, monkeypatch):
    is_due(alice, bob)
    carol = User.objects.create_user("carol@example.org", name="Carol", picture_sent="pictures/sent")
    remove_all = pictures.remove_all
    monkeypatch.setattr(pictures, "remove_all", lambda user: 1 / 0 if user == alice else remove_all(user))
    monkeypatch.setattr(pictures, "draw", lambda user_id: 1 / 0)

    tasks.clean()

    assert set(User.objects.all()) == {alice, carol}


def test_what_an_operator_did_stays_on_record_when_they_are_gone_by_their_id(client, bob):
    root = User.objects.create_superuser("root@example.org", PASSWORD, name="Root")
    client.force_login(root)
    form = {"email": "bob@example.org", "name": "Robert", "is_active": "on"}
    client.post(f"/admin/accounts/user/{bob.pk}/change/", form)
    is_due(root)

    deletion.forget_due()

    entry = LogEntry.objects.get()
    assert entry.user == User.objects.system() and entry.object_id == str(bob.pk)
    assert entry.get_change_message() == f"Changed Name. By {root.pk}, whose account was removed."


def test_nothing_on_record_names_a_person_who_was_removed(client, alice):
    client.force_login(User.objects.create_superuser("root@example.org", PASSWORD, name="Root"))
    client.post(f"/admin/accounts/user/{alice.pk}/change/", {"email": alice.email, "name": "Alicia", "is_active": "on"})
    is_due(alice)

    deletion.forget_due()

    entry = LogEntry.objects.get()
    assert entry.object_id == str(alice.pk) and "Alic" not in f"{entry} {entry.object_repr} {entry.change_message}"
