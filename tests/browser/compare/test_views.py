"""The views of a comparison, frame offsets, audio and loop."""

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.compare.test_compare_page import first_segment, frame_times, get_shown_time
from tests.browser.edited_films import open_comparison
from tests.servers import wait_until

HAS_LOOPED = """() => {
  const now = document.querySelector("#player-b video").currentTime;
  const goesBack = now < window.last - 0.5;
  window.last = now;
  window.seen = window.seen ? [Math.min(window.seen[0], now), Math.max(window.seen[1], now)] : [now, now];
  return goesBack;
}"""


@pytest.fixture
def compare_page(signed_in: Page, site: str, tmp_path: Path) -> Page:
    open_comparison(signed_in, site, tmp_path)
    return signed_in


def seek_to(page: Page, op: str) -> dict[str, Any]:
    """Seek to the middle of the first segment with this op and return the segment."""
    segment = first_segment(page, op)
    side = "b" if segment["b"] else "a"
    middle = sum(segment[side]) / 2
    page.goto(f"{page.url.split('?')[0]}?t={middle:.3f}&side={side}")
    page.wait_for_selector("#compare[data-ready]")
    return segment


def capture_screens(page: Page) -> np.ndarray:
    """Return the pixels of the visible screens as (height, width) grey levels."""
    page.wait_for_timeout(200)
    box = page.locator("#player-b .screen").bounding_box()
    with av.open(io.BytesIO(page.screenshot(clip=box))) as image:  # type: ignore[arg-type]
        return next(image.decode(video=0)).to_ndarray(format="gray").astype(float)


def crop_to_region(pixels: np.ndarray, region: dict[str, float]) -> np.ndarray:
    height, width = pixels.shape
    top, left = region["y"], region["x"]
    rows = slice(int((top + 0.2 * region["height"]) * height), int((top + 0.8 * region["height"]) * height))
    columns = slice(int((left + 0.2 * region["width"]) * width), int((left + 0.8 * region["width"]) * width))
    return pixels[rows, columns]


def test_the_difference_view_is_dark_except_in_changed_regions(compare_page: Page) -> None:
    region = seek_to(compare_page, "changed")["regions"][0]
    compare_page.keyboard.press("4")
    seen = capture_screens(compare_page)
    shape = compare_page.locator("#player-b video").evaluate("(video) => [video.videoWidth, video.videoHeight]")
    width = seen.shape[0] * shape[0] / shape[1]
    left = int((seen.shape[1] - width) / 2)
    frame = seen[:, left : left + int(width)]
    assert crop_to_region(frame, region).mean() > 8 * frame[int(0.5 * len(frame)) :].mean()
    compare_page.locator("[data-amount=difference]").fill("1")
    assert (
        crop_to_region(capture_screens(compare_page)[:, left : left + int(width)], region).mean()
        < crop_to_region(frame, region).mean()
    )


def test_a_wipe_shows_a_on_one_side_and_b_on_the_other(compare_page: Page) -> None:
    seek_to(compare_page, "changed")
    compare_page.get_by_role("link", name="Wipe").click()
    divider = compare_page.locator(".divider")
    box = divider.bounding_box()
    screen = compare_page.locator("#player-b .screen").bounding_box()
    assert box
    assert screen
    compare_page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    compare_page.mouse.down()
    compare_page.mouse.move(screen["x"] + screen["width"] * 0.25, box["y"] + 40)
    compare_page.mouse.up()
    expect(compare_page.locator("[data-amount=wipe]")).to_have_value("25")
    compare_page.keyboard.press("]")
    expect(compare_page.locator("#amounts output").first).to_have_text("30 %")
    compare_page.locator("[data-amount=wipe]").press("ArrowRight")  # moves the slider and not to the next difference
    expect(compare_page.locator("#amounts output").first).to_have_text("31 %")
    clip = compare_page.locator("#player-b .screen").evaluate("(screen) => getComputedStyle(screen).clipPath")
    assert clip == "inset(0px 0px 0px 31%)"


