"""One video and its player."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import footage
from tests.browser.cuts import B_TITLE, card, have_videos
from tests.stage import wait_until

KNOWS_ITS_LENGTH = """video => new Promise(tell => {
  if (video.readyState > 0) tell(true);
  video.addEventListener("loadedmetadata", () => tell(true));
  video.addEventListener("error", () => tell(false));
  setTimeout(() => tell(false), 4000);
})"""


DRAWN = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join()"


@pytest.fixture
def video(signed_in: Page, site: str, tmp_path: Path) -> Page:
    have_videos(signed_in, site, tmp_path)
    signed_in.locator(f"{card(B_TITLE)} h3 a").click()
    signed_in.wait_for_selector("#player[data-ready]")
    return signed_in


def now(page: Page) -> float:
    page.wait_for_function("() => !document.querySelector('#player video').seeking")
    return page.evaluate("document.querySelector('#player video').currentTime")


def test_keys_play_seek_and_step(video: Page) -> None:
    video.keyboard.press("ArrowRight")
    assert now(video) == pytest.approx(5, abs=0.05)
    video.keyboard.press("Home")
    video.keyboard.press(".")
    assert 1001 / 30000 < now(video) < 2 * 1001 / 30000
    expect(video.locator("#frame")).to_have_text("frame 1")
    video.keyboard.press("Space")
    expect(video.get_by_role("button", name="Pause")).to_be_visible()
    video.wait_for_timeout(600)
    video.keyboard.press("k")
    assert now(video) > 0.2


def test_a_still_goes_to_its_second(video: Page) -> None:
    link = video.locator("#stills a").nth(2)
    link.click()
    assert now(video) == pytest.approx(float(link.get_attribute("data-seconds") or 0), abs=0.01)


def test_pointing_at_the_line_shows_what_is_there(video: Page) -> None:
    line = video.locator("#line")
    box = line.bounding_box()
    assert box
    line.hover(position={"x": box["width"] / 2, "y": 10})
    expect(video.locator(".glance figcaption")).to_have_text(re.compile(r"^0:\d\d\.\d\d$"))
    canvas = video.locator(".glance canvas")
    expect(canvas).to_be_visible()
    middle = canvas.evaluate(DRAWN)
    line.hover(position={"x": box["width"] - 9, "y": 10})
    video.wait_for_function(f"before => ({DRAWN})(document.querySelector('.glance canvas')) !== before", arg=middle)
    video.mouse.move(0, 0)
    expect(video.locator(".glance")).to_be_hidden()


def test_details_are_told(video: Page) -> None:
    facts = video.locator(".details")
    for words in ("480 × 270", "29.97 a second", "H264, yuv420p, 8 bit", "AAC"):
        expect(facts).to_contain_text(words)


@pytest.fixture
def late(signed_in: Page, site: str, tmp_path: Path) -> Page:
    """The page of a film whose picture begins a second and a half after its sound."""
    times = [1.5 + number / 25 for number in range(100)]
    made = footage.clip("late", lambda: footage.scene(100, 3), times=times, sound=True)
    (tmp_path / "Late picture.mp4").symlink_to(made)
    signed_in.goto(f"{site}/library/")
    if not signed_in.locator(card("Late picture")).count():
        signed_in.set_input_files("#upload input[type=file]", tmp_path / "Late picture.mp4")
    ready = signed_in.locator(f"{card('Late picture')}.ready").first
    expect(ready).to_be_visible(timeout=60_000)
    signed_in.goto(f"{site}{ready.locator('h3 a').get_attribute('href')}?t=1")
    signed_in.wait_for_selector("#player[data-ready]")
    return signed_in


def test_seconds_run_from_the_first_frame_however_late_that_comes(late: Page) -> None:
    assert now(late) == pytest.approx(2.5, abs=0.01)
    expect(late.locator("#frame")).to_have_text("frame 25")
    expect(late.locator("#clock")).to_have_text("0:01.00")
    expect(late.locator("#length")).to_have_text("0:04.00")
    late.keyboard.press(".")
    assert 2.54 < now(late) < 2.58
    late.locator("#stills a").nth(1).click()
    assert now(late) == pytest.approx(3.5, abs=0.01)
    late.keyboard.press("Home")
    assert now(late) == pytest.approx(1.5, abs=0.01)
    expect(late.locator("#frame")).to_have_text("frame 0")


def old_codec(page: Page, site: str, folder: Path, title: str, frames: int) -> str:
    """Upload a film that no browser plays as it is; the address of its page once it is ready."""
    old = footage.clip(f"old {frames}", lambda: footage.pixels("bikes", 1280, 720)[:frames], codec="mpeg4", rate=25)
    (folder / f"{title}.mp4").symlink_to(old)
    page.goto(f"{site}/library/")
    page.set_input_files("#upload input[type=file]", folder / f"{title}.mp4")
    ready = page.locator(f"{card(title)}.ready").first
    expect(ready).to_be_visible(timeout=60_000)
    return f"{site}{ready.locator('h3 a').get_attribute('href')}"


def test_whoever_waits_for_the_copy_sees_it_appear(signed_in: Page, site: str, tmp_path: Path) -> None:
    address = old_codec(signed_in, site, tmp_path, "Old and long", 250)
    signed_in.goto(address)
    expect(signed_in.locator("#facts")).to_contain_text("A copy for browsers")
    expect(signed_in.locator("p.plain")).to_contain_text("on its way")
    signed_in.wait_for_selector("#player[data-ready]", timeout=90_000)
    expect(signed_in.locator("p.plain")).to_be_hidden()
    expect(signed_in.locator("#facts")).not_to_contain_text("A copy for browsers")


def test_a_file_that_the_browser_cannot_play_gets_a_copy_that_it_plays(
    signed_in: Page, site: str, tmp_path: Path
) -> None:
    old = footage.clip("in an old codec", lambda: footage.pixels("bikes")[:75], codec="mpeg4", rate=25)
    (tmp_path / "Old codec.mp4").symlink_to(old)
    signed_in.goto(f"{site}/library/")
    signed_in.set_input_files("#upload input[type=file]", tmp_path / "Old codec.mp4")
    ready = signed_in.locator(f"{card('Old codec')}.ready").first
    expect(ready).to_be_visible(timeout=60_000)
    for side in ("a", "b"):
        ready.locator(f".picks input[name={side}]").check(force=True)
        expect(signed_in.locator("#pick [data-do=compare]")).to_be_disabled()  # one video is not both
    address = f"{site}{ready.locator('h3 a').get_attribute('href')}"

    def plays() -> bool:
        signed_in.goto(address)
        return bool(signed_in.locator("#player video").evaluate(KNOWS_ITS_LENGTH))

    wait_until(plays, 90)
    expect(signed_in.locator("p.plain")).to_be_hidden()
    expect(signed_in.locator("#stills img").first).to_be_visible()
