"""The frame around every page: theme, widths, accessibility."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.cuts import B_TITLE, card, have_videos, open_comparison

OPEN = ["/", "/account/login/", "/account/signup/", "/account/password/reset/"]
OWN = ["/library/", "/compare/", "/notices/", "/account/", "/account/email/", "/account/password/change/"]
WIDTHS = {"wide": 1440, "tablet": 1024, "phone": 390}


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['target']}" for one in found if one["impact"] in ("serious", "critical")]


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def set_theme(page: Page, site: str, theme: str) -> None:
    page.context.add_cookies([{"name": "theme", "value": theme, "url": site}])


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("address", OPEN)
def test_open_pages_are_accessible_and_fit_a_phone(page: Page, site: str, address: str, theme: str) -> None:
    set_theme(page, site, theme)
    for width in WIDTHS.values():
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(site + address)
        assert overflow(page) == 0
    assert serious(page) == []


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("address", OWN)
def test_own_pages_are_accessible_and_fit_a_phone(signed_in: Page, site: str, address: str, theme: str) -> None:
    set_theme(signed_in, site, theme)
    for width in WIDTHS.values():
        signed_in.set_viewport_size({"width": width, "height": 844})
        signed_in.goto(site + address)
        assert overflow(signed_in) == 0
    assert serious(signed_in) == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_comparison_is_accessible_and_fits_a_phone(signed_in: Page, site: str, theme: str, tmp_path: Path) -> None:
    set_theme(signed_in, site, theme)
    open_comparison(signed_in, site, tmp_path)
    assert serious(signed_in) == []
    signed_in.set_viewport_size({"width": 390, "height": 844})
    assert overflow(signed_in) == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_video_is_accessible_and_fits_a_phone(signed_in: Page, site: str, theme: str, tmp_path: Path) -> None:
    set_theme(signed_in, site, theme)
    have_videos(signed_in, site, tmp_path)
    signed_in.locator(f"{card(B_TITLE)} h3 a").click()
    signed_in.wait_for_selector("#stills img")
    assert serious(signed_in) == []
    signed_in.set_viewport_size({"width": 390, "height": 844})
    assert overflow(signed_in) == 0


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


def test_the_menu_closes_by_escape(signed_in: Page, site: str) -> None:
    signed_in.goto(f"{site}/library/")
    signed_in.locator("summary[aria-label^='Account']").click()
    expect(signed_in.get_by_role("button", name="Log out")).to_be_visible()
    signed_in.keyboard.press("Escape")
    expect(signed_in.get_by_role("button", name="Log out")).to_be_hidden()
