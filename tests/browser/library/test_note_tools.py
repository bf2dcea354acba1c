"""Ranges, drawings, frames, preferences, find and the outbox of the notes panel."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up, upload_and_open
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.footage import real
from tests.site import Site


@pytest.fixture(scope="module")
def video_of_tilda(browser, live_site: Site, tmp_path_factory) -> tuple[list, str]:
    """Sign up as Tilda, upload a video, and return her cookies and the path of the video page."""
    file = tmp_path_factory.mktemp("tilda") / "Meadow.mp4"
    file.write_bytes(real("bigbuckbunny").read_bytes() + b"tilda")
    context = browser.new_context(base_url=live_site.address)
    page = context.new_page()
    sign_up(page, "Tilda", "tilda@example.org")
    path, cookies = upload_and_open(page, file), context.cookies()
    context.close()
    return cookies, path


@pytest.fixture
def open_video(new_page, video_of_tilda: tuple[list, str]):
    """Return a function that opens the page of the video at a second."""

    def open_page(seconds: float = 0, **options) -> Page:
        page = new_page(**options)
        page.context.add_cookies(video_of_tilda[0])
        page.goto(f"{video_of_tilda[1]}?panel=notes&t={seconds}")
        expect(page.locator("#player[data-ready]")).to_be_attached()
        return page

    return open_page


def take_note(page: Page, text: str) -> None:
    page.keyboard.press("n")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator(".note", has_text=text)).to_be_visible()


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over the drawing, between two points as shares of its size."""
    box = page.locator(".drawing").bounding_box()
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=4)
    page.mouse.up()


def test_a_range_is_set_from_the_player_and_loops(open_video) -> None:
    page = open_video(1)
    expect(page.locator("#clock")).to_have_text("0:01.00")
    page.keyboard.press("i")
    page.evaluate("() => document.dispatchEvent(new CustomEvent('sage:seek', { detail: { time: 2 } }))")
    expect(page.locator("#clock")).to_have_text("0:02.00")
    page.keyboard.press("o")
    expect(page.get_by_label("Until", exact=True)).to_have_value("0:02")
    take_note(page, "Too long")

    page.get_by_role("button", name="Loop 0:01 to 0:02").click()
    expect(page.locator("[data-loop]")).to_have_attribute("aria-pressed", "true")
    page.evaluate(
        """() => { window.returns = 0; let last = 0;
        document.addEventListener("sage:time", ({ detail }) => {
          if (detail.time < last - 0.5) window.returns += 1;
          last = detail.time;
        }); }"""
    )
    page.wait_for_function("() => window.returns >= 2")
    page.get_by_role("button", name="Loop 0:01 to 0:02").click()
    expect(page.locator("[data-loop]")).to_have_attribute("aria-pressed", "false")


def test_a_drawing_is_attached_to_a_new_note_and_shown_at_its_moment(open_video) -> None:
    page, other = open_video(3), open_video()
    expect(page.locator("#clock")).to_have_text("0:03.00")
    page.locator("#notes-composer").get_by_role("button", name="Draw").click()
    drag(page, (0.2, 0.2), (0.6, 0.6))
    page.get_by_role("button", name="Box", exact=True).click()
    page.get_by_role("button", name="Red").click()
    drag(page, (0.5, 0.1), (0.9, 0.4))
    page.get_by_role("button", name="Pen").click()
    drag(page, (0.1, 0.9), (0.3, 0.7))
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".drawing .shape")).to_have_count(2)
    assert find_serious_violations(page) == []
    page.get_by_role("button", name="Save drawing").click()
    take_note(page, "The ears")

    expect(page.locator(".drawing .shape")).to_have_count(2)
    expect(other.locator(".note", has_text="The ears").get_by_role("button", name="Show the drawing")).to_be_visible()
    expect(other.locator(".drawing")).to_have_count(0)
    other.get_by_role("button", name="Show the drawing at 0:03").click()
    expect(other.locator(".drawing rect.shape[data-color=red]")).to_be_visible()
    other.keyboard.press("Home")
    expect(other.locator(".drawing")).to_have_count(0)

    page.locator(".note", has_text="The ears").get_by_role("button", name="Remove the drawing").click()
    expect(page.locator(".drawing")).to_have_count(0)


