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
from videos import cleaning, comparison, sharing
from videos.models import Share, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def share(alices_comparison):
    return sharing.share(alices_comparison)


@pytest.fixture
def visitor():
    return Client()


def end(share):
    Share.objects.filter(pk=share.pk).update(
        created_at=timezone.now() - timedelta(days=9), expires_at=timezone.now() - timedelta(days=1)
    )


def test_asked_again_the_same_link_ends_later(alices_comparison, share):
    again = sharing.share(alices_comparison, days=30)

    assert (again.pk, sharing.path(again)) == (share.pk, sharing.path(share))
    assert again.expires_at > share.expires_at + timedelta(days=20)
    assert Share.objects.count() == 1


@pytest.mark.parametrize("how", [end, lambda share: sharing.revoke(share.comparison)])
def test_a_link_that_ended_never_opens_again(alices_comparison, share, visitor, how):
    how(share)
    fresh = sharing.share(alices_comparison)

    assert sharing.path(fresh) != sharing.path(share)
    assert visitor.get(sharing.path(share)).status_code == 410
    assert visitor.get(sharing.path(fresh)).status_code == 200


def test_the_database_holds_one_open_share_a_comparison(share):
    with pytest.raises(IntegrityError), transaction.atomic():
        Share.objects.create(comparison=share.comparison, expires_at=timezone.now() + timedelta(days=1))


def test_only_what_is_finished_is_shared(alice, alices_pair):
    from accounts.viewer import Viewer

    with pytest.raises(errors.Conflict, match="finished"):
        sharing.share(comparison.compare(Viewer(alice), *alices_pair))


def test_a_visitor_sees_the_comparison_and_can_change_nothing(share, visitor):
    page = visitor.get(sharing.path(share))

    assert page.status_code == 200
    assert "Inserted, 1.0 s" in page.content.decode()
    assert "Shared by Alice" in page.content.decode()
    for word in ("/export/", "/share/", "/delete/", '"/videos/', "/v2/videos/", "alice@example.org"):
        assert word not in page.content.decode(), word
    assert visitor.post(sharing.path(share)).status_code == 405


def test_it_goes_to_no_other_site_and_into_no_index(share, visitor):
    for path in (sharing.path(share), sharing.SharedAddresses(share).derived("a", "poster.jpg"), "/s/none"):
        answer = visitor.get(path)
        assert answer.headers["Referrer-Policy"] == "same-origin", path
        assert "noindex" in answer.headers["X-Robots-Tag"], path
    assert b'name="robots" content="noindex' in visitor.get(sharing.path(share)).content


def test_its_media_are_there_in_ranges(share, visitor, inserted):
    found = sharing.SharedAddresses(share)

    part = visitor.get(found.file("b"), headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.headers["Content-Length"]) == (206, "10")
    assert visitor.get(found.derived("a", "times.f64")).headers["Content-Length"] == str(40 * 8)
    for name in ("still-00000.jpg", "sprite-000.jpg", "poster.jpg"):
        assert visitor.get(found.derived("b", name)).headers["Content-Type"] == "image/jpeg"
    assert visitor.get(found.derived("b", "sprites.vtt")).status_code == 200
    assert visitor.get(found.picture(inserted, "b")).headers["Content-Type"] == "image/jpeg"
    assert visitor.get(found.picture(inserted, "a")).status_code == 404
    poster = found.derived("a", "poster.jpg")
    assert visitor.get(poster.replace("poster.jpg", "fingerprint.bin")).status_code == 404


def test_every_address_of_the_page_opens_and_tells_no_token(share, visitor):
    import re

    path = sharing.path(share)
    page = visitor.get(path).content.decode()
    media = set(re.findall(r'"(/s/media/[^"#]+)', page))

    assert media
    assert not any(path.rpartition("/")[2] in address for address in media)
    for address in media:
        assert visitor.get(address).status_code in {200, 404}, address
    assert sum(visitor.get(address).status_code == 200 for address in media) >= 5


@pytest.mark.parametrize("has_rendition", [True, False])
def test_a_film_comes_as_it_plays_and_under_its_title(share, visitor, has_rendition):
    video = share.comparison.video_a
    Video.objects.filter(pk=video.pk).update(
        title="Trailer: final", filename="secret name.MOV", has_rendition=has_rendition
    )
    storage.put_stream(video.rendition_key, io.BytesIO(b"rendition"))

    answer = visitor.get(sharing.SharedAddresses(share).file("a"), {"original": ""})

    assert (answer.headers["Content-Length"] == "9") is has_rendition
    name = "Trailer final.mp4" if has_rendition else "Trailer final.MOV"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{name}"'


