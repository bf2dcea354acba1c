"""The timeline: threshold, zoom, tooltip, and thousands of segments."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import long_script
from tests.browser.compare.test_compare_page import first_segment
from tests.browser.edited_films import open_comparison
from tests.servers import wait_until
from tests.site import Site


@pytest.fixture
def compare_page(signed_in: Page, site: str, tmp_path: Path) -> Page:
    open_comparison(signed_in, site, tmp_path)
    return signed_in


@pytest.fixture(scope="module")
def long_comparison_path(live_site: Site) -> str:
    return long_script.create_page(live_site, long_script.build_script(3000))


def get_field_box(page: Page) -> dict[str, Any]:
    box = page.locator("#timeline-plot").bounding_box()
    assert box
    return dict(box)


def get_bar_width(page: Page) -> float:
    box = page.locator(".bar-link.inserted .fill").first.bounding_box()
    assert box
    return box["width"]


def test_the_slider_recolours_the_timeline_without_requests(compare_page: Page) -> None:
    index = first_segment(compare_page, "changed")["index"]
    bar = compare_page.locator(f'.bar-link[data-index="{index}"]').first
    requests: list[str] = []
    compare_page.on(
        "request", lambda request: requests.append(request.url) if request.resource_type == "fetch" else None
    )
    compare_page.locator("#threshold").fill("0.5")
    expect(bar).to_have_class(re.compile("equal"))
    expect(compare_page.locator("#differing")).to_have_text("2 differences")
    expect(compare_page.locator("#differences a", has_text="Changed")).to_have_count(0)
    expect(compare_page.locator("#threshold-form output")).to_have_text("0.50")
    compare_page.wait_for_url("**threshold=0.5*")
    compare_page.get_by_role("button", name="Reset").click()
    expect(bar).to_have_class(re.compile("changed"))
    expect(compare_page.locator("#differing")).to_have_text("3 differences")
    assert requests == []


def test_a_threshold_is_saved_and_reset(compare_page: Page) -> None:
    page = compare_page.url.split("?")[0]
    save = compare_page.get_by_role("button", name="Save")
    expect(save).to_be_hidden()
    compare_page.locator("#threshold").fill("0.5")
    save.click()
    expect(compare_page.locator("#threshold-status")).to_have_text("Saved")
    expect(save).to_be_hidden()
    compare_page.goto(page)
    compare_page.wait_for_selector("#compare[data-ready]")
    expect(compare_page.locator("#differing")).to_have_text("2 differences")
    compare_page.get_by_role("button", name="Reset").click()
    compare_page.get_by_role("button", name="Save").click()
    expect(compare_page.locator("#threshold-status")).to_have_text("Saved")
    compare_page.goto(page)
    expect(compare_page.locator("#differing")).to_have_text("3 differences")


def test_enter_on_the_slider_saves(compare_page: Page) -> None:
    compare_page.locator("#threshold").fill("0.5")
    compare_page.locator("#threshold").press("Enter")
    expect(compare_page.locator("#threshold-status")).to_have_text("Saved")
    expect(compare_page.locator("#threshold")).to_have_value("0.5")
    compare_page.get_by_role("button", name="Reset").click()
    compare_page.locator("#threshold").press("Enter")
    expect(compare_page.locator("#threshold-status")).to_have_text("Saved")


def test_a_threshold_can_be_saved_after_another_tab_saved_one(compare_page: Page) -> None:
    other = compare_page.context.new_page()
    other.goto(compare_page.url)
    other.wait_for_selector("#compare[data-ready]")
    other.locator("#threshold").fill("0.5")
    other.get_by_role("button", name="Save").click()
    expect(other.locator("#threshold-status")).to_have_text("Saved")
    compare_page.locator("#threshold").fill("0.12")
    compare_page.get_by_role("button", name="Save").click()
    expect(compare_page.locator("#threshold-status")).to_have_text("Saved")
    other.goto(compare_page.url.split("?")[0])
    expect(other.locator("#differing")).to_have_text("3 differences")


def test_exports_report_and_label_follow_the_slider(compare_page: Page) -> None:
    compare_page.locator("#threshold").fill("0.5")
    expect(compare_page.locator("#timeline-plot .lines")).to_have_attribute("aria-label", "Timeline, 2 differences")
    compare_page.locator("summary", has_text="Export").click()
    table = compare_page.get_by_role("link", name="spreadsheet").get_attribute("href") or ""
    assert table.endswith("?format=csv&threshold=0.5")
    assert compare_page.request.get(table).text().count("changed") == 0
    compare_page.get_by_role("link", name="Printable report").click()
    expect(compare_page.locator(".report-summary")).to_contain_text("2 differences")
    compare_page.get_by_role("link", name="Back to the comparison").click()
    expect(compare_page.locator("#threshold")).to_have_value("0.5")


def test_the_url_stores_the_threshold(compare_page: Page) -> None:
    compare_page.goto(compare_page.url.split("?")[0] + "?threshold=0.5")
    compare_page.wait_for_selector("#compare[data-ready]")
    expect(compare_page.locator("#differing")).to_have_text("2 differences")
    expect(compare_page.locator("#threshold")).to_have_value("0.5")


def test_the_wheel_zooms_at_the_pointer_and_shows_the_minimap(compare_page: Page) -> None:
    box, before = get_field_box(compare_page), get_bar_width(compare_page)
    expect(compare_page.locator("#minimap")).to_be_hidden()
    compare_page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    compare_page.mouse.wheel(0, -400)
    expect(compare_page.locator("#minimap")).to_be_visible()
    assert get_bar_width(compare_page) > 1.5 * before
    compare_page.keyboard.press("0")
    expect(compare_page.locator("#minimap")).to_be_hidden()
    assert get_bar_width(compare_page) == pytest.approx(before, abs=0.5)


def test_a_zoomed_timeline_can_be_dragged_and_a_click_still_seeks(compare_page: Page) -> None:
    compare_page.keyboard.press("+")
    compare_page.wait_for_timeout(100)
    box = get_field_box(compare_page)
    first_tick = compare_page.locator(".ticks text").first
    before = first_tick.bounding_box()
    compare_page.mouse.move(box["x"] + 400, box["y"] + 60)
    compare_page.mouse.down()
    compare_page.mouse.move(box["x"] + 370, box["y"] + 60, steps=3)
    compare_page.mouse.up()
    assert before
    wait_until(lambda: (first_tick.bounding_box() or before)["x"] != before["x"])
    assert compare_page.evaluate("document.querySelector('#clock').textContent") == "0:00.00"  # no seek
    compare_page.mouse.click(box["x"] + 400, box["y"] + 100)
    expect(compare_page.locator("#clock")).not_to_have_text("0:00.00")


def test_the_playhead_stays_inside_the_timeline_if_one_side_is_out_of_view(compare_page: Page) -> None:
    compare_page.goto(f"{compare_page.url.split('?')[0]}?t=10")
    compare_page.wait_for_selector("#compare[data-ready]")
    box = get_field_box(compare_page)
    beside = {"x": box["x"] - 30, "y": box["y"], "width": 20, "height": 120}
    before = compare_page.screenshot(clip=beside)  # type: ignore[arg-type]
    for _ in range(12):
        compare_page.keyboard.press("+")
    compare_page.keyboard.press(".")  # scrolls to the current side

    def read_percent(part: str) -> float:
        return float((compare_page.locator(f"#playhead .{part}").get_attribute("x1") or "").rstrip("%"))

    wait_until(lambda: read_percent("upper") < -10 < 0 <= read_percent("lower") <= 100)
    assert compare_page.screenshot(clip=beside) == before  # type: ignore[arg-type]


def test_the_tooltip_shows_both_times_the_title_and_the_distance(compare_page: Page) -> None:
    changed = first_segment(compare_page, "changed")
    bar = compare_page.locator(f'.bar-link[data-index="{changed["index"]}"][data-side="b"] .fill').bounding_box()
    assert bar
    compare_page.mouse.move(bar["x"] + bar["width"] / 2, bar["y"] + 8)
    tooltip = compare_page.locator("#timeline-tooltip")
    expect(tooltip).to_contain_text(
        re.compile(r"A 0:04\.7.*B 0:04\.7.*Changed, top right, 1\.[56] s, distance 0\.\d\d", re.S)
    )
    expect(tooltip.locator("canvas:visible")).to_have_count(2)


def test_thousands_of_segments_are_drawn_on_a_canvas_and_listed_by_pages(
    page: Page, site: str, long_comparison_path: str
) -> None:
    page.goto(site + long_comparison_path)
    page.wait_for_selector("#compare[data-ready]", timeout=60_000)
    expect(page.locator(".bar-link")).to_have_count(0)
    assert 100 < int(page.locator("canvas.canvas").get_attribute("data-shapes") or 0) < 1700
    expect(page.locator("#differences li")).to_have_count(100)
    page.get_by_role("link", name="Later differences").click()
    expect(page.locator("#differences")).to_have_attribute("start", "101")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#differences a[aria-current]")).to_have_count(1)
    assert int(page.locator("#differences").get_attribute("start") or 0) > 800
    count = page.locator("#differing").text_content()
    page.locator("#threshold").fill("0.02")
    expect(page.locator("#differing")).not_to_have_text(count or "")
    expect(page.locator("#differences li")).to_have_count(100)


def test_a_viewer_who_is_not_the_owner_cannot_save(page: Page, site: str, long_comparison_path: str) -> None:
    page.goto(site + long_comparison_path)
    page.wait_for_selector("#compare[data-ready]", timeout=60_000)
    expect(page.locator("#threshold")).to_be_visible()
    expect(page.locator("[data-do=save-threshold]")).to_have_count(0)