def test_a_frame_is_cut_and_shown_with_the_note(open_video) -> None:
    page = open_video(2.5)
    expect(page.locator("#clock")).to_have_text("0:02.50")
    take_note(page, "This frame")

    note = page.locator(".note", has_text="This frame")
    note.get_by_role("button", name="Add frame").click()
    picture = note.get_by_alt_text("Frame at 0:02")
    expect(picture).to_be_visible()
    picture.evaluate("picture => picture.scrollIntoView()")  # at once: the live page draws the note again
    page.wait_for_function("() => document.querySelector('.note-attachment img').naturalWidth > 100")
    assert measure_overflow(page) <= 0


def test_notes_start_earlier_and_the_video_plays_on_if_the_user_prefers_it(open_video) -> None:
    page = open_video()
    path = page.url
    page.goto("/account/")
    page.get_by_label("Pause when I take a note").uncheck()
    page.get_by_label("Start notes earlier").fill("2")
    page.locator("form", has=page.get_by_label("Start notes earlier")).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Preferences saved.")).to_be_visible()

    page.goto(path.replace("t=0", "t=3.5"))
    expect(page.locator("#clock")).to_have_text("0:03.50")
    page.keyboard.press("n")
    expect(page.get_by_label("Time", exact=True)).to_have_value("0:01")
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    page.keyboard.press("k")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.3")
    page.keyboard.press("n")
    assert not page.locator("video").evaluate("(video) => video.paused")
    page.goto("/account/")
    page.get_by_label("Pause when I take a note").check()
    page.get_by_label("Start notes earlier").fill("0")
    page.locator("form", has=page.get_by_label("Start notes earlier")).get_by_role("button", name="Save").click()


def test_a_note_written_offline_waits_and_is_sent_once(open_video) -> None:
    page, other = open_video(1.5), open_video()
    expect(page.locator("#clock")).to_have_text("0:01.50")
    page.context.set_offline(True)
    page.keyboard.press("n")
    page.keyboard.type("Written offline")
    page.keyboard.press("Enter")
    waiting = page.locator(".notes-waiting li")
    expect(waiting).to_contain_text("Waiting to be sent")
    expect(page.locator("#notes-composer textarea")).to_have_value("")

    page.context.set_offline(False)
    expect(waiting).to_have_count(0)
    expect(other.locator(".note", has_text="Written offline")).to_have_count(1)
    expect(page.locator(".note", has_text="Written offline")).to_have_count(1)
    expect(page.locator(".note", has_text="Written offline").locator(".note-time")).to_have_text("0:01")


def test_notes_are_found_by_their_text(open_video) -> None:
    page = open_video(0.5)
    expect(page.locator("#clock")).to_have_text("0:00.50")
    take_note(page, "A needle")
    take_note(page, "Hay")

    page.get_by_label("Find in notes").fill("NEEDLE")
    expect(page.locator(".note", has_text="Hay")).to_be_hidden()
    expect(page.locator(".note", has_text="A needle")).to_be_visible()
    expect(page.locator(".notes-find [role=status]")).to_have_text("1 found")
    page.keyboard.press("Escape")
    expect(page.locator(".note", has_text="Hay")).to_be_visible()


def test_find_and_frames_work_without_scripts(open_video, video_of_tilda, new_page) -> None:
    page = new_page(java_script_enabled=False)
    page.context.add_cookies(video_of_tilda[0])
    page.goto(f"{video_of_tilda[1]}?panel=notes")
    page.get_by_label("Find in notes").fill("nothing like this")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_text("No notes match this filter.")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_the_tools_fit_the_window(open_video, width: int) -> None:
    page = open_video(1, viewport={"width": width, "height": 844})
    page.locator("#notes-composer").get_by_role("button", name="Draw").click()
    expect(page.get_by_role("toolbar", name="Draw over the picture")).to_be_visible()

    assert measure_overflow(page) <= 0
    page.keyboard.press("Escape")
    expect(page.locator(".draw-tools")).to_have_count(0)
