"""Ask in a real browser: beside the player, on the page of conversations, on two tabs, and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up, upload_and_open, upload_transcript
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.footage import real
from tests.site import Site

LINES = (
    "Welcome to the meadow.",
    "The rabbit wakes up at six in the morning.",
    "A butterfly lands on his nose.",
    "Apples fall from the tree.",
    "Three rodents throw nuts at him.",
)


@pytest.fixture(scope="module")
def ida(browser, live_site: Site, tmp_path_factory) -> tuple[list, str]:
    """Sign up as Ida, upload a video with a transcript, and return her cookies and the path of the video page."""
    file = tmp_path_factory.mktemp("ida") / "Meadow.mp4"
    file.write_bytes(real("bigbuckbunny").read_bytes() + b"ida")
    context = browser.new_context(base_url=live_site.address)
    page = context.new_page()
    page.set_default_timeout(60_000)
    sign_up(page, "Ida", "ida@example.org")
    path = upload_and_open(page, file)
    subtitles = "\n\n".join(
        f"{place + 1}\n00:00:0{place},000 --> 00:00:0{place + 1},000\n{line}" for place, line in enumerate(LINES)
    )
    upload_transcript(page, path, subtitles, "application/x-subrip")
    cookies = context.cookies()
    context.close()
    return cookies, path


@pytest.fixture
def open_page(new_page, ida: tuple[list, str]):
    """Return a function that opens a page as Ida in a new browser window."""

    def open_page(path: str = "", **options) -> Page:
        page = new_page(**options)
        page.context.add_cookies(ida[0])
        page.goto(path or f"{ida[1]}?panel=ask")
        return page

    return open_page


def ask(page: Page, text: str) -> None:
    answers = page.locator(".answer:not([data-stream])")
    before = answers.count()
    page.fill("#question", text)
    page.keyboard.press("Enter")
    expect(answers).to_have_count(before + 1)


def test_an_answer_beside_the_player_cites_the_second(open_page) -> None:
    page = open_page()
    ask(page, "When does the rabbit wake up?")

    answer = page.locator(".answer-text").last
    expect(answer).to_contain_text("The rabbit wakes up at six in the morning.")
    citation = answer.locator("a")
    expect(citation).to_have_text("0:01")
    citation.click()
    expect(page.locator("#clock")).to_have_text(re.compile(r"0:01"))
    expect(page.locator("#panel-ask")).to_be_visible()


def test_a_conversation_is_live_on_two_tabs_and_plays_what_is_cited(open_page) -> None:
    page = open_page()
    ask(page, "What falls from the tree?")
    page.locator(".ask-head a").click()
    page.wait_for_url("**/chat/*/")
    other = open_page(page.url)
    expect(other.locator("#live")).to_have_text("Live")

    ask(page, "Who throws nuts?")

    expect(other.locator(".answer-text").last).to_contain_text("Three rodents throw nuts at him.")
    page.locator(".answer-text").last.locator("a").first.click()
    page.wait_for_function("document.getElementById('dock-player').currentTime >= 3.9")
    assert find_serious_violations(page) == []


def test_a_question_is_edited_and_a_conversation_begun_by_the_keyboard(open_page) -> None:
    page = open_page("/library/")
    page.keyboard.press("Control+k")
    page.wait_for_url("**/chat/")
    ask(page, "What lands on the nose of the rabbit?")
    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}/"))
    expect(page.locator(".answer-text")).to_contain_text("A butterfly lands on his nose.")

    page.locator(".asked").hover()
    page.locator(".asked .edit").click()
    page.fill("#question", "When does the rabbit wake up?")
    page.keyboard.press("Enter")

    expect(page.locator(".asked p")).to_have_text("When does the rabbit wake up?")
    expect(page.locator(".answer-text")).to_contain_text("at six in the morning")
    expect(page.locator(".asked")).to_have_count(1)


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (390, "dark"), (1440, "light"), (1440, "dark")])
def test_the_pages_fit_the_window_and_are_accessible(open_page, live_site: Site, width: int, theme: str) -> None:
    page = open_page("/chat/", viewport={"width": width, "height": 844})
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_site.address}])
    page.reload()
    expect(page.get_by_role("heading", name="Ask about your videos")).to_be_visible()
    assert measure_overflow(page) <= 0
    assert find_serious_violations(page) == []

    ask(page, "When does the rabbit wake up?")
    page.focus(".asked .edit")
    assert measure_overflow(page) <= 0
    assert find_serious_violations(page) == []


def test_videos_of_the_library_are_added_beside_the_player(open_page) -> None:
    page = open_page()
    page.click("#attach-menu summary")
    page.get_by_role("checkbox", name="Meadow").check()
    expect(page.locator("#attached li")).to_have_text("Meadow")
    assert find_serious_violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove Meadow").click()

    expect(page.locator("#attached")).to_be_hidden()
    expect(page.locator("#question")).to_be_focused()


def test_the_main_navigation_is_a_menu_on_phones(open_page) -> None:
    page = open_page("/library/", viewport={"width": 390, "height": 844})
    page.get_by_label("Menu", exact=True).press("Enter")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Ask").click()

    page.wait_for_url("**/chat/")
    assert measure_overflow(page) <= 0


def test_asking_works_without_scripts(open_page) -> None:
    page = open_page(java_script_enabled=False)
    page.fill("#question", "What falls from the tree?")
    page.click("#composer .send")
    page.wait_for_url("**/videos/*/?panel=ask")
    for _ in range(60):
        if "Apples fall from the tree." in page.locator(".thread-flow").inner_text():
            break
        page.wait_for_timeout(500)
        page.reload()

    expect(page.locator(".thread-flow")).to_contain_text("Apples fall from the tree.")


def test_a_guest_asks_on_the_page_of_conversations(new_page) -> None:
    page = new_page()
    page.goto("/chat/")
    ask(page, "What is said about Monet?")

    expect(page.locator(".answer-text")).to_contain_text("Choose a video")
    expect(page.locator(".questions-left")).to_contain_text("4 of 5 questions left today")


def test_an_agent_is_completed_by_keyboard_and_its_output_is_kept(open_page):
    page = open_page("/chat/")
    page.keyboard.press("Control+k")
    page.keyboard.type("@")
    options = page.locator("#agent-list li")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.type("su")
    expect(options).to_have_count(1)
    expect(page.locator("#question")).to_have_attribute("aria-activedescendant", "agent-option-0")
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_have_value("@summary ")
    expect(options).to_be_hidden()
    page.keyboard.type("@nobody")
    expect(options).to_be_hidden()


def test_what_an_agent_made_is_shown_deleted_and_restored(open_page, ida):
    page = open_page(f"/chat/?video={ida[1].split('/')[2]}")
    page.fill("#question", "@summary please")
    page.keyboard.press("Enter")
    made = page.locator(".made a")
    expect(made).to_have_text("Summary of Meadow", timeout=60_000)
    made.click()
    page.wait_for_url("**/outputs/*/")
    expect(page.locator(".answer-text li").first).to_contain_text("0:0")
    assert find_serious_violations(page) == []

    page.get_by_role("button", name="Delete").click()
    page.wait_for_url("**deleted=*")
    page.set_viewport_size({"width": 360, "height": 740})
    assert measure_overflow(page) <= 0
    assert find_serious_violations(page) == []
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url("**/outputs/*/")
