"""The timeline: the threshold recolours it, it zooms, it says what is under the pointer, it carries thousands."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import many
from tests.browser.cuts import open_comparison
from tests.browser.test_stage import first
from tests.site import Site


@pytest.fixture
def stage(signed_in: Page, site: str, tmp_path: Path) -> Page:
    open_comparison(signed_in, site, tmp_path)
    return signed_in


@pytest.fixture(scope="module")
def long_one(live_site: Site) -> str:
    return many.page_of(live_site, many.script(3000))


def field(page: Page) -> dict[str, Any]:
    box = page.locator("#field").bounding_box()
    assert box
    return dict(box)


def bar_width(page: Page) -> float:
    box = page.locator(".bar-link.inserted .fill").first.bounding_box()
    assert box
    return box["width"]


def test_the_slider_recolours_as_it_moves_and_asks_nobody(stage: Page) -> None:
    index = first(stage, "changed")["index"]
    bar = stage.locator(f'.bar-link[data-index="{index}"]').first
    asked: list[str] = []
    stage.on("request", lambda request: asked.append(request.url) if request.resource_type == "fetch" else None)
    stage.locator("#threshold").fill("0.5")
    expect(bar).to_have_class(re.compile("equal"))
    expect(stage.locator("#differing")).to_have_text("2 differences")
    expect(stage.locator("#differences a", has_text="Changed")).to_have_count(0)
    expect(stage.locator("#dial output")).to_have_text("0.50")
    stage.wait_for_url("**threshold=0.5*")
    stage.get_by_role("button", name="Reset").click()
    expect(bar).to_have_class(re.compile("changed"))
    expect(stage.locator("#differing")).to_have_text("3 differences")
    assert asked == []


def test_a_threshold_is_saved_and_given_back(stage: Page) -> None:
    page = stage.url.split("?")[0]
    stage.locator("#threshold").fill("0.5")
    stage.get_by_role("button", name="Save").click()
    expect(stage.locator("#dial-said")).to_have_text("Saved")
    stage.goto(page)
    stage.wait_for_selector("#compare[data-ready]")
    expect(stage.locator("#differing")).to_have_text("2 differences")
    stage.get_by_role("button", name="Reset").click()
    stage.get_by_role("button", name="Save").click()
    expect(stage.locator("#dial-said")).to_have_text("Saved")
    stage.goto(page)
    expect(stage.locator("#differing")).to_have_text("3 differences")


def test_enter_on_the_slider_saves(stage: Page) -> None:
    stage.locator("#threshold").fill("0.5")
    stage.locator("#threshold").press("Enter")
    expect(stage.locator("#dial-said")).to_have_text("Saved")
    expect(stage.locator("#threshold")).to_have_value("0.5")
    stage.get_by_role("button", name="Reset").click()
    stage.locator("#threshold").press("Enter")
    expect(stage.locator("#dial-said")).to_have_text("Saved")


def test_what_a_tab_shows_can_be_saved_though_another_has_saved_since(stage: Page) -> None:
    other = stage.context.new_page()
    other.goto(stage.url)
    other.wait_for_selector("#compare[data-ready]")
    other.locator("#threshold").fill("0.5")
    other.get_by_role("button", name="Save").click()
    expect(other.locator("#dial-said")).to_have_text("Saved")
    stage.get_by_role("button", name="Save").click()
    expect(stage.locator("#dial-said")).to_have_text("Saved")
    other.goto(stage.url.split("?")[0])
    expect(other.locator("#differing")).to_have_text("3 differences")


def test_exports_the_report_and_the_label_follow_the_slider(stage: Page) -> None:
    stage.locator("#threshold").fill("0.5")
    expect(stage.locator("#field .lines")).to_have_attribute("aria-label", "Timeline, 2 differences")
    stage.locator("summary", has_text="Export").click()
    table = stage.get_by_role("link", name="a table").get_attribute("href") or ""
    assert table.endswith("?format=csv&threshold=0.5")
    assert stage.request.get(table).text().count("changed") == 0
    stage.get_by_role("link", name="Report to print").click()
    expect(stage.locator(".verdict")).to_contain_text("2 differences")
    stage.get_by_role("link", name="Back to the comparison").click()
    expect(stage.locator("#threshold")).to_have_value("0.5")


def test_the_address_holds_the_threshold(stage: Page) -> None:
    stage.goto(stage.url.split("?")[0] + "?threshold=0.5")
    stage.wait_for_selector("#compare[data-ready]")
    expect(stage.locator("#differing")).to_have_text("2 differences")
    expect(stage.locator("#threshold")).to_have_value("0.5")


def test_the_wheel_zooms_where_it_points_and_the_minimap_says_where_that_is(stage: Page) -> None:
    box, before = field(stage), bar_width(stage)
    expect(stage.locator("#minimap")).to_be_hidden()
    stage.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    stage.mouse.wheel(0, -400)
    expect(stage.locator("#minimap")).to_be_visible()
    assert bar_width(stage) > 1.5 * before
    stage.keyboard.press("0")
    expect(stage.locator("#minimap")).to_be_hidden()
    assert bar_width(stage) == pytest.approx(before, abs=0.5)


def test_a_zoomed_timeline_is_dragged_and_a_click_still_seeks(stage: Page) -> None:
    stage.keyboard.press("+")
    stage.wait_for_timeout(100)
    box = field(stage)
    first_tick = stage.locator(".ticks text").first
    before = first_tick.bounding_box()
    stage.mouse.move(box["x"] + 400, box["y"] + 60)
    stage.mouse.down()
    stage.mouse.move(box["x"] + 370, box["y"] + 60, steps=3)
    stage.mouse.up()
    stage.wait_for_timeout(100)
    after = first_tick.bounding_box()
    assert before
    assert after
    assert stage.evaluate("document.querySelector('#clock').textContent") == "0:00.00"  # no seek
    assert before["x"] != after["x"]
    stage.mouse.click(box["x"] + 400, box["y"] + 100)
    expect(stage.locator("#clock")).not_to_have_text("0:00.00")


def test_the_playhead_stays_in_the_timeline_where_one_side_is_far_out_of_sight(stage: Page) -> None:
    stage.goto(f"{stage.url.split('?')[0]}?t=10")
    stage.wait_for_selector("#compare[data-ready]")
    box = field(stage)
    beside = {"x": box["x"] - 30, "y": box["y"], "width": 20, "height": 120}
    before = stage.screenshot(clip=beside)  # type: ignore[arg-type]
    for _ in range(12):
        stage.keyboard.press("+")
    stage.keyboard.press(".")  # brings the side that leads into sight
    stage.wait_for_timeout(300)
    lower, upper = (
        float((stage.locator(f"#playhead .{part}").get_attribute("x1") or "").rstrip("%"))
        for part in ("lower", "upper")
    )
    assert upper < -10 < 0 <= lower <= 100
    assert stage.screenshot(clip=beside) == before  # type: ignore[arg-type]


def test_pointing_says_both_times_what_it_is_and_how_far_apart(stage: Page) -> None:
    changed = first(stage, "changed")
    bar = stage.locator(f'.bar-link[data-index="{changed["index"]}"][data-side="b"] .fill').bounding_box()
    assert bar
    stage.mouse.move(bar["x"] + bar["width"] / 2, bar["y"] + 8)
    peek = stage.locator("#peek")
    expect(peek).to_contain_text(
        re.compile(r"A 0:04\.7.*B 0:04\.7.*Changed, top right, 1\.[56] s, distance 0\.\d\d", re.S)
    )
    expect(peek.locator("canvas:visible")).to_have_count(2)


def test_thousands_of_segments_are_drawn_on_a_canvas_and_listed_by_pages(page: Page, site: str, long_one: str) -> None:
    page.goto(site + long_one)
    page.wait_for_selector("#compare[data-ready]", timeout=30_000)
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


def test_who_only_looks_saves_nothing(page: Page, site: str, long_one: str) -> None:
    page.goto(site + long_one)
    page.wait_for_selector("#compare[data-ready]", timeout=30_000)
    expect(page.locator("#threshold")).to_be_visible()
    expect(page.locator("[data-do=save-threshold]")).to_have_count(0)
