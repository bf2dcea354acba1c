"""The library with keyboard, mouse and URL: search, pick, rename, collections, versions, delete and restore."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import sign_up
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.footage import real

NAMES = ["Autumn", "Breeze", "Cliffs"]


def card(title: str) -> str:
    return f'.card[data-title="{title}"]'


@pytest.fixture(scope="session")
def carol_cookies(browser, site: str, tmp_path_factory) -> list:
    """Sign up as Carol with three videos and a collection, and return her cookies."""
    folder = tmp_path_factory.mktemp("carol")
    context = browser.new_context(base_url=site)
    page = context.new_page()
    sign_up(page, "Carol", "carol@example.org")
    for title in NAMES:
        (folder / f"{title}.mp4").write_bytes(real("bigbuckbunny").read_bytes() + title.encode())
        page.set_input_files("#upload input[type=file]", folder / f"{title}.mp4")
        page.wait_for_selector(card(title))
    page.locator(".sidebar summary").click()
    page.get_by_label("Name", exact=True).fill("Spots")
    page.get_by_role("button", name="Create").click()
    page.goto("/library/?sort=title_asc")
    expect(page.locator(".card.ready")).to_have_count(3, timeout=60_000)
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def library_page(new_page, carol_cookies: list) -> Page:
    page = new_page()
    page.context.add_cookies(carol_cookies)
    page.goto("/library/?sort=title_asc")
    return page


def get_title_link(page: Page, title: str) -> Locator:
    return page.locator(f"{card(title)} h3 a")


def test_everything_works_with_the_keyboard(library_page: Page) -> None:
    press = library_page.keyboard.press
    press("ArrowRight")
    press("ArrowRight")
    expect(get_title_link(library_page, "Breeze")).to_be_focused()
    press("Home")
    press(" ")
    press("End")
    press(" ")
    compare_form = library_page.get_by_role("form", name="Compare two videos")
    expect(compare_form.locator("[data-chosen=a]")).to_have_text("Autumn")
    expect(compare_form.locator("[data-chosen=b]")).to_have_text("Cliffs")

    press("F2")
    library_page.keyboard.type("Coast")
    with library_page.expect_response(lambda answer: answer.request.method == "PATCH"):
        press("Enter")
    expect(get_title_link(library_page, "Coast")).to_be_focused()
    press("F2")
    library_page.keyboard.type("Nothing")
    press("Escape")
    expect(get_title_link(library_page, "Coast")).to_be_focused()

    press("Delete")
    expect(library_page.locator(card("Coast"))).to_have_count(0)
    expect(get_title_link(library_page, "Breeze")).to_be_focused()
    library_page.get_by_role("button", name="Undo").click()
    expect(library_page.locator(card("Coast"))).to_be_visible()
    expect(get_title_link(library_page, "Coast")).to_be_focused()

    expect(compare_form.locator("[data-chosen=b]")).to_have_text(
        "Select the second video"
    )  # a deleted video is no longer picked
    press(" ")

    press("/")
    library_page.keyboard.type("bree")
    expect(library_page.locator("#cards .card")).to_have_count(1)
    assert "q=bree" in library_page.url
    expect(compare_form.locator("[data-chosen=a]")).to_have_text("Autumn")  # still picked, but not listed
    library_page.reload()
    expect(library_page.locator("#cards .card")).to_have_count(1)  # the URL stores the search
    library_page.get_by_label("Search titles and file names").fill("")
    expect(library_page.locator("#cards .card")).to_have_count(3)
    library_page.get_by_role("heading", level=1).click()
    press("?")
    expect(library_page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert find_serious_violations(library_page) == []
    press("Escape")
    compare_form.get_by_role("button", name="Compare", exact=True).click()
    library_page.wait_for_url(re.compile(r"/compare/[0-9a-f-]{36}/"))


def test_the_focus_moves_on_from_a_deleted_card_that_an_update_replaced(library_page: Page) -> None:
    held: list[Route] = []
    library_page.route("**/v2/videos/*", lambda route: held.append(route))
    title_link = get_title_link(library_page, "Autumn")
    title_link.focus()
    with library_page.expect_request("**/v2/videos/*"):
        library_page.keyboard.press("Delete")
    for title in ("Autumn", "Breeze"):
        identity = library_page.locator(card(title)).get_attribute("id")
        library_page.locator(f"#{identity}").evaluate("(card) => { card.dataset.before = ''; }")
        library_page.locator(f"#{identity}").dispatch_event("sage:changed", {"bubbles": True})
        expect(library_page.locator(f"#{identity}:not([data-before])")).to_be_visible()
    expect(title_link).to_be_focused()

    held.pop().continue_()
    expect(library_page.locator(card("Autumn"))).to_have_count(0)
    expect(get_title_link(library_page, "Breeze")).to_be_focused()
    library_page.unroute("**/v2/videos/*")
    library_page.get_by_role("button", name="Undo").click()
    expect(title_link).to_be_focused()


def test_videos_are_moved_to_a_collection_by_menu_and_by_drag(library_page: Page) -> None:
    spots = library_page.locator(".sidebar a", has_text="Spots")
    library_page.locator(f"{card('Autumn')} .more summary").click()
    library_page.get_by_role("link", name="Move to collection").click()
    library_page.get_by_role("dialog", name="Move to collection").get_by_role("button", name="Spots").click()
    expect(spots.locator("small")).to_have_text("1")
    library_page.locator(f"{card('Breeze')} .still").drag_to(spots)
    expect(spots.locator("small")).to_have_text("2")
    library_page.reload()
    spots.click()
    expect(library_page.get_by_role("heading", level=1)).to_have_text("Spots")
    expect(library_page.locator("#cards .card")).to_have_count(2)
    library_page.get_by_label("Status").select_option("failed")
    expect(library_page.get_by_role("heading", name="No results")).to_be_visible()
    assert "collection=" in library_page.url and "state=failed" in library_page.url


def test_the_library_is_accessible_and_fits_a_phone_with_open_menus(library_page: Page) -> None:
    library_page.locator(f"{card('Autumn')} .more summary").click()
    assert find_serious_violations(library_page) == []
    library_page.set_viewport_size({"width": 390, "height": 844})
    assert measure_overflow(library_page) == 0
    library_page.goto("/library/?deleted=1")
    assert measure_overflow(library_page) == 0
    assert find_serious_violations(library_page) == []


def test_a_new_version_represents_its_stack_and_lists_it(library_page: Page, tmp_path: Path) -> None:
    file = tmp_path / "Autumn again.mp4"
    file.write_bytes(real("bigbuckbunny").read_bytes() + b"again")
    library_page.locator(f"{card('Autumn')} .more summary").click()
    with library_page.expect_file_chooser() as chooser:
        library_page.locator(f"{card('Autumn')} [data-action=version]").click()
    chooser.value.set_files(file)
    stack = library_page.locator(f"{card('Autumn again')} .stack")
    expect(stack.locator("summary")).to_contain_text("v2 of 2")
    expect(library_page.locator(card("Autumn"))).to_have_count(0)
    expect(library_page.locator(f"{card('Autumn again')}.ready")).to_be_visible(
        timeout=60_000
    )  # until then its card is replaced as jobs progress
    stack.locator("summary").click()
    expect(stack.get_by_role("link", name="v1 Autumn")).to_be_visible()
    get_title_link(library_page, "Autumn again").click()
    library_page.get_by_role("tab", name="Details").click()
    comparison_link = library_page.get_by_role("link", name="Compare v2 with v1")  # compared automatically
    expect(comparison_link).to_be_visible()
    comparison_link.click()
    expect(library_page.get_by_role("heading", level=1)).to_contain_text("Autumn again")


def test_an_open_menu_stays_open_during_live_updates(library_page: Page) -> None:
    identity = library_page.locator("#cards .card").first.get_attribute("id")
    video_card = library_page.locator(f"#{identity}")
    video_card.locator(".more summary").click()
    dispatch_update = """(card) => {
      card.dataset.before = "";
      card.dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
    }"""
    with library_page.expect_response(lambda answer: answer.url.endswith("/card/")):
        video_card.evaluate(dispatch_update)
    library_page.wait_for_timeout(300)
    expect(video_card.get_by_role("link", name="Move to collection")).to_be_visible()

    ended = {"comparison_id": "any", "status": "completed"}  # refreshes all cards
    dispatch_event = "(detail) => document.dispatchEvent(new CustomEvent('sage:topic:work', { detail }))"
    library_page.evaluate(dispatch_event, ended)
    library_page.wait_for_timeout(1000)
    expect(video_card.get_by_role("link", name="Move to collection")).to_be_visible()

    with library_page.expect_response(
        lambda answer: answer.url.endswith("/card/")
    ):  # the card is updated after the menu is closed
        video_card.locator(".more summary").click()
    expect(library_page.locator(f"#{identity}:not([data-before])")).to_be_visible()
