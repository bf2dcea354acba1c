"""Ways to look at the two pictures, and to move them against each other."""

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.cuts import open_comparison
from tests.browser.test_stage import first, frame_times, shown

UNTIL_IT_GOES_BACK = """() => {
  const now = document.querySelector("#player-b video").currentTime;
  const goesBack = now < window.last - 0.5;
  window.last = now;
  window.seen = window.seen ? [Math.min(window.seen[0], now), Math.max(window.seen[1], now)] : [now, now];
  return goesBack;
}"""


@pytest.fixture
def stage(signed_in: Page, site: str, tmp_path: Path) -> Page:
    open_comparison(signed_in, site, tmp_path)
    return signed_in


def go(page: Page, op: str) -> dict[str, Any]:
    """To the middle of the first segment of a kind; returns it."""
    segment = first(page, op)
    side = "b" if segment["b"] else "a"
    middle = sum(segment[side]) / 2
    page.goto(f"{page.url.split('?')[0]}?t={middle:.3f}&side={side}")
    page.wait_for_selector("#compare[data-ready]")
    return segment


def picture(page: Page) -> np.ndarray:
    """What is seen of the screens, as rows of pixels."""
    page.wait_for_timeout(200)
    box = page.locator("#player-b .screen").bounding_box()
    with av.open(io.BytesIO(page.screenshot(clip=box))) as image:  # type: ignore[arg-type]
        return next(image.decode(video=0)).to_ndarray(format="gray").astype(float)


def within(pixels: np.ndarray, region: dict[str, float]) -> np.ndarray:
    height, width = pixels.shape
    top, left = region["y"], region["x"]
    rows = slice(int((top + 0.2 * region["height"]) * height), int((top + 0.8 * region["height"]) * height))
    columns = slice(int((left + 0.2 * region["width"]) * width), int((left + 0.8 * region["width"]) * width))
    return pixels[rows, columns]


def test_the_difference_is_dark_but_where_something_changed(stage: Page) -> None:
    region = go(stage, "changed")["regions"][0]
    stage.keyboard.press("4")
    seen = picture(stage)
    shape = stage.locator("#player-b video").evaluate("(video) => [video.videoWidth, video.videoHeight]")
    width = seen.shape[0] * shape[0] / shape[1]
    left = int((seen.shape[1] - width) / 2)
    frame = seen[:, left : left + int(width)]
    assert within(frame, region).mean() > 8 * frame[int(0.5 * len(frame)) :].mean()
    stage.locator("[data-amount=difference]").fill("1")
    assert within(picture(stage)[:, left : left + int(width)], region).mean() < within(frame, region).mean()


def test_a_wipe_shows_a_on_one_side_and_b_on_the_other(stage: Page) -> None:
    go(stage, "changed")
    stage.get_by_role("link", name="Wipe").click()
    divider = stage.locator(".divider")
    box = divider.bounding_box()
    screen = stage.locator("#player-b .screen").bounding_box()
    assert box
    assert screen
    stage.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    stage.mouse.down()
    stage.mouse.move(screen["x"] + screen["width"] * 0.25, box["y"] + 40)
    stage.mouse.up()
    expect(stage.locator("[data-amount=wipe]")).to_have_value("25")
    stage.keyboard.press("]")
    expect(stage.locator("#amounts output").first).to_have_text("30 %")
    stage.locator("[data-amount=wipe]").press("ArrowRight")  # the slider's own, not the next difference
    expect(stage.locator("#amounts output").first).to_have_text("31 %")
    clip = stage.locator("#player-b .screen").evaluate("(screen) => getComputedStyle(screen).clipPath")
    assert clip == "inset(0px 0px 0px 31%)"


def test_flick_shows_one_at_a_time_in_the_same_place(stage: Page) -> None:
    stage.keyboard.press("x")
    expect(stage.get_by_role("link", name="Flick")).to_have_attribute("aria-current", "true")
    expect(stage.locator("#player-a .screen")).to_be_hidden()
    place = stage.locator("#player-b .screen").bounding_box()
    stage.keyboard.press("x")
    expect(stage.locator("#player-b .screen")).to_be_hidden()
    assert stage.locator("#player-a .screen").bounding_box() == place


def test_the_address_holds_the_view(stage: Page) -> None:
    stage.get_by_role("link", name="Overlay").click()
    stage.wait_for_url("**view=overlay*")
    stage.reload()
    stage.wait_for_selector("#compare[data-ready]")
    expect(stage.locator("#players")).to_have_attribute("data-view", "overlay")
    opacity = "(screen) => getComputedStyle(screen).opacity"
    assert stage.locator("#player-b .screen").evaluate(opacity) == "0.5"


@pytest.mark.parametrize("view", ["overlay", "difference"])
def test_where_one_side_has_nothing_the_other_is_seen_alone(stage: Page, view: str) -> None:
    go(stage, "inserted")
    stage.locator(f"#views [data-view={view}]").click()
    assert picture(stage).std() > 20
    expect(stage.locator("#player-a")).to_have_class("player absent")
    style = "(screen) => [getComputedStyle(screen).opacity, getComputedStyle(screen).mixBlendMode]"
    assert stage.locator("#player-b .screen").evaluate(style) == ["1", "normal"]


def test_a_side_is_moved_by_frames_and_back(stage: Page) -> None:
    go(stage, "changed")
    before = {side: shown(stage, side) for side in "ab"}
    times = frame_times(stage, "b")
    for _ in range(2):
        stage.keyboard.press(">")
    stage.wait_for_timeout(200)
    assert shown(stage, "b") == times[times.index(before["b"]) + 2]
    assert shown(stage, "a") == before["a"]
    expect(stage.locator("[data-offset=b]")).to_have_text("+2 f")
    stage.get_by_role("button", name="A one frame earlier").click()
    expect(stage.locator("[data-offset=a]")).to_have_text("−1 f")
    stage.locator("[data-do=reset-offsets]").click()
    stage.wait_for_timeout(200)
    assert {side: shown(stage, side) for side in "ab"} == before
    expect(stage.locator("[data-do=reset-offsets]")).to_be_hidden()


def test_one_side_is_heard(stage: Page) -> None:
    muted = "[...document.querySelectorAll('.player video')].map((video) => video.muted)"
    stage.select_option("#sound", "a")
    assert stage.evaluate(muted) == [False, True]
    stage.locator("body").press("s")
    assert stage.evaluate(muted) == [True, False]
    stage.locator("body").press("m")
    assert stage.evaluate(muted) == [True, True]


def test_a_difference_is_played_again_and_again(stage: Page) -> None:
    changed = first(stage, "changed")
    begin, end = changed["b"]
    stage.keyboard.press("r")
    loop = stage.get_by_role("button", name="Loop this difference")
    expect(loop).to_have_attribute("aria-pressed", "true")
    stage.wait_for_function(UNTIL_IT_GOES_BACK)
    least, most = stage.evaluate("window.seen")
    assert begin - 0.1 <= least < most <= end + 0.2
    stage.keyboard.press("Home")
    expect(loop).to_have_attribute("aria-pressed", "false")
