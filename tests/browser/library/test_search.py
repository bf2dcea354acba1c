"""Search with the keyboard: from the header to the second of a video, in both themes and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.footage import real
from tests.site import Site

TITLE = "Street interview"
ADD_PASSAGES = f"""
from tests.videos.passage_rows import add_passages
from tests.servers import wait_until
from videos.models import Job, Video
lines = ["I leave at six.", "The <b>bridge</b> is empty.", "Then the cars come."]
video = Video.objects.get(title={TITLE!r})
wait_until(lambda: not Job.objects.of(video).open().exists(), 60)  # its sound is transcribed
add_passages(video, [lines])
"""


@pytest.fixture(scope="module")
def petra_cookies(browser, live_site: Site, tmp_path_factory) -> list:
    """Sign up as Petra with a video and its transcript, and return her cookies."""
    file: Path = tmp_path_factory.mktemp("petra") / f"{TITLE}.mp4"
    file.write_bytes(real("bigbuckbunny").read_bytes() + b"petra")
    context = browser.new_context(base_url=live_site.address)
    page = context.new_page()
    sign_up(page, "Petra", "petra@example.org")
    page.set_input_files("#upload input[type=file]", file)
    expect(page.locator(".card.ready")).to_have_count(1)
    live_site.run(ADD_PASSAGES)
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def petra_page(new_page, petra_cookies: list) -> Page:
    page = new_page()
    page.context.add_cookies(petra_cookies)
    return page


def test_a_search_from_the_header_opens_the_video_at_the_second(petra_page: Page) -> None:
    petra_page.goto("/notices/")
    petra_page.keyboard.press("/")
    expect(petra_page.locator("#header-search")).to_be_focused()
    petra_page.keyboard.type("bridges/")
    expect(petra_page.locator("#header-search")).to_have_value("bridges/")
    petra_page.keyboard.press("Backspace")
    petra_page.keyboard.press("Enter")

    hit = petra_page.locator(".hit", has_text="Transcript").first
    expect(hit.locator("mark")).to_have_text("bridge")
    expect(hit.locator("time")).to_have_text("0:05")
    assert find_serious_violations(petra_page) == []
    hit.click()

    petra_page.wait_for_url("**/?t=5.000")
    expect(petra_page.locator("#clock")).to_have_text("0:05.00")


def test_filters_apply_at_once_and_the_page_fits_a_phone(petra_page: Page) -> None:
    petra_page.goto("/search/?q=interview")
    expect(petra_page.locator(".hit")).to_have_count(1)
    petra_page.keyboard.press("/")
    expect(petra_page.locator("#search-q")).to_be_focused()
    petra_page.get_by_label("Kind").select_option("chapter")
    expect(petra_page.get_by_role("heading", name="No results")).to_be_visible()
    assert "kind=chapter" in petra_page.url
    petra_page.get_by_role("link", name="Remove filters").click()
    expect(petra_page.locator(".hit")).to_have_count(1)

    petra_page.set_viewport_size({"width": 390, "height": 844})
    assert measure_overflow(petra_page) == 0
    petra_page.goto("/library/")
    petra_page.get_by_role("link", name="Search", exact=True).click()
    expect(petra_page.get_by_role("heading", name="Search your videos")).to_be_visible()


def test_similar_shots_of_the_shown_second_are_found(petra_page: Page) -> None:
    petra_page.goto("/search/?q=interview")
    petra_page.locator(".hit").click()
    petra_page.wait_for_url("**/videos/*/")  # after the scripts have run
    petra_page.get_by_role("link", name="Find similar shots").click()

    petra_page.wait_for_url("**/similar/?start=0.000&end=2.000")
    expect(petra_page.locator(".shots time")).to_have_text(["0:04"])
    assert find_serious_violations(petra_page) == []
