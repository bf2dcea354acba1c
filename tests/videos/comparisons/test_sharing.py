import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from sage import errors
from sage.storage import storage
from videos.comparisons import requests, sharing
from videos.library import deletion, purge
from videos.models import Share, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def share(alice_comparison):
    return sharing.share_comparison(alice_comparison)


@pytest.fixture
def visitor_client():
    return Client()


def expire_share(share):
    Share.objects.filter(pk=share.pk).update(
        created_at=timezone.now() - timedelta(days=9), expires_at=timezone.now() - timedelta(days=1)
    )


def test_sharing_again_extends_the_same_link(alice_comparison, share):
    again = sharing.share_comparison(alice_comparison, days=30)

    assert (again.pk, sharing.build_share_path(again)) == (share.pk, sharing.build_share_path(share))
    assert again.expires_at > share.expires_at + timedelta(days=20)
    assert Share.objects.count() == 1


@pytest.mark.parametrize("end_share", [expire_share, lambda share: sharing.revoke_share(share.comparison)])
def test_an_ended_link_is_never_valid_again(alice_comparison, share, visitor_client, end_share):
    end_share(share)
    fresh = sharing.share_comparison(alice_comparison)

    assert sharing.build_share_path(fresh) != sharing.build_share_path(share)
    assert visitor_client.get(sharing.build_share_path(share)).status_code == 410
    assert visitor_client.get(sharing.build_share_path(fresh)).status_code == 200


def test_the_database_allows_one_open_share_per_comparison(share):
    with pytest.raises(IntegrityError), transaction.atomic():
        Share.objects.create(comparison=share.comparison, expires_at=timezone.now() + timedelta(days=1))


def test_an_unfinished_comparison_cannot_be_shared(alice, alice_pair):
    from accounts.viewer import Viewer

    with pytest.raises(errors.Conflict, match="complete"):
        sharing.share_comparison(requests.create_comparison(Viewer(alice), *alice_pair))


def test_a_visitor_can_view_but_not_change_a_comparison(share, visitor_client):
    page = visitor_client.get(sharing.build_share_path(share))

    assert page.status_code == 200
    assert "New shot, 1.0 s" in page.content.decode()
    assert "Shared by Alice" in page.content.decode()
    for word in ("/export/", "/share/", "/delete/", '"/videos/', "/v2/videos/", "alice@example.org"):
        assert word not in page.content.decode(), word
    assert visitor_client.post(sharing.build_share_path(share)).status_code == 405


def test_shared_pages_send_no_referrer_and_are_not_indexed(share, visitor_client):
    for path in (
        sharing.build_share_path(share),
        sharing.SharedMediaUrls(share).derived_url("a", "poster.jpg"),
        "/s/none",
    ):
        answer = visitor_client.get(path)
        assert answer.headers["Referrer-Policy"] == "same-origin", path
        assert "noindex" in answer.headers["X-Robots-Tag"], path
    assert b'name="robots" content="noindex' in visitor_client.get(sharing.build_share_path(share)).content


def test_shared_media_are_served_in_ranges(share, visitor_client, inserted_index):
    found = sharing.SharedMediaUrls(share)

    part = visitor_client.get(found.file_url("b"), headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.headers["Content-Length"]) == (206, "10")
    assert visitor_client.get(found.derived_url("a", "times.f64")).headers["Content-Length"] == str(40 * 8)
    for name in ("still-00000.jpg", "sprite-000.jpg", "poster.jpg"):
        assert visitor_client.get(found.derived_url("b", name)).headers["Content-Type"] == "image/jpeg"
    assert visitor_client.get(found.derived_url("b", "sprites.vtt")).status_code == 200
    assert visitor_client.get(found.picture_url(inserted_index, "b")).headers["Content-Type"] == "image/jpeg"
    assert visitor_client.get(found.picture_url(inserted_index, "a")).status_code == 404
    poster = found.derived_url("a", "poster.jpg")
    assert visitor_client.get(poster.replace("poster.jpg", "fingerprint.bin")).status_code == 404


def test_every_url_of_the_page_works_and_contains_no_token(share, visitor_client):
    import re

    path = sharing.build_share_path(share)
    page = visitor_client.get(path).content.decode()
    media = set(re.findall(r'"(/s/media/[^"#]+)', page))

    assert media
    assert not any(path.rpartition("/")[2] in address for address in media)
    for address in media:
        assert visitor_client.get(address).status_code in {200, 404}, address
    assert sum(visitor_client.get(address).status_code == 200 for address in media) >= 5


@pytest.mark.parametrize("has_rendition", [True, False])
def test_a_shared_video_is_the_playable_file_with_its_title(share, visitor_client, has_rendition):
    video = share.comparison.video_a
    Video.objects.filter(pk=video.pk).update(
        title="Trailer: final", filename="secret name.MOV", has_rendition=has_rendition
    )
    storage.put_stream(video.rendition_key, io.BytesIO(b"rendition"))

    answer = visitor_client.get(sharing.SharedMediaUrls(share).file_url("a"), {"original": ""})

    assert (answer.headers["Content-Length"] == "9") is has_rendition
    name = "Trailer final.mp4" if has_rendition else "Trailer final.MOV"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{name}"'


