"""Choosing what to compare, and what was compared before."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cuts import A_TITLE, B_TITLE, have_videos


@pytest.fixture
def chooser(signed_in: Page, site: str, tmp_path: Path) -> Page:
    have_videos(signed_in, site, tmp_path)
    signed_in.goto(f"{site}/compare/")
    signed_in.get_by_label("Before (A)").select_option(label=A_TITLE)
    signed_in.get_by_label("After (B)").select_option(label=B_TITLE)
    return signed_in


def open_options(page: Page) -> None:
    """By the keyboard alone, from the button before it."""
    page.get_by_role("button", name="Compare", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_options_open_by_the_keyboard(chooser: Page) -> None:
    expect(chooser.get_by_label("Threshold")).to_be_hidden()
    open_options(chooser)
    expect(chooser.get_by_label("Threshold")).to_be_visible()
    expect(chooser.get_by_label("Distance")).to_be_hidden()  # of vectors, which this mode has none of
    chooser.locator("[name=mode]").select_option("interval")
    expect(chooser.get_by_label("Distance")).to_be_visible()


def test_mode_metric_and_threshold_are_taken_and_the_comparison_is_deleted_again(chooser: Page, site: str) -> None:
    open_options(chooser)
    chooser.locator("[name=mode]").select_option("interval")
    chooser.get_by_label("Distance").select_option("euclidean")
    chooser.get_by_label("Threshold").fill("0.3")
    chooser.get_by_role("button", name="Compare", exact=True).click()
    chooser.wait_for_selector("#compare[data-ready]", timeout=60_000)
    expect(chooser.get_by_text("2 s intervals at the same times, euclidean distance")).to_be_visible()
    expect(chooser.locator("#dial output")).to_have_text("0.30")
    here = chooser.url

    chooser.get_by_label("Delete this comparison").click()
    chooser.get_by_role("button", name="Delete this comparison").click()
    expect(chooser.get_by_role("status").filter(has_text="deleted")).to_contain_text("Both videos are kept")
    expect(chooser.locator(f'.comparison a[href="{here.removeprefix(site)}"]')).to_have_count(0)
    answer = chooser.goto(here)
    assert answer
    assert answer.status == 404
    chooser.goto(f"{site}/library/")
    expect(chooser.locator(".card h3", has_text=A_TITLE)).to_be_visible()


def test_a_threshold_out_of_range_is_told_beside_it(chooser: Page) -> None:
    open_options(chooser)
    field = chooser.get_by_label("Threshold")
    field.fill("0.7")
    chooser.locator(".choose").evaluate("(form) => { form.noValidate = true; }")
    chooser.get_by_role("button", name="Compare", exact=True).click()
    expect(chooser.get_by_text(re.compile(r"Give a threshold from 0\.01 to 0\.5"))).to_be_visible()
    expect(chooser.get_by_label("Threshold")).to_have_value("0.7")
