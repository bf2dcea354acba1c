"""Bring videos into a question, wait for a transcript over a reload, and be notified of an answer."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import sign_up
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.footage import real
from tests.site import Site

DROP = """([selector, name, type, bytes]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type }));
  for (const kind of ["dragover", "drop"]) {
    const event = new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true });
    document.querySelector(selector).dispatchEvent(event);
  }
}"""


@pytest.fixture(scope="module")
def otto(browser, live_site: Site) -> list:
    """Sign up as Otto and return his cookies."""
    context = browser.new_context(base_url=live_site.address)
    page = context.new_page()
    page.set_default_timeout(60_000)
    sign_up(page, "Otto", "otto@example.org")
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def page(new_page, otto: list) -> Page:
    page = new_page()
    page.context.add_cookies(otto)
    page.goto("/chat/")
    return page


def answer_by(page: Page, status: int, body: dict) -> None:
    """Let the server answer the next questions so."""

    def fulfill(route: Route) -> None:
        route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    page.route("**/messages", fulfill)


def test_a_dropped_video_is_uploaded_priced_and_asked_about(page: Page, tmp_path) -> None:
    file = tmp_path / "Brook.mp4"
    file.write_bytes(real("bigbuckbunny").read_bytes() + b"otto")
    page.fill("#question", "What is shown?")
    page.evaluate(DROP, [".thread", "notes.txt", "text/plain", "bm90ZXM="])
    expect(page.locator(".attachment")).to_contain_text("Sage can't read this type of file")
    page.click(".attachment [data-do=cancel]")

    page.set_input_files("#attach-input", file)
    expect(page.locator("#attached-cost")).to_contain_text(re.compile(r"Upload: \d+ tokens · @analysis: no tokens"))
    expect(page.locator("#attached li")).to_have_text("Brook")
    assert find_serious_violations(page) == []
    page.focus("#question")
    page.keyboard.press("Enter")

    expect(page.locator(".answer:not([data-stream])")).to_have_count(1)
    expect(page.locator(".about-video")).to_have_text("Brook")
    expect(page.locator("#attached")).to_be_hidden()
    expect(page.locator("#question")).to_have_value("")
    assert page.url.split("/chat/")[1]


def test_a_draft_and_a_question_that_waits_survive_a_reload(page: Page) -> None:
    page.click("#attach-menu summary")
    page.locator("#choices input").first.check()
    page.keyboard.press("Escape")
    page.fill("#question", "When is it ready?")
    page.reload()
    expect(page.locator("#question")).to_have_value("When is it ready?")
    expect(page.locator("#attached li")).to_have_count(1)

    answer_by(page, 202, {"status": "processing", "message": "Transcript processing"})
    page.click("#composer .send")
    expect(page.locator(".composer-state")).to_have_text(re.compile("transcript is being created"))
    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}/"))
    page.unroute("**/messages")
    page.reload()

    expect(page.locator(".asked p")).to_have_text("When is it ready?")
    expect(page.locator(".answer:not([data-stream])")).to_have_count(1)
    page.reload()
    expect(page.locator("#question")).to_have_value("")
    expect(page.locator(".asked")).to_have_count(1)


def test_a_refused_question_stays_in_the_composer_with_what_to_do(page: Page) -> None:
    missing = "This needs 3 tokens, and you have 1: 2 are missing."
    answer_by(page, 402, {"error": {"code": "INSUFFICIENT_TOKENS", "message": missing}})
    page.fill("#question", "Is it refused?")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text(missing)
    expect(page.get_by_role("alert").get_by_role("link", name="Plan and usage")).to_be_visible()
    expect(page.locator("#question")).to_have_value("Is it refused?")
    assert find_serious_violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert measure_overflow(page) == 0


def test_an_answer_that_ends_elsewhere_is_notified(page: Page, live_site: Site) -> None:
    page.goto("/account/")
    expect(page.locator("#live")).to_have_text("Live")
    token = page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
    form = {"message": "Who asks from elsewhere?", "csrfmiddlewaretoken": token}
    headers = {"Referer": live_site.address}
    page.context.request.post("/chat/ask/", form=form, headers=headers, max_redirects=0)

    toast = page.locator(".toast")
    expect(toast).to_contain_text("Answer ready: “Who asks from elsewhere?”")
    expect(page.locator("#unread [data-count]")).to_have_text(re.compile(r"\d"))
    toast.get_by_role("link").click()
    page.wait_for_url("**/chat/*/")
    page.goto("/account/")
    page.click("#notifications-menu summary")
    answers = page.locator("#notifications-menu [data-notice]", has_text="Answer ready")
    expect(answers).to_have_count(1)  # the others were watched
    expect(answers).not_to_have_attribute("data-unread", "")