def test_media_requests_do_not_load_the_script(share, visitor_client, alice_client, inserted_index):
    found = sharing.SharedMediaUrls(share)
    ticket = f"{sharing.build_share_path(share)}/ticket"
    for path in (
        found.file_url("a"),
        found.derived_url("a", "poster.jpg"),
        found.picture_url(inserted_index, "b"),
        ticket,
    ):
        assert not loads_script(visitor_client, path), path
    assert not loads_script(alice_client, f"/compare/{share.comparison_id}/picture-{inserted_index}-b.jpg")
    assert loads_script(visitor_client, sharing.build_share_path(share))


def loads_script(client, path):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return any('"script"' in query["sql"].partition(" FROM ")[0] for query in queries)


def test_nothing_else_of_the_owner_is_reachable(share, visitor_client, alice, make_video, clip):
    other = make_video(alice, clip, name="other.mp4")
    compared = share.comparison
    visitor_client.get(sharing.build_share_path(share))  # keeps the cookies of the shared page
    a = compared.video_a
    for path in (
        f"/compare/{compared.pk}/",
        f"/compare/{compared.pk}/picture-1-b.jpg",
        f"/compare/{compared.pk}/export/?format=json",
        f"/compare/{compared.pk}/report/",
        f"/videos/{a.pk}/",
        f"/videos/{a.pk}/poster.jpg",
        f"/v2/videos/{a.pk}/file",
        f"/videos/{other.pk}/",
        f"/v2/videos/{other.pk}/file",
    ):
        assert visitor_client.get(path).status_code == 404, path
    for path in (f"/v2/comparisons/{compared.pk}", f"/v2/comparisons/{compared.pk}/export?format=json"):
        assert visitor_client.get(path).status_code == 401, path
    for path in ("/library/", "/compare/"):
        assert visitor_client.get(path).url.startswith("/account/login/"), path
    assert visitor_client.post(f"/compare/{compared.pk}/threshold/", {"threshold": "0.2"}).status_code in {302, 403}
    compared.refresh_from_db()
    assert compared.threshold is None


def test_a_ticket_opens_its_own_comparison_only(share, visitor_client):
    ticket = sharing.SharedMediaUrls(share).ticket
    forged = [ticket[:-1] + ("A" if ticket[-1] != "A" else "B"), "x", ticket.replace(".", ".0", 1), "..", "%2e%2e"]

    for wrong in forged:
        assert visitor_client.get(f"/s/media/{wrong}/a/file").status_code == 404, wrong


def test_an_expired_ticket_is_410_with_advice(share, visitor_client, monkeypatch):
    address = sharing.SharedMediaUrls(share).file_url("a")
    monkeypatch.setattr(sharing, "TICKET_LIFETIME", timedelta(seconds=-10))

    answer = visitor_client.get(address)

    assert answer.status_code == 410
    assert "Reload" in answer.content.decode()


@pytest.mark.parametrize("token", ["x", "A" * 43, "_" * 43, "A" * 42, "A" * 5000, "-"])
def test_an_unknown_link_is_404(visitor_client, db, token):
    assert visitor_client.get(f"/s/{token}").status_code == 404


def test_a_changed_token_is_404(share, visitor_client):
    path = sharing.build_share_path(share)
    for place in (3, 12, 24, 40):
        wrong = path[: 3 + place] + ("A" if path[3 + place] != "A" else "B") + path[4 + place :]
        assert visitor_client.get(wrong).status_code == 404, place


def test_a_token_with_other_unused_bits_is_404(share, visitor_client):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    path = sharing.build_share_path(share)
    after = letters[letters.index(path[-1]) + 1]  # the two lowest bits of the last letter are unused

    assert visitor_client.get(path[:-1] + after).status_code == 404


def test_another_secret_key_invalidates_every_link(share, visitor_client, settings):
    path = sharing.build_share_path(share)
    settings.SECRET_KEY = "another" * 10

    assert visitor_client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("end_share", "message"),
    [
        (expire_share, "has expired"),
        (lambda share: sharing.revoke_share(share.comparison), "revoked by its owner"),
        (lambda share: deletion.delete_video(share.comparison.video_a), "was deleted"),
        (lambda share: deletion.delete_video(share.comparison.video_b), "was deleted"),
        (lambda share: deletion.delete_comparison(share.comparison), "was deleted"),
        (lambda share: User.objects.update(is_active=False), "was deleted"),
    ],
)
def test_an_ended_link_shows_the_reason_and_its_media_are_410(share, visitor_client, end_share, message):
    media = sharing.SharedMediaUrls(share).file_url("a")
    end_share(share)

    page = visitor_client.get(sharing.build_share_path(share))

    assert page.status_code == 410
    assert message in page.content.decode()
    assert visitor_client.get(media).status_code == 410


