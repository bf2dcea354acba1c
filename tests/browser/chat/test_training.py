"""Review a training set in a real browser: by keys, in place, and without scripts."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat.sales_material import extract_material
from tests.browser.conftest import sign_up
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.footage import real
from tests.site import Site


@pytest.fixture(scope="module")
def made(browser, live_site: Site, tmp_path_factory) -> tuple[list, str]:
    """Sign up as Tara, upload a sales conversation, call the agent, and return her cookies and the path of the set."""
    file = tmp_path_factory.mktemp("tara") / "Call.mp4"
    file.write_bytes(real("bigbuckbunny").read_bytes() + b"tara")
    context = browser.new_context(base_url=live_site.address)
    page = context.new_page()
    page.set_default_timeout(60_000)
    sign_up(page, "Tara", "tara@example.org")
    extract_material(page, file)
    page.goto("/outputs/")
    page.get_by_role("link", name="Training sets").click()
    page.get_by_label("Title").fill("Sales calls")
    page.get_by_label("Call", exact=True).check()
    page.get_by_role("button", name="Create").click()
    page.wait_for_url("**/training/*/")
    path = page.url.removeprefix(live_site.address)
    cookies = context.cookies()
    context.close()
    return cookies, path


@pytest.fixture
def open_page(new_page, made: tuple[list, str]):
    def open_page(path: str = "", **options) -> Page:
        page = new_page(**options)
        page.context.add_cookies(made[0])
        page.goto(path or made[1])
        return page

    return open_page


def test_pairs_are_reviewed_by_keys_and_edited_in_place(open_page) -> None:
    page = open_page()
    first, second = (page.locator(".training-pair").nth(place) for place in (0, 1))

    page.keyboard.press("a")
    expect(first.locator("[data-status-label]")).to_have_text("Accepted")
    expect(second).to_be_focused()
    page.keyboard.press("r")
    expect(second.locator("[data-status-label]")).to_have_text("Rejected")
    page.keyboard.press("k")
    page.keyboard.press("k")
    page.keyboard.press("e")
    first.get_by_label("Output").fill("Write to mira@example.org for a longer answer.")
    first.get_by_role("button", name="Save").click()
    expect(first.locator("[data-text=output]")).to_have_text("Write to mira@example.org for a longer answer.")
    expect(first).to_be_focused()
    assert find_serious_violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="JSONL").click()
    lines = [json.loads(line) for line in download.value.path().read_text().splitlines()]
    assert [line["output"] for line in lines] == ["Write to [EMAIL] for a longer answer."]
    assert lines[0]["metadata"]["video"] == "Call"


def test_a_second_window_is_told_that_the_pair_was_changed(open_page) -> None:
    page, other = (open_page().locator(".training-pair").nth(2) for _ in range(2))
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("[data-status-label]")).to_have_text("Accepted")
    other.get_by_role("button", name="Reject").click()

    expect(other.page.get_by_text(re.compile("was changed after you opened it"))).to_be_visible()
    expect(other.locator("[data-status-label]")).to_have_text("New")


def test_the_set_is_reviewed_without_scripts_on_a_phone(open_page) -> None:
    page = open_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    last = page.locator(".training-pair").last

    last.get_by_role("button", name="Reject").click()
    expect(last.locator("[data-status-label]")).to_have_text("Rejected")


@pytest.mark.parametrize("path", ["", "/training/"])
def test_the_pages_fit_a_phone(open_page, path: str) -> None:
    page = open_page(path, viewport={"width": 390, "height": 844})
    assert measure_overflow(page) <= 0
    assert find_serious_violations(page) == []