def test_media_load_no_script(share, visitor, alices, inserted):
    found = sharing.SharedAddresses(share)
    ticket = f"{sharing.path(share)}/ticket"
    for path in (found.file("a"), found.derived("a", "poster.jpg"), found.picture(inserted, "b"), ticket):
        assert not loads_script(visitor, path), path
    assert not loads_script(alices, f"/compare/{share.comparison_id}/picture-{inserted}-b.jpg")
    assert loads_script(visitor, sharing.path(share))


def loads_script(client, path):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return any('"script"' in query["sql"].partition(" FROM ")[0] for query in queries)


def test_nothing_else_of_the_owner_is_reachable(share, visitor, alice, make_video, clip):
    other = make_video(alice, clip, name="other.mp4")
    compared = share.comparison
    visitor.get(sharing.path(share))  # whatever that leaves in the browser
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
        assert visitor.get(path).status_code == 404, path
    for path in (f"/v2/comparisons/{compared.pk}", f"/v2/comparisons/{compared.pk}/export?format=json"):
        assert visitor.get(path).status_code == 401, path
    for path in ("/library/", "/compare/"):
        assert visitor.get(path).url.startswith("/account/login/"), path
    assert visitor.post(f"/compare/{compared.pk}/threshold/", {"threshold": "0.2"}).status_code in {302, 403}
    compared.refresh_from_db()
    assert compared.threshold is None


def test_a_ticket_opens_its_own_comparison_only(share, visitor):
    ticket = sharing.SharedAddresses(share).ticket
    forged = [ticket[:-1] + ("A" if ticket[-1] != "A" else "B"), "x", ticket.replace(".", ".0", 1), "..", "%2e%2e"]

    for wrong in forged:
        assert visitor.get(f"/s/media/{wrong}/a/file").status_code == 404, wrong


def test_a_ticket_lives_for_an_hour_and_the_time_it_takes_to_watch(share, visitor, monkeypatch):
    address = sharing.SharedAddresses(share).file("a")
    monkeypatch.setattr(sharing, "TICKET_LIVES", timedelta(seconds=-10))

    answer = visitor.get(address)

    assert answer.status_code == 410
    assert "Reload" in answer.content.decode()


@pytest.mark.parametrize("token", ["x", "A" * 43, "_" * 43, "A" * 42, "A" * 5000, "-"])
def test_an_unknown_link_is_404(visitor, db, token):
    assert visitor.get(f"/s/{token}").status_code == 404


def test_a_changed_token_is_404(share, visitor):
    path = sharing.path(share)
    for place in (3, 12, 24, 40):
        wrong = path[: 3 + place] + ("A" if path[3 + place] != "A" else "B") + path[4 + place :]
        assert visitor.get(wrong).status_code == 404, place


def test_a_token_that_stands_for_the_same_bytes_is_404(share, visitor):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    path = sharing.path(share)
    after = letters[letters.index(path[-1]) + 1]  # its two lowest bits are beyond the last byte

    assert visitor.get(path[:-1] + after).status_code == 404


def test_another_key_voids_every_link(share, visitor, settings):
    path = sharing.path(share)
    settings.SECRET_KEY = "another" * 10

    assert visitor.get(path).status_code == 404


@pytest.mark.parametrize(
    ("how", "says"),
    [
        (end, "has expired"),
        (lambda share: sharing.revoke(share.comparison), "taken back"),
        (lambda share: cleaning.delete(share.comparison.video_a), "was deleted"),
        (lambda share: cleaning.delete(share.comparison.video_b), "was deleted"),
        (lambda share: cleaning.delete_comparison(share.comparison), "was deleted"),
        (lambda share: User.objects.update(is_active=False), "was deleted"),
    ],
)
def test_an_ended_link_says_so_and_its_media_are_gone(share, visitor, how, says):
    media = sharing.SharedAddresses(share).file("a")
    how(share)

    page = visitor.get(sharing.path(share))

    assert page.status_code == 410
    assert says in page.content.decode()
    assert visitor.get(media).status_code == 410