def test_an_expired_link_shows_the_reason_after_a_new_link_exists(alice_comparison, share, visitor_client):
    expire_share(share)
    sharing.share_comparison(alice_comparison)

    assert "has expired" in visitor_client.get(sharing.build_share_path(share)).content.decode()


def test_opens_are_counted_except_those_of_the_owner(alice_client, share, visitor_client):
    alice_client.get(sharing.build_share_path(share))
    visitor_client.head(sharing.build_share_path(share))
    for _ in range(3):
        visitor_client.get(sharing.build_share_path(share))

    share.refresh_from_db()
    assert share.opens == 3
    assert timezone.now() - share.last_opened_at < timedelta(minutes=1)


def test_purging_a_comparison_deletes_its_shares(share, visitor_client):
    purge.purge_comparison(share.comparison)

    assert not Share.objects.exists()
    assert visitor_client.get(sharing.build_share_path(share)).status_code == 404


# --- API ---


def test_the_api_creates_and_revokes_a_link(alice_client, alice_comparison, visitor_client):
    here = f"/v2/comparisons/{alice_comparison.pk}/share"

    created = alice_client.post(here, {"expires_in_days": 3}, "application/json")
    assert (created.status_code, set(created.json())) == (200, {"url", "expires_at", "allow_comments"})
    assert created.json()["url"].startswith("http://testserver/s/")
    assert visitor_client.get(created.json()["url"]).status_code == 200
    assert alice_client.delete(here).status_code == 204
    assert alice_client.delete(here).status_code == 404
    assert visitor_client.get(created.json()["url"]).status_code == 410


@pytest.mark.parametrize("days", [0, -1, 366, "soon", 1.5, None, [1]])
def test_an_invalid_number_of_days_is_422(alice_client, alice_comparison, days):
    answer = alice_client.post(
        f"/v2/comparisons/{alice_comparison.pk}/share", {"expires_in_days": days}, "application/json"
    )

    assert answer.status_code == 422
    assert not Share.objects.exists()


def test_only_the_owner_can_share(bob_client, alice_comparison, share):
    here = f"/v2/comparisons/{alice_comparison.pk}/share"

    assert bob_client.post(here, {"expires_in_days": 3}, "application/json").status_code == 404
    assert bob_client.delete(here).status_code == 404
    assert bob_client.post(f"/compare/{alice_comparison.pk}/share/", {"expires_in_days": 3}).status_code == 404
    assert Client().delete(here).status_code == 401
    assert Share.objects.get().is_active


# --- Page ---


def test_the_page_creates_shows_and_revokes_a_link(alice_client, alice_comparison):
    here = f"/compare/{alice_comparison.pk}/"

    page = alice_client.post(f"{here}share/", {"expires_in_days": 5}, follow=True).content.decode()
    link = sharing.build_share_path(Share.objects.get())
    assert f"http://testserver{link}" in page
    assert "opened 0 times" in page
    alice_client.post(f"{here}share/", {"revoke": "1", "expires_in_days": ""})
    assert not Share.objects.active().exists()
    assert link not in alice_client.get(here).content.decode()
    again = alice_client.post(f"{here}share/", {"revoke": "1"}, follow=True)  # from a tab that was already open
    assert "had already expired or been revoked" in again.content.decode()
    assert (
        "Enter 1 to 365 days."
        in alice_client.post(f"{here}share/", {"expires_in_days": "9999"}, follow=True).content.decode()
    )


# --- Tickets of an open page ---


def test_an_open_page_gets_new_tickets_and_is_counted_once(share, visitor_client):
    page = sharing.build_share_path(share)
    visitor_client.get(page)

    fresh = visitor_client.get(f"{page}/ticket")

    assert (fresh.status_code, fresh.headers["Referrer-Policy"]) == (200, "same-origin")
    assert "no-store" in fresh.headers["Cache-Control"]
    assert visitor_client.get(f"/s/media/{fresh.json()['ticket']}/a/file").status_code == 200
    share.refresh_from_db()
    assert share.opens == 1


@pytest.mark.parametrize(
    ("end_share", "message"),
    [(expire_share, "has expired"), (lambda share: sharing.revoke_share(share.comparison), "revoked")],
)
def test_an_ended_link_gets_no_new_ticket(share, visitor_client, end_share, message):
    end_share(share)

    answer = visitor_client.get(f"{sharing.build_share_path(share)}/ticket")

    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "GONE")
    assert message in answer.json()["error"]["message"]


@pytest.mark.parametrize("token", ["x", "media", "A" * 43])
def test_an_unknown_link_gets_no_ticket(visitor_client, db, token):
    assert visitor_client.get(f"/s/{token}/ticket").status_code == 404


def test_a_link_opens_while_the_disk_of_the_database_is_full(share, visitor_client, fill_database):
    fill_database()

    assert visitor_client.get(sharing.build_share_path(share)).status_code == 200