def test_the_a_b_view_shows_one_side_at_a_time_in_the_same_place(compare_page: Page) -> None:
    compare_page.keyboard.press("x")
    expect(compare_page.get_by_role("link", name="A/B")).to_have_attribute("aria-current", "true")
    expect(compare_page.locator("#player-a .screen")).to_be_hidden()
    place = compare_page.locator("#player-b .screen").bounding_box()
    compare_page.keyboard.press("x")
    expect(compare_page.locator("#player-b .screen")).to_be_hidden()
    assert compare_page.locator("#player-a .screen").bounding_box() == place


def test_the_url_stores_the_view(compare_page: Page) -> None:
    compare_page.get_by_role("link", name="Overlay").click()
    compare_page.wait_for_url("**view=overlay*")
    compare_page.reload()
    compare_page.wait_for_selector("#compare[data-ready]")
    expect(compare_page.locator("#players")).to_have_attribute("data-view", "overlay")
    opacity = "(screen) => getComputedStyle(screen).opacity"
    assert compare_page.locator("#player-b .screen").evaluate(opacity) == "0.5"


@pytest.mark.parametrize("view", ["overlay", "difference"])
def test_a_segment_of_one_side_is_shown_without_blending(compare_page: Page, view: str) -> None:
    seek_to(compare_page, "inserted")
    compare_page.locator(f"#views [data-view={view}]").click()
    assert capture_screens(compare_page).std() > 20
    expect(compare_page.locator("#player-a")).to_have_class("player absent")
    style = "(screen) => [getComputedStyle(screen).opacity, getComputedStyle(screen).mixBlendMode]"
    assert compare_page.locator("#player-b .screen").evaluate(style) == ["1", "normal"]


def test_a_side_is_offset_by_frames_and_reset(compare_page: Page) -> None:
    seek_to(compare_page, "changed")
    before = {side: get_shown_time(compare_page, side) for side in "ab"}
    times = frame_times(compare_page, "b")
    for _ in range(2):
        compare_page.keyboard.press(">")
    wait_until(lambda: get_shown_time(compare_page, "b") == times[times.index(before["b"]) + 2])
    assert get_shown_time(compare_page, "a") == before["a"]
    expect(compare_page.locator("[data-offset=b]")).to_have_text("+2 f")
    compare_page.get_by_role("button", name="A one frame earlier").click()
    expect(compare_page.locator("[data-offset=a]")).to_have_text("−1 f")
    compare_page.locator("[data-do=reset-offsets]").click()
    wait_until(lambda: {side: get_shown_time(compare_page, side) for side in "ab"} == before)
    expect(compare_page.locator("[data-do=reset-offsets]")).to_be_hidden()


def test_only_the_selected_side_has_sound(compare_page: Page) -> None:
    muted = "[...document.querySelectorAll('.player video')].map((video) => video.muted)"
    compare_page.select_option("#sound", "a")
    assert compare_page.evaluate(muted) == [False, True]
    compare_page.locator("body").press("s")
    assert compare_page.evaluate(muted) == [True, False]
    compare_page.locator("body").press("m")
    assert compare_page.evaluate(muted) == [True, True]


def test_a_difference_is_looped(compare_page: Page) -> None:
    changed = first_segment(compare_page, "changed")
    begin, end = changed["b"]
    compare_page.keyboard.press("r")
    loop = compare_page.get_by_role("button", name="Loop this difference")
    expect(loop).to_have_attribute("aria-pressed", "true")
    compare_page.wait_for_function(HAS_LOOPED)
    least, most = compare_page.evaluate("window.seen")
    assert begin - 0.1 <= least < most <= end + 0.2
    compare_page.keyboard.press("Home")
    expect(loop).to_have_attribute("aria-pressed", "false")
