"""Extract material from a sales conversation in a real browser, by the local engine."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat.sales_material import extract_material
from tests.browser.conftest import sign_up
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.footage import real
from tests.site import Site

PARTS = ["Analysis", "Structured Data", "Voice Prompt", "Training Data"]


@pytest.fixture(scope="module")
def conversation(browser, live_site: Site, tmp_path_factory) -> tuple[list, str]:
    """Sign up as Nora, upload a sales conversation, call the agent, and return her cookies and the conversation."""
    file = tmp_path_factory.mktemp("nora") / "Call.mp4"
    file.write_bytes(real("bigbuckbunny").read_bytes() + b"nora")
    context = browser.new_context(base_url=live_site.address)
    page = context.new_page()
    page.set_default_timeout(60_000)
    sign_up(page, "Nora", "nora@example.org")
    extract_material(page, file)
    path = page.url.removeprefix(live_site.address)
    cookies = context.cookies()
    context.close()
    return cookies, path


@pytest.fixture
def open_page(new_page, conversation: tuple[list, str]):
    def open_page(path: str = "", **options) -> Page:
        page = new_page(**options)
        page.context.add_cookies(conversation[0])
        page.goto(path or conversation[1])
        return page

    return open_page


def test_the_message_shows_four_parts_that_are_copied_and_downloaded(open_page) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    sections = page.locator(".section")

    expect(sections.locator("header h2")).to_have_text(PARTS)
    expect(sections.first.locator("h3").nth(1)).to_have_text("Sales techniques")
    expect(sections.first.locator("a[href*='?t=']").first).to_have_text(re.compile(r"0:0\d"))
    assert find_serious_violations(page) == []
    page.get_by_role("button", name="Copy Training Data").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert 5 <= len(copied["examples"]) <= 10
    assert set(copied["examples"][0]) == {"input", "output"}
    page.get_by_role("button", name="Copy the answer").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('## Analysis')")
    with page.expect_download() as download:
        page.get_by_role("link", name="JSONL").click()
    lines = download.value.path().read_text().splitlines()
    assert json.loads(lines[0])["metadata"]["video_title"] == "Call"


def test_the_outputs_are_listed_and_shown_without_scripts(open_page) -> None:
    page = open_page("/outputs/", java_script_enabled=False, viewport={"width": 390, "height": 844})

    expect(page.locator(".outputs-list b")).to_have_text([*map(str.capitalize, PARTS[::-1][:3]), "Sales analysis"])
    page.get_by_text("Training data").last.click()
    expect(page.locator(".output-examples li").first).to_contain_text("Input")
    expect(page.get_by_role("link", name="JSONL")).to_be_visible()


@pytest.mark.parametrize("part", PARTS)
def test_a_part_fits_a_phone(open_page, part: str) -> None:
    page = open_page(viewport={"width": 390, "height": 844})
    assert measure_overflow(page) <= 0
    page.get_by_role("link", name=f"Open {part}").click()
    page.wait_for_url("**/outputs/*/")
    assert measure_overflow(page) <= 0
    assert find_serious_violations(page) == []


# As on a site whose agents use a hosted model and cost 2 tokens. It runs before the scripts of the page.
PRICES = """
document.addEventListener("readystatechange", () => {
  const composer = document.getElementById("composer");
  if (composer) Object.assign(composer.dataset, { lookingAgents: "analysis", agentPrice: "2" });
});
"""


def test_the_composer_names_the_price_of_an_agent_and_of_looking(open_page, conversation) -> None:
    page = open_page("/outputs/")
    page.add_init_script(PRICES)
    page.goto(conversation[1])
    cost = page.locator("#attached-cost")

    expect(cost).to_be_hidden()
    page.fill("#question", "@analysis of the colours")
    expect(cost).to_have_text(re.compile(r"^@analysis: 2 tokens · Looking: up to 6 tokens · [\d,]+ left$"))
    page.fill("#question", "What does @summary say?")
    expect(cost).to_have_text(re.compile(r"^@summary: 2 tokens · [\d,]+ left$"))
    page.fill("#question", "Write to a@summary.org or @nobody")
    expect(cost).to_be_hidden()
