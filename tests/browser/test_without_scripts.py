"""Pages work without JavaScript, with forms and links."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import footage
from tests.browser.edited_films import A_TITLE, B_TITLE, LONGEST_FRAME, card, ensure_videos, open_comparison


@pytest.fixture
def no_script_page(signed_in: Page) -> Iterator[Page]:
    """Open a page of Alice without JavaScript."""
    browser = signed_in.context.browser
    assert browser
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.context.storage_state())
    yield context.new_page()
    context.close()


def test_a_file_is_uploaded_with_the_form(no_script_page: Page, site: str, tmp_path: Path) -> None:
    file = tmp_path / "By the form.mp4"
    file.write_bytes(
        footage.real("bigbuckbunny").read_bytes() + b"once"
    )  # otherwise it could already be in the library
    no_script_page.goto(f"{site}/library/")
    no_script_page.set_input_files("#upload input[type=file]", file)
    no_script_page.get_by_role("button", name="Upload", exact=True).click()
    expect(no_script_page.get_by_role("status")).to_contain_text("is uploaded")
    expect(no_script_page.locator(card("By the form")).first).to_be_visible()


def test_two_videos_are_picked_and_compared(no_script_page: Page, signed_in: Page, site: str, tmp_path: Path) -> None:
    ensure_videos(signed_in, site, tmp_path)
    no_script_page.goto(f"{site}/library/")
    no_script_page.locator(f"{card(A_TITLE)} .compare-choice input[name=a]").check(force=True)
    no_script_page.locator(f"{card(B_TITLE)} .compare-choice input[name=b]").check(force=True)
    no_script_page.get_by_role("button", name="Compare", exact=True).click()
    no_script_page.wait_for_url(re.compile(r"/compare/[0-9a-f-]{36}/"))
    expect(no_script_page.get_by_role("heading", level=1)).to_contain_text(A_TITLE)


def test_a_bar_of_the_timeline_opens_both_players_at_its_time(
    no_script_page: Page, signed_in: Page, site: str, tmp_path: Path
) -> None:
    open_comparison(signed_in, site, tmp_path)
    no_script_page.goto(signed_in.url)
    for side in ("a", "b"):
        assert no_script_page.locator(f"#player-{side} video").get_attribute("controls") is not None
    expect(no_script_page.locator(".transport")).to_be_hidden()
    no_script_page.locator(".bar-link.changed[data-side=b]").first.click()
    for side in ("a", "b"):
        address = no_script_page.locator(f"#player-{side} video").get_attribute("src") or ""
        assert float(address.partition("#t=")[2]) == pytest.approx(4.0, abs=2 * LONGEST_FRAME)


def test_the_theme_is_chosen_with_a_form(no_script_page: Page, site: str) -> None:
    no_script_page.goto(f"{site}/account/")
    no_script_page.locator("summary[aria-label^='Account']").click()
    no_script_page.get_by_role("button", name="Light").click()
    no_script_page.wait_for_url(f"{site}/account/")
    expect(no_script_page.locator("html")).to_have_attribute("data-theme", "light")


def test_a_video_is_deleted_after_a_confirmation(
    no_script_page: Page, signed_in: Page, site: str, tmp_path: Path
) -> None:
    file = tmp_path / "To be deleted.mp4"
    file.write_bytes(footage.real("bigbuckbunny").read_bytes() + b"twice")
    no_script_page.goto(f"{site}/library/")
    no_script_page.set_input_files("#upload input[type=file]", file)
    no_script_page.get_by_role("button", name="Upload", exact=True).click()
    no_script_page.locator(f"{card('To be deleted')} h3 a").first.click()
    no_script_page.get_by_role("link", name="Details").click()
    no_script_page.locator("summary", has_text="Delete video").click()
    no_script_page.get_by_role("button", name="Delete “To be deleted”").click()
    expect(no_script_page.get_by_role("status")).to_contain_text("moved to Trash")
    expect(no_script_page.locator(card("To be deleted"))).to_have_count(0)


def test_enter_on_the_slider_saves_the_threshold(
    no_script_page: Page, signed_in: Page, site: str, tmp_path: Path
) -> None:
    open_comparison(signed_in, site, tmp_path)
    page = signed_in.url.split("?")[0]
    no_script_page.goto(f"{page}?threshold=0.5")
    no_script_page.locator("#threshold").press("Enter")
    no_script_page.wait_for_url(page)
    expect(no_script_page.locator("#differing")).to_have_text("2 differences")
    no_script_page.get_by_role("button", name="Reset").click()
    expect(no_script_page.locator("#differing")).to_have_text("3 differences")


def test_view_and_threshold_of_the_url_are_applied(
    no_script_page: Page, signed_in: Page, site: str, tmp_path: Path
) -> None:
    open_comparison(signed_in, site, tmp_path)
    no_script_page.goto(signed_in.url.split("?")[0] + "?threshold=0.5")
    expect(no_script_page.locator("#differing")).to_have_text("2 differences")
    no_script_page.get_by_role("link", name="Wipe").click()
    expect(no_script_page.locator("#players")).to_have_attribute("data-view", "wipe")
    expect(no_script_page.locator("#differing")).to_have_text("2 differences")
    first, second = (no_script_page.locator(f"#player-{side} .screen").bounding_box() for side in "ab")
    assert first == second
    no_script_page.locator("#differences a").first.click()
    no_script_page.wait_for_url(re.compile(r"t=.*view=wipe"))