def test_an_expired_link_still_says_so_once_there_is_a_new_one(alices_comparison, share, visitor):
    end(share)
    sharing.share(alices_comparison)

    assert "has expired" in visitor.get(sharing.path(share)).content.decode()


def test_opens_are_counted_but_not_the_owners_own(alices, share, visitor):
    alices.get(sharing.path(share))
    visitor.head(sharing.path(share))
    for _ in range(3):
        visitor.get(sharing.path(share))

    share.refresh_from_db()
    assert share.opens == 3
    assert timezone.now() - share.last_opened_at < timedelta(minutes=1)


def test_a_purged_comparison_takes_its_shares_along(share, visitor):
    cleaning.purge_comparison(share.comparison)

    assert not Share.objects.exists()
    assert visitor.get(sharing.path(share)).status_code == 404


# --- By the API ---


def test_the_api_shares_and_takes_back(alices, alices_comparison, visitor):
    here = f"/v2/comparisons/{alices_comparison.pk}/share"

    made = alices.post(here, {"expires_in_days": 3}, "application/json")
    assert (made.status_code, set(made.json())) == (200, {"url", "expires_at"})
    assert made.json()["url"].startswith("http://testserver/s/")
    assert visitor.get(made.json()["url"]).status_code == 200
    assert alices.delete(here).status_code == 204
    assert alices.delete(here).status_code == 404
    assert visitor.get(made.json()["url"]).status_code == 410


@pytest.mark.parametrize("days", [0, -1, 366, "soon", 1.5, None, [1]])
def test_a_number_of_days_that_makes_no_sense_is_422(alices, alices_comparison, days):
    answer = alices.post(f"/v2/comparisons/{alices_comparison.pk}/share", {"expires_in_days": days}, "application/json")

    assert answer.status_code == 422
    assert not Share.objects.exists()


def test_only_the_owner_shares(bobs, alices_comparison, share):
    here = f"/v2/comparisons/{alices_comparison.pk}/share"

    assert bobs.post(here, {"expires_in_days": 3}, "application/json").status_code == 404
    assert bobs.delete(here).status_code == 404
    assert bobs.post(f"/compare/{alices_comparison.pk}/share/", {"expires_in_days": 3}).status_code == 404
    assert Client().delete(here).status_code == 401
    assert Share.objects.get().is_live


# --- By the page ---


def test_the_page_makes_a_link_shows_it_and_takes_it_back(alices, alices_comparison):
    here = f"/compare/{alices_comparison.pk}/"

    page = alices.post(f"{here}share/", {"expires_in_days": 5}, follow=True).content.decode()
    link = sharing.path(Share.objects.get())
    assert f"http://testserver{link}" in page
    assert "opened 0 times" in page
    alices.post(f"{here}share/", {"revoke": "1", "expires_in_days": ""})
    assert not Share.objects.live().exists()
    assert link not in alices.get(here).content.decode()
    again = alices.post(f"{here}share/", {"revoke": "1"}, follow=True)  # from a tab that was open before
    assert "had ended already" in again.content.decode()
    assert (
        "Give 1 to 365 days." in alices.post(f"{here}share/", {"expires_in_days": "9999"}, follow=True).content.decode()
    )


# --- A page that stays open ---


def test_a_page_that_stays_open_gets_fresh_tickets_and_is_counted_once(share, visitor):
    page = sharing.path(share)
    visitor.get(page)

    fresh = visitor.get(f"{page}/ticket")

    assert (fresh.status_code, fresh.headers["Referrer-Policy"]) == (200, "same-origin")
    assert "no-store" in fresh.headers["Cache-Control"]
    assert visitor.get(f"/s/media/{fresh.json()['ticket']}/a/file").status_code == 200
    share.refresh_from_db()
    assert share.opens == 1


@pytest.mark.parametrize(
    ("how", "says"), [(end, "has expired"), (lambda share: sharing.revoke(share.comparison), "taken back")]
)
def test_there_is_no_fresh_ticket_once_the_link_has_ended(share, visitor, how, says):
    how(share)

    answer = visitor.get(f"{sharing.path(share)}/ticket")

    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "GONE")
    assert says in answer.json()["error"]["message"]


@pytest.mark.parametrize("token", ["x", "media", "A" * 43])
def test_there_is_no_ticket_for_an_unknown_link(visitor, db, token):
    assert visitor.get(f"/s/{token}/ticket").status_code == 404
