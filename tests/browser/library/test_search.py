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
from videos.models import Video
lines = ["I leave at six.", "The <b>bridge</b> is empty.", "Then the cars come."]
add_passages(Video.objects.get(title={TITLE!r}), [lines])
"""


@pytest.fixture(scope="module")
def dora_cookies(browser, live_site: Site, tmp_path_factory) -> list:
    """Sign up as Dora with a video and its transcript, and return her cookies."""
    file: Path = tmp_path_factory.mktemp("dora") / f"{TITLE}.mp4"
    file.write_bytes(real("bigbuckbunny").read_bytes() + b"dora")
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
def dora_page(new_page, dora_cookies: list) -> Page:
    page = new_page()
    page.context.add_cookies(dora_cookies)
    return page


def test_a_search_from_the_header_opens_the_video_at_the_second(dora_page: Page) -> None:
    dora_page.goto("/notices/")
    dora_page.keyboard.press("/")
    expect(dora_page.locator("#header-search")).to_be_focused()
    dora_page.keyboard.type("bridges/")
    expect(dora_page.locator("#header-search")).to_have_value("bridges/")
    dora_page.keyboard.press("Backspace")
    dora_page.keyboard.press("Enter")

    hit = dora_page.locator(".hit", has_text="Transcript").first
    expect(hit.locator("mark")).to_have_text("bridge")
    expect(hit.locator("time")).to_have_text("0:05")
    assert find_serious_violations(dora_page) == []
    hit.click()

    dora_page.wait_for_url("**/?t=5.000")
    expect(dora_page.locator("#clock")).to_have_text("0:05.00")


def test_filters_apply_at_once_and_the_page_fits_a_phone(dora_page: Page) -> None:
    dora_page.goto("/search/?q=interview")
    expect(dora_page.locator(".hit")).to_have_count(1)
    dora_page.keyboard.press("/")
    expect(dora_page.locator("#search-q")).to_be_focused()
    dora_page.get_by_label("Kind").select_option("chapter")
    expect(dora_page.get_by_role("heading", name="No results")).to_be_visible()
    assert "kind=chapter" in dora_page.url
    dora_page.get_by_role("link", name="Remove filters").click()
    expect(dora_page.locator(".hit")).to_have_count(1)

    dora_page.set_viewport_size({"width": 390, "height": 844})
    assert measure_overflow(dora_page) == 0
    dora_page.goto("/library/")
    dora_page.get_by_role("link", name="Search", exact=True).click()
    expect(dora_page.get_by_role("heading", name="Search your videos")).to_be_visible()


def test_similar_shots_of_the_shown_second_are_found(dora_page: Page) -> None:
    dora_page.goto("/search/?q=interview")
    dora_page.locator(".hit").click()
    dora_page.wait_for_url("**/videos/*/")  # after the scripts have run
    dora_page.get_by_role("link", name="Find similar shots").click()

    dora_page.wait_for_url("**/similar/?start=0.000&end=2.000")
    expect(dora_page.locator(".shots time")).to_have_text(["0:04"])
    assert find_serious_violations(dora_page) == []
