"""What ends while its owner is elsewhere in the site is told by a toast, and kept by the bell."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up
from tests.browser.test_frame import overflow, serious
from tests.footage import real


def test_what_ends_elsewhere_is_told_once_and_kept(new_page, tmp_path: Path) -> None:
    here: Page = new_page()
    sign_up(here, "Dora", "dora@example.org")
    elsewhere = here.context.new_page()
    elsewhere.goto("/account/")
    expect(elsewhere.locator("#live")).to_have_text("Live")
    (tmp_path / "Told.mp4").write_bytes(real("bigbuckbunny").read_bytes() + b"told")
    here.set_input_files("#upload input[type=file]", tmp_path / "Told.mp4")

    toast = elsewhere.locator(".toast")
    expect(toast).to_contain_text("“Told” is ready.", timeout=60_000)
    assert serious(elsewhere) == []
    expect(here.locator(".card.ready")).to_be_visible()
    expect(here.locator(".toast")).to_have_count(0)  # it is seen there

    here.goto("/account/email/")  # read by the page that showed it, and so everywhere
    expect(here.locator("#unread")).to_be_hidden()
    toast.get_by_role("link").click()
    elsewhere.wait_for_url("**/videos/*/")
    elsewhere.goto("/account/")
    bell = elsewhere.locator("#bell")
    bell.locator("summary").click()
    expect(bell.get_by_role("link", name="“Told” is ready.")).to_be_visible()
    assert serious(elsewhere) == []
    elsewhere.set_viewport_size({"width": 390, "height": 844})
    assert overflow(elsewhere) == 0


def test_a_page_that_nobody_sees_tells_and_reads_nothing_until_it_is_looked_at(new_page) -> None:
    page: Page = new_page()
    sign_up(page, "Hedda", "hedda@example.org")
    page.goto("/account/")
    ended = (
        '<ol><li data-notice="1" data-about="about" data-at="9999999999" data-unread>'
        '<a href="/library/"><span data-words>It is ready.</span></a></li></ol>'
    )
    asked = []
    page.route("**/notices/*", lambda route: (asked.append(route.request.method), route.fulfill(body=ended))[1])
    page.evaluate(
        """() => {
          globalThis.looks = (hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
          };
          looks(true);
          document.dispatchEvent(new CustomEvent("sage:news", { detail: { status: "completed", job: "ingest" } }));
        }"""
    )
    page.wait_for_timeout(1000)
    assert asked == []
    page.evaluate("looks(false)")
    expect(page.locator(".toast")).to_contain_text("It is ready.")
    expect(page.locator("#unread [data-count]")).to_have_text("1")
    assert asked == ["GET"]
