"""Text on screen beside the player and on the comparison page: tabs, lines, boxes, with and without scripts."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up
from tests.browser.library.test_video_page import get_current_time
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.site import Site
from tests.titles import titled_clip

CHANGE = ("Harbour at dawn", "Harbour at dusk")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[str]:
    """Start a site that reads text on screen, and return its address."""
    live = Site(tmp_path_factory.mktemp("screen-text") / "var", SCREEN_TEXT="1").start()
    yield live.address
    live.stop()


@pytest.fixture(scope="module")
def selma(browser, site: str, tmp_path_factory) -> tuple[list, str, str]:
    """Sign up as Selma, upload two versions, and return her cookies and the paths of a video and the comparison."""
    folder: Path = tmp_path_factory.mktemp("selma")
    shutil.copy(titled_clip(), folder / "Harbour one.mp4")
    shutil.copy(titled_clip(CHANGE), folder / "Harbour two.mp4")
    context = browser.new_context(base_url=site)
    page = context.new_page()
    sign_up(page, "Selma", "selma@example.org")
    page.set_input_files("#upload input[type=file]", sorted(folder.iterdir()))
    expect(page.locator(".card.ready")).to_have_count(2)
    paths = {}
    for name in ("one", "two"):
        paths[name] = page.locator(".card.ready h3 a", has_text=name).get_attribute("href")
    for path in paths.values():
        page.goto(f"{path}?panel=screen_text")
        expect(page.locator("#screen-text .lines li")).to_have_count(2)
    one, two = (path.split("/")[2] for path in paths.values())
    page.goto(f"/compare/?a={one}&b={two}")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile("/compare/[0-9a-f-]{36}/"))
    expect(page.locator("#compare")).to_be_attached()
    comparison = page.url.removeprefix(site).partition("?")[0]
    cookies = context.cookies()
    context.close()
    return cookies, paths["one"], comparison


@pytest.fixture
def open_page(new_page, selma: tuple[list, str, str]) -> Callable[..., Page]:
    """Return a function that opens a page of Selma."""

    def open_path(path: str, **options) -> Page:
        page = new_page(**options)
        page.context.add_cookies(selma[0])
        page.goto(path)
        return page

    return open_path


def test_the_tabs_are_chosen_by_the_keyboard_and_kept_in_the_address(open_page, selma) -> None:
    page = open_page(selma[1])
    page.get_by_role("tab", name="Transcript").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Ask")).to_be_focused()
    page.keyboard.press("ArrowRight")

    tab = page.get_by_role("tab", name="Text on screen")
    expect(tab).to_be_focused()
    expect(tab).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel", name="Text on screen")).to_be_visible()
    expect(page.locator("#transcript")).to_be_hidden()
    expect(page).to_have_url(re.compile("panel=screen_text"))
    page.reload()
    expect(page.locator("#screen-text")).to_be_visible()


def test_a_click_on_a_line_seeks(open_page, selma) -> None:
    page = open_page(f"{selma[1]}?panel=screen_text")
    expect(page.locator("#player[data-ready]")).to_be_attached()
    line = page.locator("#screen-text .lines a", has_text="Call 555 0182")
    line.focus()
    page.keyboard.press("Enter")

    seconds = float(line.get_attribute("data-seconds") or 0)
    page.wait_for_function(
        "seconds => Math.abs(document.querySelector('video').currentTime - seconds) < 0.1", arg=seconds
    )
    assert 1 <= get_current_time(page) <= 1.5


def test_the_panels_work_without_scripts(open_page, selma) -> None:
    page = open_page(selma[1], java_script_enabled=False)
    page.get_by_role("link", name="Text on screen").click()
    page.get_by_role("link", name="Harbour at dawn").click()

    expect(page.locator("#screen-text")).to_be_visible()
    expect(page).to_have_url(re.compile(r"t=0\."))
    page.goto(selma[2])
    page.get_by_role("link", name="Words").click()
    expect(page.locator("#words ins")).to_have_text("Harbour at dusk")
    expect(page.locator("#differences")).to_be_hidden()


def test_a_changed_line_seeks_both_players_and_shows_its_box(open_page, selma) -> None:
    page = open_page(f"{selma[2]}?panel=words")
    page.wait_for_selector("#compare[data-ready]")
    expect(page.locator("#words del")).to_have_text("Harbour at dawn")
    page.locator("#words a", has_text="Harbour at dusk").click()

    expect(page.locator("#player-b .text-box")).to_be_visible()
    expect(page.locator("#player-a .at")).to_have_text(re.compile(r"^0:00\.[3-6]"))
    expect(page.locator("#player-b .at")).to_have_text(re.compile(r"^0:00\.[3-6]"))
    page.keyboard.press("End")
    expect(page.locator(".text-box")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_panels_are_accessible_and_fit(open_page, selma, width) -> None:
    for path in (f"{selma[1]}?panel=screen_text", f"{selma[2]}?panel=words"):
        page = open_page(path, viewport={"width": width, "height": 844})
        expect(page.get_by_role("tablist")).to_be_visible()
        assert not find_serious_violations(page)
        assert measure_overflow(page) <= 0
