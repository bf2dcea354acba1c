"""The layout of every page: theme, widths and accessibility."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.edited_films import B_TITLE, card, ensure_videos, open_comparison

PUBLIC_PAGES = ["/", "/account/login/", "/account/signup/", "/account/password/reset/"]
ACCOUNT_PAGES = ["/library/", "/compare/", "/notices/", "/account/", "/account/email/", "/account/password/change/"]
WIDTHS = {"wide": 1440, "tablet": 1024, "phone": 390}
THEMES = ["dark", "light"]


def find_serious_violations(page: Page) -> list[str]:
    """Return the serious violations of accessibility in each theme."""
    page.emulate_media(reduced_motion="reduce")
    before = page.evaluate("document.documentElement.dataset.theme")
    found = []
    for theme in THEMES:
        set_shown_theme(page, theme)
        found += [
            f"{theme}: {one['id']}: {one['nodes'][0]['target']}"
            for one in Axe().run(page).response["violations"]
            if one["impact"] in ("serious", "critical")
        ]
    set_shown_theme(page, before)
    return found


def set_shown_theme(page: Page, theme: str) -> None:
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)


def measure_overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def set_theme(page: Page, site: str, theme: str) -> None:
    page.context.add_cookies([{"name": "theme", "value": theme, "url": site}])


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_public_pages_are_accessible_and_fit_a_phone(page: Page, address: str) -> None:
    page.goto(address)
    check_widths(page)
    assert find_serious_violations(page) == []


@pytest.mark.parametrize("address", ACCOUNT_PAGES)
def test_pages_of_a_user_are_accessible_and_fit_a_phone(signed_in: Page, address: str) -> None:
    signed_in.goto(address)
    check_widths(signed_in)
    assert find_serious_violations(signed_in) == []


def check_widths(page: Page) -> None:
    for width in WIDTHS.values():
        page.set_viewport_size({"width": width, "height": 844})
        assert measure_overflow(page) == 0


def test_the_comparison_is_accessible_and_fits_a_phone(signed_in: Page, site: str, tmp_path: Path) -> None:
    open_comparison(signed_in, site, tmp_path)
    assert find_serious_violations(signed_in) == []
    signed_in.set_viewport_size({"width": 390, "height": 844})
    assert measure_overflow(signed_in) == 0


def test_the_video_page_is_accessible_and_fits_a_phone(signed_in: Page, site: str, tmp_path: Path) -> None:
    ensure_videos(signed_in, site, tmp_path)
    signed_in.locator(f"{card(B_TITLE)} h3 a").click()
    signed_in.wait_for_selector("#stills img")
    assert find_serious_violations(signed_in) == []
    signed_in.set_viewport_size({"width": 390, "height": 844})
    assert measure_overflow(signed_in) == 0


def test_the_theme_changes_at_once_and_stays(signed_in: Page, site: str) -> None:
    signed_in.goto(f"{site}/library/")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = signed_in.evaluate(ground)
    signed_in.locator("summary[aria-label^='Account']").click()
    with signed_in.expect_response("**/theme/"):
        signed_in.get_by_role("button", name="Light").click()
    assert signed_in.evaluate(ground) != dark
    signed_in.reload()
    assert signed_in.evaluate(ground) != dark
    assert signed_in.evaluate("document.documentElement.dataset.theme") == "light"


def test_the_system_theme_follows_the_system(page: Page, site: str) -> None:
    set_theme(page, site, "system")
    page.goto(f"{site}/account/login/")
    grounds = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds[0] != grounds[1]


def test_escape_closes_the_menu(signed_in: Page, site: str) -> None:
    signed_in.goto(f"{site}/library/")
    signed_in.locator("summary[aria-label^='Account']").click()
    expect(signed_in.get_by_role("button", name="Log out")).to_be_visible()
    signed_in.keyboard.press("Escape")
    expect(signed_in.get_by_role("button", name="Log out")).to_be_hidden()
