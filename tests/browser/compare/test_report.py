"""The report of a comparison, on screen and in print."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.edited_films import open_comparison

PAPER = {"width": 688, "height": 1016}  # pixels of an A4 page inside its margins


@pytest.fixture
def report(signed_in: Page, site: str, tmp_path: Path) -> Page:
    open_comparison(signed_in, site, tmp_path)
    signed_in.locator("summary", has_text="Export").click()
    signed_in.get_by_role("link", name="Printable report").click()
    signed_in.wait_for_load_state("networkidle")
    return signed_in


def test_the_report_shows_both_sides_of_each_difference(report: Page) -> None:
    rows = report.locator(".differences > li")
    expect(rows).to_have_count(3)
    expect(report.locator(".report-summary")).to_contain_text("3 differences")
    for row in rows.all():
        expect(row.locator(".still")).to_have_count(2)
    expect(report.locator(".still img")).to_have_count(4)  # an insertion and a deletion show one side each
    report.wait_for_function("() => [...document.images].every((image) => image.complete && image.naturalWidth)")
    expect(report.get_by_text("Not in A")).to_be_visible()
    expect(report.locator(".still rect").first).to_be_visible()


def test_the_printed_report_is_light_complete_and_without_buttons(report: Page) -> None:
    report.emulate_media(media="print", color_scheme="dark")
    report.set_viewport_size(PAPER)  # type: ignore[arg-type]
    expect(report.locator(".screen-only")).to_be_hidden()
    ground = report.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    assert report.evaluate("document.documentElement.scrollWidth") <= PAPER["width"]
    for row in report.locator(".differences > li").all():
        assert row.evaluate("(row) => getComputedStyle(row).breakInside") == "avoid"
        box = row.bounding_box()
        assert box
        assert box["height"] < PAPER["height"] / 4


def test_a_few_differences_print_on_one_page_and_the_files_on_the_next(report: Page) -> None:
    paper = report.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", paper)) == 2  # three differences, and the files


def test_an_anonymous_visitor_gets_404(report: Page, new_page: Callable[..., Page]) -> None:
    answer = new_page().goto(report.url)
    assert answer
    assert answer.status == 404
