"""The notes of an earlier version on the page of the next one: their states, their boxes, and placing them by hand."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.footage import real
from tests.site import Site

# The same file as version 2, compared by a stored script: 0-2 equal, 2-3 changed, 3-4 deleted, the rest equal.
STORE = """
import copy, uuid
from accounts.viewer import Viewer
from notes import writing
from tests.notes.carrying_rows import compare
from videos.library import versions
from videos.models import Video
first = Video.objects.get(owner__email="carla@example.org")
second = copy.copy(first)
second.pk = uuid.uuid4()
second._state.adding = True
second.title = "Meadow 2"
versions.add_version(second, first)
second.save()
first.refresh_from_db()
compare(first, second, [
    ("equal", (0, 2), (0, 2)), ("changed", (2, 3), (2, 3)), ("deleted", (3, 4), None),
    ("equal", (4, first.duration), (3, first.duration - 1)),
])
for seconds, text in ((1, "Stays"), (2.5, "Differs"), (3.5, "Goes")):
    writing.create_note(Viewer(first.owner), first, writing.NewNote(seconds=seconds, text=text))
print(second.pk)
"""


@pytest.fixture(scope="module")
def carla(browser, live_site: Site, tmp_path_factory) -> tuple[list, str]:
    """Sign up as Carla, upload a video, and return her cookies and the path of its second version, with notes."""
    file = tmp_path_factory.mktemp("carla") / "Meadow.mp4"
    file.write_bytes(real("bigbuckbunny").read_bytes() + b"carla")
    context = browser.new_context(base_url=live_site.address)
    page = context.new_page()
    sign_up(page, "Carla", "carla@example.org")
    page.set_input_files("#upload input[type=file]", file)
    expect(page.locator(".card.ready")).to_have_count(1)
    cookies = context.cookies()
    context.close()
    return cookies, f"/videos/{live_site.run(STORE).strip()}/"


@pytest.fixture
def open_version(new_page, carla: tuple[list, str]):
    """Return a function that opens the page of the second version in a new browser window."""

    def open_page(query: str = "", **options) -> Page:
        page = new_page(**options)
        page.context.add_cookies(carla[0])
        page.goto(carla[1] + query)
        return page

    return open_page


def test_the_current_note_shows_where_the_picture_differs(open_version) -> None:
    page = open_version("?panel=notes")
    expect(page.locator(".notes-summary")).to_have_text("3 notes: 1 changed since, 1 deleted, 1 unchanged")
    expect(page.locator("#note-regions")).to_have_count(0)

    page.locator(".note", has_text="Differs").locator(".note-time").click()
    expect(page.locator("#note-regions rect")).to_have_attribute("width", "0.3")
    page.locator(".note", has_text="Stays").locator(".note-time").click()
    expect(page.locator("#note-regions")).to_have_count(0)
    assert find_serious_violations(page) == []


def test_a_note_is_placed_at_the_second_of_the_player_and_returned(open_version) -> None:
    page = open_version("?t=4.04&panel=notes")
    expect(page.locator("#clock")).to_have_text("0:04.04")
    note = page.locator(".note", has_text="Goes")
    expect(note).to_contain_text("Deleted")
    expect(note.get_by_label("Place the note at")).to_have_value("0:04")

    note.get_by_role("button", name="Place here").click()
    expect(note).to_contain_text("Placed by hand at 0:04")
    assert abs(float(note.get_attribute("data-start") or 0) - 4.04) < 0.05

    note.get_by_role("button", name="Undo").click()
    expect(note).to_contain_text("Deleted")


def test_a_note_is_done_on_every_version(open_version) -> None:
    page, other = open_version("?panel=notes"), open_version("?panel=notes")
    expect(other.locator("#live")).to_have_text("Live")

    page.locator(".note", has_text="Stays").get_by_label("Mark as done").click()
    expect(other.locator(".note.done")).to_have_count(1)
    other.locator(".note-place a", has_text="Version 1").first.click()
    expect(other.locator(".note.done")).to_contain_text("Stays")


def test_placing_works_without_scripts(open_version) -> None:
    page = open_version("?panel=notes", java_script_enabled=False)
    note = page.locator(".note", has_text="Goes")

    note.get_by_label("Place the note at").fill("0:01")
    note.get_by_role("button", name="Place here").click()
    expect(note).to_contain_text("Placed by hand at 0:01")
    note.get_by_role("button", name="Undo").click()
    expect(note).to_contain_text("Deleted")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_panel_fits_the_window(open_version, width: int) -> None:
    page = open_version("?panel=notes", viewport={"width": width, "height": 844})

    expect(page.locator(".notes-summary")).to_be_visible()
    assert measure_overflow(page) <= 0
