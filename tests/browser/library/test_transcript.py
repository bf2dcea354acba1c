"""The transcript panel of the video page: upload, follow, find, seek, edit, captions and chapters."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up, upload_and_open
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.footage import real
from tests.site import Site

SRT = """1
00:00:00,000 --> 00:00:01,500
The meadow is quiet.

2
00:00:01,500 --> 00:00:03,000
A <i>rabbit</i> wakes <script>window.broken = 1</script>late.

3
00:00:03,000 --> 00:00:05,000
The rabbit stretches.
"""


@pytest.fixture(scope="module")
def erin(browser, live_site: Site, tmp_path_factory) -> tuple[list, str]:
    """Sign up as Erin, upload a video and its transcript, and return her cookies and the path of the video page."""
    folder: Path = tmp_path_factory.mktemp("erin")
    file, lines = folder / "Meadow.mp4", folder / "Meadow.srt"
    file.write_bytes(real("bigbuckbunny").read_bytes() + b"erin")
    lines.write_text(SRT)
    context = browser.new_context(base_url=live_site.address)
    page = context.new_page()
    sign_up(page, "Erin", "erin@example.org")
    upload_and_open(page, file)
    page.get_by_role("tab", name="Transcript").click()
    page.get_by_label("Replace transcript").click()
    page.set_input_files("#transcript input[type=file]", lines)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator(".cues li")).to_have_count(3)
    expect(page.locator("#transcript .working")).to_have_count(0)
    path, cookies = page.url.removeprefix(live_site.address).partition("#")[0], context.cookies()
    context.close()
    return cookies, path


@pytest.fixture
def transcript_page(new_page, erin: tuple[list, str]) -> Page:
    page = new_page()
    page.context.add_cookies(erin[0])
    page.goto(erin[1])
    expect(page.locator("#player[data-ready]")).to_be_attached()
    return page


def test_a_click_on_a_line_seeks_and_the_line_of_the_moment_is_marked(transcript_page: Page) -> None:
    page = transcript_page

    page.locator(".cues a span", has_text="The rabbit stretches.").click()

    expect(page.locator(".cues li[aria-current]")).to_contain_text("The rabbit stretches.")
    expect(page.locator("#clock")).to_have_text("0:03.00")
    assert page.evaluate("window.broken") is None
    assert find_serious_violations(page) == []


def test_words_are_found_with_their_number_and_the_next_match(transcript_page: Page) -> None:
    page = transcript_page

    page.get_by_placeholder("Find in the transcript").fill("rabbit")
    expect(page.locator("#transcript [data-count]")).to_have_text("2")
    expect(page.locator("#video-timeline .hits a")).to_have_count(2)
    expect(page.locator(".cues mark")).to_have_count(2)
    page.keyboard.press("Enter")
    expect(page.locator("#transcript [data-count]")).to_have_text("1 of 2")
    page.keyboard.press("Enter")
    expect(page.locator(".cues li.found")).to_contain_text("stretches")
    page.get_by_placeholder("Find in the transcript").fill("owl")
    expect(page.locator("#transcript [data-count]")).to_have_text("No matches")


def test_captions_can_be_shown(transcript_page: Page) -> None:
    page = transcript_page

    page.get_by_role("button", name="Captions").click()

    page.wait_for_function("() => document.querySelector('video').textTracks[0].cues?.length === 3")
    expect(page.get_by_role("button", name="Captions")).to_have_attribute("aria-pressed", "true")


def test_a_line_is_corrected_in_place(transcript_page: Page) -> None:
    page = transcript_page

    page.locator(".cues li").first.hover()
    page.get_by_role("link", name="Edit 0:00").click()
    field = page.locator(".cues textarea")
    expect(field).to_be_focused()
    field.fill("The meadow is very quiet.")
    page.keyboard.press("Enter")

    expect(page.locator(".cues li").first).to_contain_text("The meadow is very quiet.")
    expect(page.locator("#transcript .source")).to_contain_text("edited")


def test_chapters_are_written_as_text_and_seek(transcript_page: Page) -> None:
    page = transcript_page

    page.get_by_role("link", name="chapters").click()
    page.get_by_label("Chapters").fill("0:00 Meadow\n0:02 Rabbit\nlater Nothing")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Line 3 does not begin with a time")).to_be_visible()
    page.get_by_label("Chapters").fill("0:00 Meadow\n0:02 Rabbit")
    page.get_by_role("button", name="Save").click()
    page.locator("#transcript .chapters a", has_text="Rabbit").click()

    expect(page.locator("#clock")).to_have_text("0:02.00")
    expect(page.locator("#video-timeline .chapters [aria-current]")).to_contain_text("Rabbit")
    page.locator("#video-timeline .chapters a", has_text="Meadow").click()
    expect(page.locator("#clock")).to_have_text("0:00.00")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_fits_the_window(transcript_page: Page, width: int) -> None:
    transcript_page.set_viewport_size({"width": width, "height": 844})

    assert measure_overflow(transcript_page) <= 0
