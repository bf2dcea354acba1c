"""Pages are useful before any script has run: forms post, links link."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import footage
from tests.browser.cuts import A_TITLE, B_TITLE, LONGEST_FRAME, card, have_videos, open_comparison


@pytest.fixture
def plain(signed_in: Page) -> Iterator[Page]:
    """A page of Alice's in which no script runs."""
    browser = signed_in.context.browser
    assert browser
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.context.storage_state())
    yield context.new_page()
    context.close()


def test_a_file_is_uploaded_by_the_form(plain: Page, site: str, tmp_path: Path) -> None:
    file = tmp_path / "By the form.mp4"
    file.write_bytes(footage.real("bigbuckbunny").read_bytes() + b"once")  # else it would be in the library already
    plain.goto(f"{site}/library/")
    plain.set_input_files("#upload input[type=file]", file)
    plain.get_by_role("button", name="Upload", exact=True).click()
    expect(plain.get_by_role("status")).to_contain_text("has arrived")
    expect(plain.locator(card("By the form")).first).to_be_visible()


def test_two_are_picked_and_compared(plain: Page, signed_in: Page, site: str, tmp_path: Path) -> None:
    have_videos(signed_in, site, tmp_path)
    plain.goto(f"{site}/library/")
    plain.locator(f"{card(A_TITLE)} .picks input[name=a]").check(force=True)
    plain.locator(f"{card(B_TITLE)} .picks input[name=b]").check(force=True)
    plain.get_by_role("button", name="Compare", exact=True).click()
    plain.wait_for_url(re.compile(r"/compare/[0-9a-f-]{36}/"))
    expect(plain.get_by_role("heading", level=1)).to_contain_text(A_TITLE)


def test_a_bar_of_the_timeline_opens_both_players_there(
    plain: Page, signed_in: Page, site: str, tmp_path: Path
) -> None:
    open_comparison(signed_in, site, tmp_path)
    plain.goto(signed_in.url)
    for side in ("a", "b"):
        assert plain.locator(f"#player-{side} video").get_attribute("controls") is not None
    expect(plain.locator(".transport")).to_be_hidden()
    plain.locator(".bar-link.changed[data-side=b]").first.click()
    for side in ("a", "b"):
        address = plain.locator(f"#player-{side} video").get_attribute("src") or ""
        assert float(address.partition("#t=")[2]) == pytest.approx(4.0, abs=2 * LONGEST_FRAME)


def test_the_theme_is_chosen_by_a_form(plain: Page, site: str) -> None:
    plain.goto(f"{site}/account/")
    plain.locator("summary[aria-label^='Account']").click()
    plain.get_by_role("button", name="Light").click()
    plain.wait_for_url(f"{site}/account/")
    expect(plain.locator("html")).to_have_attribute("data-theme", "light")


def test_a_video_is_deleted_after_a_second_thought(plain: Page, signed_in: Page, site: str, tmp_path: Path) -> None:
    file = tmp_path / "To be deleted.mp4"
    file.write_bytes(footage.real("bigbuckbunny").read_bytes() + b"twice")
    plain.goto(f"{site}/library/")
    plain.set_input_files("#upload input[type=file]", file)
    plain.get_by_role("button", name="Upload", exact=True).click()
    plain.locator(f"{card('To be deleted')} h3 a").first.click()
    plain.locator("summary", has_text="Delete this video").click()
    plain.get_by_role("button", name="Delete “To be deleted”").click()
    expect(plain.get_by_role("status")).to_contain_text("is deleted")
    expect(plain.locator(card("To be deleted"))).to_have_count(0)


def test_enter_on_the_slider_saves_the_threshold(plain: Page, signed_in: Page, site: str, tmp_path: Path) -> None:
    open_comparison(signed_in, site, tmp_path)
    page = signed_in.url.split("?")[0]
    plain.goto(f"{page}?threshold=0.5")
    plain.locator("#threshold").press("Enter")
    plain.wait_for_url(page)
    expect(plain.locator("#differing")).to_have_text("2 differences")
    plain.get_by_role("button", name="Reset").click()
    expect(plain.locator("#differing")).to_have_text("3 differences")


def test_view_and_threshold_of_the_address_are_there(plain: Page, signed_in: Page, site: str, tmp_path: Path) -> None:
    open_comparison(signed_in, site, tmp_path)
    plain.goto(signed_in.url.split("?")[0] + "?threshold=0.5")
    expect(plain.locator("#differing")).to_have_text("2 differences")
    plain.get_by_role("link", name="Wipe").click()
    expect(plain.locator("#players")).to_have_attribute("data-view", "wipe")
    expect(plain.locator("#differing")).to_have_text("2 differences")
    first, second = (plain.locator(f"#player-{side} .screen").bounding_box() for side in "ab")
    assert first == second
    plain.locator("#differences a").first.click()
    plain.wait_for_url(re.compile(r"t=.*view=wipe"))
