"""The comparison under fingers, on a phone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.cuts import open_comparison

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(new_page: Callable[..., Page], alices_cookies: Any, site: str, tmp_path: Path) -> Page:
    page = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    page.context.add_cookies(alices_cookies)
    open_comparison(page, site, tmp_path)
    return page


def touch(fingers: CDPSession, how: str, *points: tuple[float, float]) -> None:
    touched = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    fingers.send("Input.dispatchTouchEvent", {"type": how, "touchPoints": touched})


def bar(page: Page) -> dict[str, float]:
    box = page.locator(".bar-link.inserted .fill").first.bounding_box()
    assert box
    return dict(box)


def test_a_pinch_zooms_the_timeline_where_the_fingers_are(phone: Page) -> None:
    phone.locator("#field").scroll_into_view_if_needed()
    before = bar(phone)
    middle, y = before["x"] + before["width"] / 2, before["y"] + 5
    fingers = phone.context.new_cdp_session(phone)
    touch(fingers, "touchStart", (middle - 20, y))
    touch(fingers, "touchStart", (middle - 20, y), (middle + 20, y))
    for apart in (30, 40, 60):
        touch(fingers, "touchMove", (middle - apart, y), (middle + apart, y))
    touch(fingers, "touchEnd")
    phone.wait_for_timeout(200)
    after = bar(phone)
    assert after["width"] > 2 * before["width"]
    assert after["x"] < middle < after["x"] + after["width"]
    expect(phone.locator("#minimap")).to_be_visible()
    expect(phone.get_by_role("button", name="All", exact=True)).to_be_visible()


def test_a_tap_on_the_timeline_seeks(phone: Page) -> None:
    phone.locator("#field").scroll_into_view_if_needed()
    box = bar(phone)
    phone.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 8)
    expect(phone.locator("#player-a p.absent")).to_be_visible()


def test_on_a_phone_all_is_in_one_column_and_nothing_is_wider_than_it(phone: Page) -> None:
    tops = []
    for part in ("#player-a .screen", "#player-b .screen", ".transport", "#timeline", "#dial", "#differences"):
        box = phone.locator(part).bounding_box()
        assert box
        assert box["width"] > 300, part
        tops.append(box["y"])
    assert tops == sorted(tops)
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    for name in ("Play", "Next difference", "Copy the link to this moment", "Zoom in"):
        box = phone.get_by_role("button", name=name, exact=True).bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 40, name
