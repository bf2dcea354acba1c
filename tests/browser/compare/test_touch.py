"""The comparison page on a phone with touch input."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.edited_films import open_comparison
from tests.servers import wait_until

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone_page(new_page: Callable[..., Page], alice_cookies: Any, site: str, tmp_path: Path) -> Page:
    page = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    page.context.add_cookies(alice_cookies)
    open_comparison(page, site, tmp_path)
    return page


def touch(session: CDPSession, how: str, *points: tuple[float, float]) -> None:
    touched = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": how, "touchPoints": touched})


def get_bar_box(page: Page) -> dict[str, float]:
    box = page.locator(".bar-link.inserted .fill").first.bounding_box()
    assert box
    return dict(box)


def test_a_pinch_zooms_the_timeline_where_the_fingers_are(phone_page: Page) -> None:
    phone_page.locator("#timeline-plot").scroll_into_view_if_needed()
    before = get_bar_box(phone_page)
    middle, y = before["x"] + before["width"] / 2, before["y"] + 5
    session = phone_page.context.new_cdp_session(phone_page)
    touch(session, "touchStart", (middle - 20, y))
    touch(session, "touchStart", (middle - 20, y), (middle + 20, y))
    for apart in (30, 40, 60):
        touch(session, "touchMove", (middle - apart, y), (middle + apart, y))
    touch(session, "touchEnd")
    wait_until(lambda: get_bar_box(phone_page)["width"] > 2 * before["width"])
    after = get_bar_box(phone_page)
    assert after["x"] < middle < after["x"] + after["width"]
    expect(phone_page.locator("#minimap")).to_be_visible()
    expect(phone_page.get_by_role("button", name="Show all", exact=True)).to_be_visible()


def test_a_tap_on_the_timeline_seeks(phone_page: Page) -> None:
    phone_page.locator("#timeline-plot").scroll_into_view_if_needed()
    box = get_bar_box(phone_page)
    phone_page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 8)
    expect(phone_page.locator("#player-a p.absent")).to_be_visible()


def test_on_a_phone_everything_is_in_one_column_and_fits_the_width(phone_page: Page) -> None:
    tops = []
    for part in (
        "#player-a .screen",
        "#player-b .screen",
        ".transport",
        "#timeline",
        "#threshold-form",
        "#differences",
    ):
        box = phone_page.locator(part).bounding_box()
        assert box
        assert box["width"] > 300, part
        tops.append(box["y"])
    assert tops == sorted(tops)
    assert phone_page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    for name in ("Play", "Next difference", "Copy link at current time", "Zoom in"):
        box = phone_page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 40, name
