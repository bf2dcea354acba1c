"""Notes and reviews on the comparison page, and comments of visitors of its link."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.edited_films import open_comparison


@pytest.fixture
def compare_page(signed_in: Page, site: str, tmp_path: Path) -> Iterator[Page]:
    open_comparison(signed_in, site, tmp_path)
    yield signed_in
    signed_in.goto(f"{signed_in.url.partition('?')[0]}?panel=notes")
    signed_in.wait_for_selector("#compare[data-ready]")
    notes = signed_in.locator("#notes .note")
    for left in range(notes.count() - 1, -1, -1):
        notes.first.get_by_role("button", name="Delete").first.click()  # of the note, not of a reply
        expect(notes).to_have_count(left)


def test_a_difference_is_reviewed_noted_and_found_again(compare_page: Page) -> None:
    page = compare_page
    row = page.locator("#differences li", has_text="New shot")
    row.get_by_role("button", name="To fix").click()
    expect(row.get_by_role("button", name="To fix")).to_have_attribute("aria-pressed", "true")
    page.locator("#review-filter").get_by_role("link", name=re.compile("To fix")).click()
    expect(page.locator("#differences li")).to_have_count(1)

    row.get_by_role("link", name="Add a note").click()
    expect(page.locator(".notes-difference")).to_contain_text("New shot")
    page.keyboard.type("Why is this here?")
    page.keyboard.press("Enter")
    note = page.locator("#notes .note")
    expect(note).to_contain_text("Why is this here?")
    expect(note.locator(".note-time").first).to_contain_text("B")
    expect(note).to_contain_text("Not in A")
    expect(page.locator("#note-marks circle")).to_have_count(1)

    page.get_by_role("tab", name="Differences").click()
    expect(row.locator(".difference-notes")).to_have_text("1 note")
    page.reload()
    page.wait_for_selector("#compare[data-ready]")
    page.get_by_role("tab", name="Differences").click()
    expect(page.locator("#differences li")).to_have_count(1)
    expect(row.get_by_role("button", name="To fix")).to_have_attribute("aria-pressed", "true")
    row.get_by_role("button", name="To fix").click()
    expect(page.get_by_text("No differences match this filter.")).to_be_visible()


def test_reviews_and_notes_appear_on_another_open_page(compare_page: Page) -> None:
    page = compare_page
    page.get_by_role("tab", name="Notes").click()
    take_note(page, "The first note")
    marks_of_a_note = 2  # one on each side, where both sides show the moment
    expect(page.locator("#note-marks circle")).to_have_count(marks_of_a_note)
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector("#compare[data-ready]")
    expect(other.locator("#live[data-state=live]")).to_be_attached()
    answer = other.locator("#notes .note", has_text="The first note").locator(".note-answer")
    answer.locator("summary").click()
    answer.locator("textarea").fill("Half a reply")

    page.get_by_role("tab", name="Differences").click()
    page.locator("#differences li", has_text="New shot").get_by_role("button", name="To fix").click()
    expect(other.locator("#differences li[data-review=to_fix]")).to_have_count(1)
    expect(other.locator("#review-filter [data-review=to_fix] small")).to_have_text("1")
    page.get_by_role("tab", name="Notes").click()
    take_note(page, "The second note")
    for shown in (page, other):
        expect(shown.locator("#note-marks circle")).to_have_count(2 * marks_of_a_note)
    expect(answer.locator("textarea")).to_have_value("Half a reply")
    expect(answer.locator("textarea")).to_be_focused()
    answer.locator("textarea").blur()
    expect(other.locator("#notes .note", has_text="The second note")).to_be_visible()
    take_note(page, "The third note")
    expect(other.locator("#notes .note", has_text="The third note")).to_be_visible()
    expect(answer.locator("textarea")).to_have_value("Half a reply")

    answer.get_by_role("button", name="Reply").click()
    expect(other.locator(".note-reply")).to_contain_text("Half a reply")
    expect(page.locator(".note-reply")).to_contain_text("Half a reply")
    page.get_by_role("tab", name="Differences").click()
    page.locator("#differences li", has_text="New shot").get_by_role("button", name="To fix").click()
    expect(other.locator("#differences li[data-review=to_fix]")).to_have_count(0)


def take_note(page: Page, text: str) -> None:
    page.locator("#notes-composer textarea").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("#notes .note", has_text=text)).to_be_visible()


def test_n_takes_a_note_on_the_pressed_side_and_a_click_seeks_both(compare_page: Page) -> None:
    page = compare_page
    page.locator("#player-a .screen").click()
    page.locator("#player-a .screen").click()
    page.keyboard.press("Home")
    page.keyboard.press("n")
    expect(page.locator("#notes-composer [name=side][value=a]")).to_be_checked()
    page.keyboard.type("On the first cut")
    page.keyboard.press("Enter")
    note = page.locator("#notes .note", has_text="On the first cut")
    expect(note).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#notes-composer textarea").blur()
    page.keyboard.press("End")
    note.locator(".note-time").first.click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.player video')].every((video) => video.currentTime < 0.5)"
    )
    note.get_by_role("button", name="Delete").click()
    expect(note).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(note).to_be_visible()


def test_a_comment_of_a_visitor_appears_on_the_open_page_of_the_owner(
    compare_page: Page, new_page: Callable[..., Page]
) -> None:
    page = compare_page
    page.locator("summary", has_text="Share").click()
    page.get_by_label("Let visitors comment").check()
    page.get_by_role("button", name=re.compile("Create link|Update link")).click()
    page.wait_for_selector("#compare[data-ready]")
    page.locator("summary", has_text="Share").click()
    link = page.locator("#share-link").input_value()
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Notes").click()

    visitor = new_page()
    visitor.goto(f"{link}?t=2")
    visitor.wait_for_selector("#compare[data-ready]")
    visitor.get_by_role("tab", name="Comments").click()
    visitor.get_by_label("Your name").fill("Mira")
    visitor.get_by_label("Comment", exact=True).fill("<b>Lovely</b>")
    visitor.get_by_role("button", name="Send").click()

    expect(visitor.locator("#comments .note")).to_contain_text("<b>Lovely</b>")
    note = page.locator("#notes .note", has_text="<b>Lovely</b>")
    expect(note).to_contain_text("Mira")
    expect(note.locator(".note-comment")).to_have_text("Comment")
    visitor.reload()
    expect(visitor.get_by_label("Your name")).to_have_value("Mira")
    page.locator("summary", has_text="Share").click()
    page.get_by_role("button", name="Revoke link").click()
    page.wait_for_selector("#compare[data-ready]")
