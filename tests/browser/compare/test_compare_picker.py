"""The form that starts a comparison, and the list of comparisons."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.edited_films import A_TITLE, B_TITLE, ensure_videos


@pytest.fixture
def picker_page(signed_in: Page, site: str, tmp_path: Path) -> Page:
    ensure_videos(signed_in, site, tmp_path)
    signed_in.goto(f"{site}/compare/")
    signed_in.get_by_label("Before (A)").select_option(label=A_TITLE)
    signed_in.get_by_label("After (B)").select_option(label=B_TITLE)
    return signed_in


def open_options(page: Page) -> None:
    """Open the options with the keyboard alone."""
    page.get_by_role("button", name="Compare", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_options_open_with_the_keyboard(picker_page: Page) -> None:
    expect(picker_page.get_by_label("Threshold")).to_be_hidden()
    open_options(picker_page)
    expect(picker_page.get_by_label("Threshold")).to_be_visible()
    expect(picker_page.get_by_label("Distance")).to_be_hidden()  # this mode has no metric
    picker_page.locator("[name=mode]").select_option("interval")
    expect(picker_page.get_by_label("Distance")).to_be_visible()


def test_mode_metric_and_threshold_are_used_and_the_comparison_can_be_deleted(picker_page: Page, site: str) -> None:
    open_options(picker_page)
    picker_page.locator("[name=mode]").select_option("interval")
    picker_page.get_by_label("Distance").select_option("euclidean")
    picker_page.get_by_label("Threshold").fill("0.3")
    picker_page.get_by_role("button", name="Compare", exact=True).click()
    picker_page.wait_for_selector("#compare[data-ready]", timeout=60_000)
    expect(picker_page.get_by_text("Compared every 2 s, euclidean distance")).to_be_visible()
    expect(picker_page.locator("#threshold-form output")).to_have_text("0.30")
    path = picker_page.url

    picker_page.get_by_label("Delete comparison").click()
    picker_page.get_by_role("button", name="Delete comparison").click()
    expect(picker_page.get_by_role("status").filter(has_text="deleted")).to_contain_text("Your videos are kept")
    expect(picker_page.locator(f'.comparison a[href="{path.removeprefix(site)}"]')).to_have_count(0)
    answer = picker_page.goto(path)
    assert answer
    assert answer.status == 404
    picker_page.goto(f"{site}/library/")
    expect(picker_page.locator(".card h3", has_text=A_TITLE)).to_be_visible()


def test_a_threshold_out_of_range_shows_an_error_at_the_field(picker_page: Page) -> None:
    open_options(picker_page)
    field = picker_page.get_by_label("Threshold")
    field.fill("0.7")
    picker_page.locator(".comparison-form").evaluate("(form) => { form.noValidate = true; }")
    picker_page.get_by_role("button", name="Compare", exact=True).click()
    expect(picker_page.get_by_text(re.compile(r"Enter a threshold from 0\.01 to 0\.5"))).to_be_visible()
    expect(picker_page.get_by_label("Threshold")).to_have_value("0.7")
