"""The notes panel of the video page: write, seek, mark, edit, reply, delete, undo, and live updates."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up, upload_and_open
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.footage import real
from tests.site import Site


@pytest.fixture(scope="module")
def nell(browser, live_site: Site, tmp_path_factory) -> tuple[list, str]:
    """Sign up as Nell, upload a video, and return her cookies and the path of the video page."""
    file = tmp_path_factory.mktemp("nell") / "Meadow.mp4"
    file.write_bytes(real("bigbuckbunny").read_bytes() + b"nell")
    context = browser.new_context(base_url=live_site.address)
    page = context.new_page()
    sign_up(page, "Nell", "nell@example.org")
    path, cookies = upload_and_open(page, file), context.cookies()
    context.close()
    return cookies, path


@pytest.fixture
def open_notes(new_page, nell: tuple[list, str]):
    """Return a function that opens the page of the video in a new browser window."""

    def open_page(query: str = "", **options) -> Page:
        page = new_page(**options)
        page.context.add_cookies(nell[0])
        page.goto(nell[1] + query)
        return page

    return open_page


def test_a_note_is_written_at_the_current_second_and_appears_elsewhere(open_notes) -> None:
    page, other = open_notes("?t=2.5"), open_notes()
    expect(page.locator("#clock")).to_have_text("0:02.50")
    expect(other.locator("#live")).to_have_text("Live")

    page.keyboard.press("n")
    expect(page.locator("#notes-composer textarea")).to_be_focused()
    page.keyboard.type("The logo appears **too early**.")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("See the script.")
    page.keyboard.press("Enter")

    note = page.locator(".note", has_text="The logo appears")
    expect(note.locator("strong")).to_have_text("too early")
    expect(note.locator(".note-time")).to_have_text("0:02")
    expect(note).to_have_attribute("aria-current", "true")
    expect(other.locator(".note strong")).to_have_text("too early")
    expect(other.locator("#video-timeline .marks a")).to_have_count(1)
    expect(page.get_by_role("tab", name="Notes")).to_contain_text("1")
    other.locator(".note .note-time").click()
    expect(other.locator("#clock")).to_have_text("0:02.50")
    assert find_serious_violations(page) == []

    note.get_by_role("link", name="Edit").click()
    note.locator("form.form textarea").fill("The title appears late.")
    page.keyboard.press("Enter")
    note = page.locator(".note", has_text="The title appears late.")
    expect(note).to_be_visible()
    note.locator("summary").click()
    note.locator(".note-answer textarea").fill("Fixed")
    page.keyboard.press("Enter")
    expect(page.locator(".note-reply")).to_contain_text("Fixed")
    note.get_by_label("Mark as done").click()
    expect(page.locator(".note.done")).to_have_count(1)
    expect(other.locator(".note.done")).to_have_count(1)

    note.get_by_role("button", name="Delete").first.click()
    expect(page.locator(".note")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    for shown in (page, other):
        expect(shown.locator(".note")).to_have_count(1)
    note.get_by_role("button", name="Delete").first.click()
    expect(other.locator(".note")).to_have_count(0)


def test_a_click_is_not_lost_to_an_update_while_the_button_is_pressed(open_notes) -> None:
    page, other = open_notes(), open_notes()
    expect(page.locator("#live")).to_have_text("Live")
    for text in ("Pressed", "Changed"):
        other.locator("#notes-composer textarea").fill(text)
        other.keyboard.press("Enter")
        expect(page.locator(".note", has_text=text)).to_be_visible()

    page.locator(".note", has_text="Pressed").get_by_role("button", name="Delete").first.hover()
    page.mouse.down()
    with page.expect_response(lambda response: response.request.resource_type == "fetch"):
        other.locator(".note", has_text="Changed").get_by_role("button", name="Delete").first.click()
    page.wait_for_timeout(300)
    page.mouse.up()

    expect(page.locator(".note")).to_have_count(0)


def test_notes_work_without_scripts(open_notes) -> None:
    page = open_notes(java_script_enabled=False)
    page.get_by_label("Time", exact=True).fill("0:03")
    page.get_by_label("Note", exact=True).fill("Too dark")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".note")).to_contain_text("Too dark")

    page.get_by_role("button", name="Delete").first.click()
    expect(page.get_by_text("Note deleted")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".note")).to_have_count(1)
    page.goto("/notes/")
    expect(page.locator(".note")).to_contain_text("Too dark")
    page.locator(".note .link").click()
    page.get_by_role("button", name="Delete").first.click()
    expect(page.get_by_text("Note deleted")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_the_panel_and_the_page_fit_the_window(open_notes, width: int) -> None:
    page = open_notes(viewport={"width": width, "height": 844})
    expect(page.locator("#notes-composer")).to_be_visible()
    assert measure_overflow(page) <= 0

    page.goto("/notes/")
    assert measure_overflow(page) <= 0
    assert find_serious_violations(page) == []


def test_an_edit_does_not_replace_that_of_another_tab_unseen(open_notes) -> None:
    page, other = open_notes(), open_notes()
    page.locator("#notes-composer textarea").fill("Shared")
    page.keyboard.press("Enter")
    editors = []
    for tab in (page, other):
        note = tab.locator(".note", has_text="Shared")
        note.get_by_role("link", name="Edit").click()
        editors.append(tab.locator(".note.editing form.form textarea"))
        expect(editors[-1]).to_be_focused()

    editors[0].fill("Changed here")
    page.keyboard.press("Enter")
    expect(page.locator(".note-text", has_text="Changed here")).to_be_visible()
    editors[1].fill("Changed there")
    other.keyboard.press("Enter")
    expect(other.get_by_text("changed elsewhere")).to_be_visible()
    expect(editors[1]).to_have_value("Changed there")
    editors[1].focus()
    other.keyboard.press("Enter")
    expect(page.locator(".note-text", has_text="Changed there")).to_be_visible()

    other.locator(".note", has_text="Changed there").get_by_role("link", name="Edit").click()
    expect(editors[1]).to_be_focused()
    page.locator(".note", has_text="Changed there").get_by_role("link", name="Edit").click()
    editors[0].fill("Changed again")
    page.keyboard.press("Enter")
    expect(page.locator(".note-text", has_text="Changed again")).to_be_visible()
    other.keyboard.press("Escape")
    expect(other.locator(".note-text", has_text="Changed again")).to_be_visible()
