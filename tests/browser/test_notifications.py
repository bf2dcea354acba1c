"""Toasts and the notification list when a job ends while its owner is on another page."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.footage import real


def test_a_notification_is_shown_once_on_another_page_and_kept(new_page, tmp_path: Path) -> None:
    library_page: Page = new_page()
    sign_up(library_page, "Dora", "dora@example.org")
    account_page = library_page.context.new_page()
    account_page.goto("/account/")
    expect(account_page.locator("#live")).to_have_text("Live")
    (tmp_path / "Told.mp4").write_bytes(real("bigbuckbunny").read_bytes() + b"told")
    library_page.set_input_files("#upload input[type=file]", tmp_path / "Told.mp4")

    toast = account_page.locator(".toast")
    expect(toast).to_contain_text("Video ready: “Told”", timeout=60_000)
    assert find_serious_violations(account_page) == []
    expect(library_page.locator(".card.ready")).to_be_visible()
    expect(library_page.locator(".toast")).to_have_count(0)  # the result is visible on this page

    library_page.goto("/account/email/")  # the page that showed it marked it as read
    expect(library_page.locator("#unread")).to_be_hidden()
    toast.get_by_role("link").click()
    account_page.wait_for_url("**/videos/*/")
    account_page.goto("/account/")
    notification_menu = account_page.locator("#notifications-menu")
    notification_menu.locator("summary").click()
    expect(notification_menu.get_by_role("link", name="Video ready: “Told”")).to_be_visible()
    assert find_serious_violations(account_page) == []
    account_page.set_viewport_size({"width": 390, "height": 844})
    assert measure_overflow(account_page) == 0


def test_a_hidden_page_shows_notifications_only_when_it_becomes_visible(new_page) -> None:
    page: Page = new_page()
    sign_up(page, "Hedda", "hedda@example.org")
    page.goto("/account/")
    notice = (
        '<ol><li data-notice="1" data-about="about" data-at="9999999999" data-unread>'
        '<a href="/library/"><span data-words>It is ready.</span></a></li></ol>'
    )
    requests = []
    page.route("**/notices/*", lambda route: (requests.append(route.request.method), route.fulfill(body=notice))[1])
    page.evaluate(
        """() => {
          globalThis.setHidden = (hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
          };
          setHidden(true);
          const detail = { status: "completed", job: "ingest" };
          document.dispatchEvent(new CustomEvent("sage:topic:work", { detail }));
        }"""
    )
    page.wait_for_timeout(1000)
    assert requests == []
    page.evaluate("setHidden(false)")
    expect(page.locator(".toast")).to_contain_text("It is ready.")
    expect(page.locator("#unread [data-count]")).to_have_text("1")
    assert requests == ["GET"]
