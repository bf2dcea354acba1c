"""A comparison that is shared by a link."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up
from tests.browser.edited_films import open_comparison
from tests.site import Site

TICKET = re.compile(r"/s/media/([^/]+)/")


@pytest.fixture
def link(signed_in: Page, site: str, tmp_path: Path) -> Iterator[str]:
    """Create a link to Alice's comparison on its page. Revoke it at the end."""
    open_comparison(signed_in, site, tmp_path)
    signed_in.locator("summary", has_text="Share").click()
    make = signed_in.get_by_role("button", name="Create link")
    if make.is_visible():
        make.click()
        signed_in.wait_for_selector("#compare[data-ready]")
        signed_in.locator("summary", has_text="Share").click()
    yield signed_in.locator("#share-link").input_value()
    revoke_link(signed_in)


@pytest.fixture
def shared_page(new_page: Callable[..., Page], link: str) -> Page:
    """Open the link as an anonymous visitor."""
    page = new_page()
    page.goto(link)
    page.wait_for_selector("#compare[data-ready]")
    return page


def revoke_link(owner: Page) -> None:
    if not owner.locator("#share-link").count():
        return
    if not owner.locator("#share-link").is_visible():
        owner.locator("summary", has_text="Share").click()
    owner.get_by_role("button", name="Revoke link").click()
    owner.wait_for_selector("#compare[data-ready]")


def get_video_url(page: Page, side: str = "b") -> str:
    return page.locator(f"#player-{side} video").get_attribute("src") or ""


def test_an_anonymous_visitor_can_play_but_not_export_share_or_delete(shared_page: Page) -> None:
    expect(shared_page.get_by_text("Shared by Alice, view only")).to_be_visible()
    shared_page.keyboard.press("Space")
    shared_page.wait_for_function(
        "() => [...document.querySelectorAll('.player video')].every((video) => video.currentTime > 0.3)"
    )
    shared_page.keyboard.press("Space")
    shared_page.locator("#differences a", has_text="New shot").click()
    expect(shared_page.locator("#player-a p.absent")).to_be_visible()
    shared_page.wait_for_function(
        "() => [...document.querySelectorAll('.diffs img')].every((image) => image.naturalWidth)"
    )
    for control in ("summary:has-text('Export')", "summary:has-text('Share')", "[data-do=save-threshold]"):
        expect(shared_page.locator(control)).to_have_count(0)
    expect(shared_page.get_by_role("button", name=re.compile("Delete"))).to_have_count(0)
    expect(shared_page.get_by_role("link", name="Log in", exact=True)).to_be_visible()


def test_a_signed_in_visitor_can_log_out_on_a_shared_page(new_page: Callable[..., Page], link: str) -> None:
    page = new_page()
    page.route_web_socket("**/ws/**", lambda socket: None)  # otherwise it logs an error when the session ends
    sign_up(page, "Irene", "irene@example.org")
    page.goto(link)
    page.locator("summary[aria-label^='Account']").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("navigation", name="Account").get_by_role("link", name="Log in")).to_be_visible()


def test_a_link_with_a_time_and_view_opens_with_them(shared_page: Page, link: str) -> None:
    shared_page.goto(f"{link}?t=7&view=wipe&wipe=20")
    shared_page.wait_for_selector("#compare[data-ready]")
    expect(shared_page.locator("#clock")).to_have_text(re.compile("0:0(6.9|7.0)"))
    expect(shared_page.locator("[data-amount=wipe]")).to_have_value("20")


def test_a_revoked_link_is_reported_on_new_and_open_pages(
    new_page: Callable[..., Page], signed_in: Page, link: str
) -> None:
    page = new_page()
    page.clock.install()
    page.goto(link)
    page.wait_for_selector("#compare[data-ready]")
    media = get_video_url(page)
    revoke_link(signed_in)

    assert page.request.get(media).status == 410
    page.clock.fast_forward("05:10")
    expect(page.get_by_role("alert")).to_contain_text("revoked by its owner")
    expect(page.locator("#player-b video")).not_to_have_attribute("src", re.compile("."))
    answer = page.goto(link)
    assert answer
    assert answer.status == 410
    expect(page.get_by_role("heading", name="No longer available")).to_be_visible()
    expect(page.get_by_text("revoked by its owner")).to_be_visible()


def test_an_expired_link_is_reported(shared_page: Page, live_site: Site, link: str) -> None:
    live_site.run(
        "from datetime import timedelta; from django.utils import timezone; from videos.models import Share; "
        "now = timezone.now(); "
        "Share.objects.active().update(created_at=now - timedelta(days=9), expires_at=now - timedelta(days=1))"
    )
    media = get_video_url(shared_page)
    answer = shared_page.goto(link)
    assert answer
    assert answer.status == 410
    expect(shared_page.get_by_text("This link has expired")).to_be_visible()
    assert shared_page.request.get(media).status == 410


def test_a_ticket_opens_no_other_video(shared_page: Page, signed_in: Page) -> None:
    ticket = TICKET.search(get_video_url(shared_page))
    assert ticket
    own = re.search(r"/v2/videos/([0-9a-f-]{36})/file", signed_in.content())
    assert own
    for path in (f"/s/media/{ticket[1]}/{own[1]}/file", f"/s/media/{ticket[1]}/c/file", f"/v2/videos/{own[1]}/file"):
        assert shared_page.request.get(path).status == 404, path
    assert shared_page.request.get(f"/s/media/{ticket[1][:-1]}x/b/file").status == 404
    assert shared_page.request.get(f"/s/media/{ticket[1]}/b/file", headers={"Range": "bytes=0-9"}).status == 206


def test_an_expired_ticket_is_renewed_without_a_reload(shared_page: Page) -> None:
    expired = get_video_url(shared_page)
    shared_page.evaluate("window.same = true")
    shared_page.keyboard.press("End")
    shared_page.wait_for_timeout(1100)  # tickets are dated to the second
    found = TICKET.search(expired)
    assert found
    shared_page.route(f"**/s/media/{found[1]}/**", lambda route: route.fulfill(status=410))
    shared_page.locator("#player-b video").evaluate("(video) => video.load()")  # as after a long sleep of the computer

    shared_page.wait_for_function("(old) => document.querySelector('#player-b video').src !== old", arg=expired)
    shared_page.wait_for_function("() => document.querySelector('#player-b video').readyState > 1")
    assert TICKET.search(get_video_url(shared_page)) != found
    shared_page.keyboard.press("Home")
    shared_page.keyboard.press("Space")
    shared_page.wait_for_function("() => document.querySelector('#player-b video').currentTime > 0.3")
    assert shared_page.evaluate("window.same")
    expect(shared_page.locator("#share-ended")).to_be_hidden()
