"""A comparison that is shown to others by a link."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up
from tests.browser.cuts import open_comparison
from tests.site import Site

TICKET = re.compile(r"/s/media/([^/]+)/")


@pytest.fixture
def link(signed_in: Page, site: str, tmp_path: Path) -> Iterator[str]:
    """The link to Alice's comparison, made on its page and taken back at the end."""
    open_comparison(signed_in, site, tmp_path)
    signed_in.locator("summary", has_text="Share").click()
    make = signed_in.get_by_role("button", name="Make a link")
    if make.is_visible():
        make.click()
        signed_in.wait_for_selector("#compare[data-ready]")
        signed_in.locator("summary", has_text="Share").click()
    yield signed_in.locator("#share-link").input_value()
    take_back(signed_in)


@pytest.fixture
def stranger(new_page: Callable[..., Page], link: str) -> Page:
    """The link, opened by somebody who has nothing else."""
    page = new_page()
    page.goto(link)
    page.wait_for_selector("#compare[data-ready]")
    return page


def take_back(owner: Page) -> None:
    if not owner.locator("#share-link").count():
        return
    if not owner.locator("#share-link").is_visible():
        owner.locator("summary", has_text="Share").click()
    owner.get_by_role("button", name="Take it back").click()
    owner.wait_for_selector("#compare[data-ready]")


def source(page: Page, side: str = "b") -> str:
    return page.locator(f"#player-{side} video").get_attribute("src") or ""


def test_a_stranger_plays_it_and_finds_nothing_of_its_owners(stranger: Page) -> None:
    expect(stranger.get_by_text("Shared by Alice to look at")).to_be_visible()
    stranger.keyboard.press("Space")
    stranger.wait_for_function(
        "() => [...document.querySelectorAll('.player video')].every((video) => video.currentTime > 0.3)"
    )
    stranger.keyboard.press("Space")
    stranger.locator("#differences a", has_text="Inserted").click()
    expect(stranger.locator("#player-a p.absent")).to_be_visible()
    stranger.wait_for_function(
        "() => [...document.querySelectorAll('.diffs img')].every((image) => image.naturalWidth)"
    )
    for control in ("summary:has-text('Export')", "summary:has-text('Share')", "[data-do=save-threshold]"):
        expect(stranger.locator(control)).to_have_count(0)
    expect(stranger.get_by_role("button", name=re.compile("Delete"))).to_have_count(0)
    expect(stranger.get_by_role("link", name="Log in", exact=True)).to_be_visible()


def test_who_is_logged_in_can_log_out_there(new_page: Callable[..., Page], link: str) -> None:
    page = new_page()
    page.route_web_socket("**/ws/**", lambda socket: None)  # else it complains while the session ends
    sign_up(page, "Irene", "irene@example.org")
    page.goto(link)
    page.locator("summary[aria-label^='Account']").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("navigation", name="Account").get_by_role("link", name="Log in")).to_be_visible()


def test_a_link_to_a_moment_opens_it_there(stranger: Page, link: str) -> None:
    stranger.goto(f"{link}?t=7&view=wipe&wipe=20")
    stranger.wait_for_selector("#compare[data-ready]")
    expect(stranger.locator("#clock")).to_have_text(re.compile("0:0(6.9|7.0)"))
    expect(stranger.locator("[data-amount=wipe]")).to_have_value("20")


def test_a_link_that_is_taken_back_says_so_also_on_a_page_that_is_open(
    new_page: Callable[..., Page], signed_in: Page, link: str
) -> None:
    page = new_page()
    page.clock.install()
    page.goto(link)
    page.wait_for_selector("#compare[data-ready]")
    media = source(page)
    take_back(signed_in)

    assert page.request.get(media).status == 410
    page.clock.fast_forward("05:10")
    expect(page.get_by_role("alert")).to_contain_text("taken back by whoever shared it")
    expect(page.locator("#player-b video")).not_to_have_attribute("src", re.compile("."))
    answer = page.goto(link)
    assert answer
    assert answer.status == 410
    expect(page.get_by_role("heading", name="No longer here")).to_be_visible()
    expect(page.get_by_text("taken back by whoever shared it")).to_be_visible()


def test_a_link_that_has_expired_says_so(stranger: Page, live_site: Site, link: str) -> None:
    live_site.run(
        "from datetime import timedelta; from django.utils import timezone; from videos.models import Share; "
        "now = timezone.now(); "
        "Share.objects.live().update(created_at=now - timedelta(days=9), expires_at=now - timedelta(days=1))"
    )
    media = source(stranger)
    answer = stranger.goto(link)
    assert answer
    assert answer.status == 410
    expect(stranger.get_by_text("This link has expired")).to_be_visible()
    assert stranger.request.get(media).status == 410


def test_a_ticket_opens_no_other_video(stranger: Page, signed_in: Page) -> None:
    ticket = TICKET.search(source(stranger))
    assert ticket
    own = re.search(r"/v2/videos/([0-9a-f-]{36})/file", signed_in.content())
    assert own
    for path in (f"/s/media/{ticket[1]}/{own[1]}/file", f"/s/media/{ticket[1]}/c/file", f"/v2/videos/{own[1]}/file"):
        assert stranger.request.get(path).status == 404, path
    assert stranger.request.get(f"/s/media/{ticket[1][:-1]}x/b/file").status == 404
    assert stranger.request.get(f"/s/media/{ticket[1]}/b/file", headers={"Range": "bytes=0-9"}).status == 206


def test_a_ticket_that_lapses_is_renewed_without_a_reload(stranger: Page) -> None:
    lapsed = source(stranger)
    stranger.evaluate("window.same = true")
    stranger.keyboard.press("End")
    stranger.wait_for_timeout(1100)  # tickets are dated to the second
    found = TICKET.search(lapsed)
    assert found
    stranger.route(f"**/s/media/{found[1]}/**", lambda route: route.fulfill(status=410))
    stranger.locator("#player-b video").evaluate("(video) => video.load()")  # as after a night in a drawer

    stranger.wait_for_function("(old) => document.querySelector('#player-b video').src !== old", arg=lapsed)
    stranger.wait_for_function("() => document.querySelector('#player-b video').readyState > 1")
    assert TICKET.search(source(stranger)) != found
    stranger.keyboard.press("Home")
    stranger.keyboard.press("Space")
    stranger.wait_for_function("() => document.querySelector('#player-b video').currentTime > 0.3")
    assert stranger.evaluate("window.same")
    expect(stranger.locator("#ended")).to_be_hidden()
