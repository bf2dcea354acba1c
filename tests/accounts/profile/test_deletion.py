from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts import tasks
from accounts.credentials import tokens
from accounts.models import LongTermToken, User
from accounts.profile import avatars, deletion
from accounts.signin import jwts
from billing import ledger
from billing.models import Account, Entry
from sage.storage import storage
from tests.long_script import build_script
from videos.comparisons import sharing
from videos.models import Collection, Comparison, Job, Upload, Video

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery"


def log_in(client):
    return client.post("/account/login/", {"login": "alice@example.org", "password": PASSWORD}, follow=True)


def delete_account(client):
    """Delete the account on its page, which asks for the password again."""
    log_in(client)
    client.post("/account/delete/")
    return client.post(
        "/account/reauthenticate/?next=/account/delete/", {"password": PASSWORD, "next": "/account/delete/"}
    )


def expire_grace_period(*users):
    """Request the deletion of these users so long ago that their grace period is over."""
    for user in users:
        deletion.request_deletion(user)
        User.objects.filter(pk=user.pk).update(deleted_at=timezone.now() - deletion.grace_period() - timedelta(hours=1))


@pytest.fixture
def shared_path(alice, tmp_path):
    """Create videos, a shared comparison, a collection, a picture and tokens. Return the path of the shared link."""
    film = tmp_path / "film"
    film.write_bytes(b"film")
    facts = {"owner": alice, "filename": "f.mp4", "size": 4, "status": "ready", "duration": 2.0}
    videos = [Video.objects.create(title=key, storage_key=f"videos/{key}", **facts) for key in "ab"]
    for video in videos:
        storage.put_file(video.storage_key, film)
        storage.put_file(video.derived_key("poster.jpg"), film)
        Job.objects.create(video=video, kind=Job.Kind.INGEST)
    comparison = Comparison.objects.create(owner=alice, video_a=videos[0], video_b=videos[1], script=build_script(3))
    Job.objects.create(comparison=comparison, kind=Job.Kind.COMPARE, status=Job.Status.COMPLETED)
    Collection.objects.create(owner=alice, name="c")
    storage.put_file(f"pictures/{alice.pk}/p.jpg", film)
    ledger.grant(alice.pk, 100, "A gift", "gift")
    return sharing.build_share_path(sharing.share_comparison(comparison))


def test_a_deleted_account_is_closed_at_once_and_restored_by_logging_in(client, alice, shared_path):
    token, jwt = tokens.create_token(alice)[1], jwts.issue(alice)
    assert client.get(shared_path).status_code == 200

    answer = delete_account(client)

    alice.refresh_from_db()
    assert "Log in before then to keep it" in answer.content.decode()
    assert deletion.removal_time(alice) > timezone.now() + timedelta(days=13)
    assert client.get(shared_path).status_code == 410
    assert client.get("/library/").status_code == 302
    for bearer in (token, jwt):
        assert client.get("/v2/auth/tokens", headers={"Authorization": f"Bearer {bearer}"}).status_code == 401

    answer = log_in(client)

    alice.refresh_from_db()
    assert alice.deleted_at is None and "Your account is restored" in answer.content.decode()
    assert client.get(shared_path).status_code == 200


def test_after_the_grace_period_all_data_of_the_user_is_deleted(alice, bob, shared_path):
    tokens.create_token(alice)
    Video.objects.create(owner=bob, title="b", filename="b.mp4", size=1, storage_key="videos/bobs")
    deletion.request_deletion(alice)
    deletion.remove_expired()
    assert User.objects.filter(pk=alice.pk).exists()
    expire_grace_period(alice)

    deletion.remove_expired()
    deletion.remove_expired()

    assert list(User.objects.all()) == [bob]
    assert [video.owner for video in Video.all_objects.all()] == [bob]
    kinds = (Comparison.all_objects, Collection.objects, Upload.objects, Job.objects, LongTermToken.objects)
    assert not any(rows.exists() for rows in kinds)
    assert not [key for below in ("videos", "derived", "comparisons", "pictures") for key in storage.keys(below)]
    assert Entry.objects.filter(reference="gift").exists()
    assert Account.objects.get().closed_at, "no more months are granted"


def test_an_interrupted_removal_continues_and_cannot_be_cancelled(alice, shared_path, monkeypatch):
    expire_grace_period(alice)
    with monkeypatch.context() as failing:
        failing.setattr(avatars, "delete_files", lambda user: 1 / 0)
        deletion.remove_expired()
    assert User.objects.filter(pk=alice.pk).exists()

    assert not deletion.cancel_deletion(alice)
    deletion.remove_expired()

    assert not User.objects.exists()


def test_a_user_who_cannot_be_removed_does_not_block_others(alice, bob, monkeypatch):
    expire_grace_period(alice, bob)
    carol = User.objects.create_user("carol@example.org", name="Carol")
    delete_files = avatars.delete_files
    monkeypatch.setattr(avatars, "delete_files", lambda user: 1 / 0 if user == alice else delete_files(user))

    tasks.clean()

    assert set(User.objects.all()) == {alice, carol}


def test_log_entries_of_a_removed_operator_keep_their_id(client, bob):
    root = User.objects.create_superuser("root@example.org", PASSWORD, name="Root")
    client.force_login(root)
    form = {"email": "bob@example.org", "name": "Robert", "is_active": "on"}
    client.post(f"/admin/accounts/user/{bob.pk}/change/", form)
    expire_grace_period(root)

    deletion.remove_expired()

    entry = LogEntry.objects.get()
    assert entry.user == User.objects.system() and entry.object_id == str(bob.pk)
    assert entry.get_change_message() == f"Changed Name. By {root.pk}, whose account was removed."


def test_log_entries_do_not_name_a_removed_user(client, alice):
    client.force_login(User.objects.create_superuser("root@example.org", PASSWORD, name="Root"))
    client.post(f"/admin/accounts/user/{alice.pk}/change/", {"email": alice.email, "name": "Alicia", "is_active": "on"})
    expire_grace_period(alice)

    deletion.remove_expired()

    entry = LogEntry.objects.get()
    assert entry.object_id == str(alice.pk) and "Alic" not in f"{entry} {entry.object_repr} {entry.change_message}"
