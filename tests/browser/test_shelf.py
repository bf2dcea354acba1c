"""The library by keyboard, by mouse and by its address: find, pick, rename, put together, delete, bring back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import sign_up
from tests.browser.test_frame import overflow, serious
from tests.footage import real

NAMES = ["Autumn", "Breeze", "Cliffs"]


def card(title: str) -> str:
    return f'.card[data-title="{title}"]'


@pytest.fixture(scope="session")
def carols(browser, site: str, tmp_path_factory) -> list:
    """The session of Carol, who has three videos and a collection."""
    folder = tmp_path_factory.mktemp("carols")
    context = browser.new_context(base_url=site)
    page = context.new_page()
    sign_up(page, "Carol", "carol@example.org")
    for title in NAMES:
        (folder / f"{title}.mp4").write_bytes(real("bigbuckbunny").read_bytes() + title.encode())
        page.set_input_files("#upload input[type=file]", folder / f"{title}.mp4")
        page.wait_for_selector(card(title))
    page.locator(".shelf summary").click()
    page.get_by_label("Name", exact=True).fill("Spots")
    page.get_by_role("button", name="Make it").click()
    page.goto("/library/?sort=title_asc")
    expect(page.locator(".card.ready")).to_have_count(3, timeout=60_000)
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def shelf(new_page, carols: list) -> Page:
    page = new_page()
    page.context.add_cookies(carols)
    page.goto("/library/?sort=title_asc")
    return page


def name(page: Page, title: str) -> Locator:
    return page.locator(f"{card(title)} h3 a")


def test_everything_is_reached_by_keys(shelf: Page) -> None:
    press = shelf.keyboard.press
    press("ArrowRight")
    press("ArrowRight")
    expect(name(shelf, "Breeze")).to_be_focused()
    press("Home")
    press(" ")
    press("End")
    press(" ")
    dock = shelf.get_by_role("form", name="Compare two videos")
    expect(dock.locator("[data-chosen=a]")).to_have_text("Autumn")
    expect(dock.locator("[data-chosen=b]")).to_have_text("Cliffs")

    press("F2")
    shelf.keyboard.type("Coast")
    with shelf.expect_response(lambda answer: answer.request.method == "PATCH"):
        press("Enter")
    expect(name(shelf, "Coast")).to_be_focused()
    press("F2")
    shelf.keyboard.type("Nothing")
    press("Escape")
    expect(name(shelf, "Coast")).to_be_focused()

    press("Delete")
    expect(shelf.locator(card("Coast"))).to_have_count(0)
    expect(name(shelf, "Breeze")).to_be_focused()
    shelf.get_by_role("button", name="Undo").click()
    expect(shelf.locator(card("Coast"))).to_be_visible()
    expect(name(shelf, "Coast")).to_be_focused()

    expect(dock.locator("[data-chosen=b]")).to_have_text("pick the second")  # what is deleted is not compared
    press(" ")

    press("/")
    shelf.keyboard.type("bree")
    expect(shelf.locator("#cards .card")).to_have_count(1)
    assert "q=bree" in shelf.url
    expect(dock.locator("[data-chosen=a]")).to_have_text("Autumn")  # still picked, though not shown
    shelf.reload()
    expect(shelf.locator("#cards .card")).to_have_count(1)  # the address holds what is looked for
    shelf.get_by_label("Search").fill("")
    expect(shelf.locator("#cards .card")).to_have_count(3)
    shelf.get_by_role("heading", level=1).click()
    press("?")
    expect(shelf.get_by_role("dialog", name="Keys")).to_be_visible()
    assert serious(shelf) == []
    press("Escape")
    dock.get_by_role("button", name="Compare", exact=True).click()
    shelf.wait_for_url(re.compile(r"/compare/[0-9a-f-]{36}/"))


def test_videos_are_moved_by_menu_and_by_drag_and_found_in_their_collection(shelf: Page) -> None:
    spots = shelf.locator(".shelf a", has_text="Spots")
    shelf.locator(f"{card('Autumn')} .more summary").click()
    shelf.get_by_role("link", name="Move to a collection").click()
    shelf.get_by_role("dialog", name="Move to").get_by_role("button", name="Spots").click()
    expect(spots.locator("small")).to_have_text("1")
    shelf.locator(f"{card('Breeze')} .still").drag_to(spots)
    expect(spots.locator("small")).to_have_text("2")
    shelf.reload()
    spots.click()
    expect(shelf.get_by_role("heading", level=1)).to_have_text("Spots")
    expect(shelf.locator("#cards .card")).to_have_count(2)
    shelf.get_by_label("State").select_option("failed")
    expect(shelf.get_by_role("heading", name="Nothing found")).to_be_visible()
    assert "collection=" in shelf.url and "state=failed" in shelf.url


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_it_is_accessible_and_fits_a_phone_with_its_menus_open(shelf: Page, site: str, theme: str) -> None:
    shelf.context.add_cookies([{"name": "theme", "value": theme, "url": site}])
    shelf.goto("/library/?sort=title_asc")
    shelf.locator(f"{card('Autumn')} .more summary").click()
    assert serious(shelf) == []
    shelf.set_viewport_size({"width": 390, "height": 844})
    assert overflow(shelf) == 0
    shelf.goto("/library/?deleted=1")
    assert overflow(shelf) == 0
    assert serious(shelf) == []


def test_a_new_version_stands_for_its_stack_and_lists_it(shelf: Page, tmp_path: Path) -> None:
    file = tmp_path / "Autumn again.mp4"
    file.write_bytes(real("bigbuckbunny").read_bytes() + b"again")
    shelf.locator(f"{card('Autumn')} .more summary").click()
    with shelf.expect_file_chooser() as chooser:
        shelf.locator(f"{card('Autumn')} [data-act=version]").click()
    chooser.value.set_files(file)
    stack = shelf.locator(f"{card('Autumn again')} .stack")
    expect(stack.locator("summary")).to_contain_text("v2 of 2")
    expect(shelf.locator(card("Autumn"))).to_have_count(0)
    expect(shelf.locator(f"{card('Autumn again')}.ready")).to_be_visible(
        timeout=60_000
    )  # until then its card is drawn anew as it goes on
    stack.locator("summary").click()
    expect(stack.get_by_role("link", name="v1 Autumn")).to_be_visible()
    name(shelf, "Autumn again").click()
    since = shelf.get_by_role("link", name="since v1, what changed in v2")  # compared without being asked
    expect(since).to_be_visible()
    since.click()
    expect(shelf.get_by_role("heading", level=1)).to_contain_text("Autumn again")


def test_a_menu_that_is_open_stays_so_while_news_of_its_video_come(shelf: Page) -> None:
    identity = shelf.locator("#cards .card").first.get_attribute("id")
    one = shelf.locator(f"#{identity}")
    one.locator(".more summary").click()
    news = """(card) => {
      card.dataset.before = "";
      card.dispatchEvent(new CustomEvent("sage:changed", { bubbles: true }));
    }"""
    with shelf.expect_response(lambda answer: answer.url.endswith("/card/")):
        one.evaluate(news)
    shelf.wait_for_timeout(300)
    expect(one.get_by_role("link", name="Move to a collection")).to_be_visible()

    with shelf.expect_response(lambda answer: answer.url.endswith("/card/")):  # and are shown once it is closed
        one.locator(".more summary").click()
    expect(shelf.locator(f"#{identity}:not([data-before])")).to_be_visible()
