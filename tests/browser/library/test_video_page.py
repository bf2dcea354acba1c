"""The page of a video and its player."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from tests import footage
from tests.browser.edited_films import B_TITLE, card, ensure_videos
from tests.servers import wait_until

LOADS_METADATA = """video => new Promise(resolve => {
  if (video.readyState > 0) resolve(true);
  video.addEventListener("loadedmetadata", () => resolve(true));
  video.addEventListener("error", () => resolve(false));
  setTimeout(() => resolve(false), 4000);
})"""


READ_PIXELS = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join()"


@pytest.fixture
def video(signed_in: Page, site: str, tmp_path: Path) -> Page:
    ensure_videos(signed_in, site, tmp_path)
    signed_in.locator(f"{card(B_TITLE)} h3 a").click()
    signed_in.wait_for_selector("#player[data-ready]")
    return signed_in


def get_current_time(page: Page) -> float:
    page.wait_for_function("() => !document.querySelector('#player video').seeking")
    return page.evaluate("document.querySelector('#player video').currentTime")


def test_keys_play_seek_and_step_by_frame(video: Page) -> None:
    video.keyboard.press("ArrowRight")
    assert get_current_time(video) == pytest.approx(5, abs=0.05)
    video.keyboard.press("Home")
    video.keyboard.press(".")
    assert 1001 / 30000 < get_current_time(video) < 2 * 1001 / 30000
    expect(video.locator("#frame")).to_have_text("frame 1")
    video.keyboard.press("Space")
    expect(video.get_by_role("button", name="Pause")).to_be_visible()
    video.wait_for_function("() => document.querySelector('#player video').currentTime > 0.2")
    video.keyboard.press("k")
    assert get_current_time(video) > 0.2


def test_the_frame_is_shown_as_timecode_and_the_choice_is_remembered(video: Page) -> None:
    label = video.locator("#frame")
    expect(label).to_have_text("frame 0")
    video.keyboard.press("t")
    expect(label).to_have_text("00:00:00:00")
    video.keyboard.press(".")
    expect(label).to_have_text("00:00:00:01")
    video.reload()
    expect(label).to_have_text("00:00:00:00")
    label.click()
    expect(label).to_have_text("frame 0")


def test_a_still_seeks_to_its_time(video: Page) -> None:
    link = video.locator("#stills a").nth(2)
    link.click()
    assert get_current_time(video) == pytest.approx(float(link.get_attribute("data-seconds") or 0), abs=0.01)


def test_hovering_over_the_progress_bar_shows_a_preview(video: Page) -> None:
    line = video.locator("#seek-bar")
    box = line.bounding_box()
    assert box
    line.hover(position={"x": box["width"] / 2, "y": 10})
    expect(video.locator(".scrub-preview figcaption")).to_have_text(re.compile(r"^0:\d\d\.\d\d$"))
    canvas = video.locator(".scrub-preview canvas")
    expect(canvas).to_be_visible()
    middle = canvas.evaluate(READ_PIXELS)
    line.hover(position={"x": box["width"] - 9, "y": 10})
    video.wait_for_function(
        f"before => ({READ_PIXELS})(document.querySelector('.scrub-preview canvas')) !== before", arg=middle
    )
    video.mouse.move(0, 0)
    expect(video.locator(".scrub-preview")).to_be_hidden()


def test_technical_details_are_shown(video: Page) -> None:
    video.get_by_role("tab", name="Details").click()
    facts = video.locator(".details")
    expect(facts).to_be_visible()
    for words in ("480 × 270", "29.97 fps", "H264, yuv420p, 8-bit", "AAC"):
        expect(facts).to_contain_text(words)


@pytest.fixture
def late_video_page(signed_in: Page, site: str, tmp_path: Path) -> Page:
    """Open the page of a film whose video track begins a second and a half after its audio track."""
    times = [1.5 + number / 25 for number in range(100)]
    created = footage.clip("late", lambda: footage.scene(100, 3), times=times, sound=True)
    (tmp_path / "Late picture.mp4").symlink_to(created)
    signed_in.goto(f"{site}/library/")
    if not signed_in.locator(card("Late picture")).count():
        signed_in.set_input_files("#upload input[type=file]", tmp_path / "Late picture.mp4")
    ready = signed_in.locator(f"{card('Late picture')}.ready").first
    expect(ready).to_be_visible(timeout=60_000)
    signed_in.goto(f"{site}{ready.locator('h3 a').get_attribute('href')}?t=1")
    signed_in.wait_for_selector("#player[data-ready]")
    return signed_in


def test_times_count_from_the_first_frame(late_video_page: Page) -> None:
    assert get_current_time(late_video_page) == pytest.approx(2.5, abs=0.01)
    expect(late_video_page.locator("#frame")).to_have_text("frame 25")
    expect(late_video_page.locator("#clock")).to_have_text("0:01.00")
    expect(late_video_page.locator("#duration")).to_have_text("0:04.00")
    late_video_page.keyboard.press(".")
    assert 2.54 < get_current_time(late_video_page) < 2.58
    late_video_page.locator("#stills a").nth(1).click()
    assert get_current_time(late_video_page) == pytest.approx(3.5, abs=0.01)
    late_video_page.keyboard.press("Home")
    assert get_current_time(late_video_page) == pytest.approx(1.5, abs=0.01)
    expect(late_video_page.locator("#frame")).to_have_text("frame 0")


def upload_unplayable(page: Page, site: str, folder: Path, title: str, frames: int) -> str:
    """Upload a film that browsers cannot play and return the address of its page when it is ready."""
    old = footage.clip(f"old {frames}", lambda: footage.pixels("bikes", 1280, 720)[:frames], codec="mpeg4", rate=25)
    (folder / f"{title}.mp4").symlink_to(old)
    page.goto(f"{site}/library/")
    page.set_input_files("#upload input[type=file]", folder / f"{title}.mp4")
    ready = page.locator(f"{card(title)}.ready").first
    expect(ready).to_be_visible(timeout=60_000)
    return f"{site}{ready.locator('h3 a').get_attribute('href')}"


def test_the_browser_copy_appears_on_an_open_page(signed_in: Page, site: str, tmp_path: Path) -> None:
    address = upload_unplayable(signed_in, site, tmp_path, "Old and long", 250)
    signed_in.goto(address)
    expect(signed_in.locator("#facts")).to_contain_text("Creating a browser copy")
    expect(signed_in.locator("p.unplayable")).to_contain_text("Sage is creating a copy")
    signed_in.wait_for_selector("#player[data-ready]", timeout=90_000)
    expect(signed_in.locator("p.unplayable")).to_be_hidden()
    expect(signed_in.locator("#facts")).not_to_contain_text("Creating a browser copy")


def test_a_file_that_browsers_cannot_play_gets_a_playable_copy(signed_in: Page, site: str, tmp_path: Path) -> None:
    old = footage.clip("in an old codec", lambda: footage.pixels("bikes")[:75], codec="mpeg4", rate=25)
    (tmp_path / "Old codec.mp4").symlink_to(old)
    signed_in.goto(f"{site}/library/")
    signed_in.set_input_files("#upload input[type=file]", tmp_path / "Old codec.mp4")
    ready = signed_in.locator(f"{card('Old codec')}.ready").first
    expect(ready).to_be_visible(timeout=60_000)
    for side in ("a", "b"):
        ready.locator(f".compare-choice input[name={side}]").check(force=True)
        expect(signed_in.locator("#compare-bar [data-do=compare]")).to_be_disabled()  # not with itself
    address = f"{site}{ready.locator('h3 a').get_attribute('href')}"

    def plays() -> bool:
        with suppress(Error):  # the page reloads itself when the copy is ready
            signed_in.goto(address)
            return bool(signed_in.locator("#player video").evaluate(LOADS_METADATA))
        return False

    wait_until(plays, 90)
    expect(signed_in.locator("p.unplayable")).to_be_hidden()
    expect(signed_in.locator("#stills img").first).to_be_visible()


def test_shots_are_shown_above_the_seek_bar_and_seek(video: Page) -> None:
    shots = video.locator("#video-timeline .shots a")
    assert shots.count() > 1
    start = float(shots.nth(1).get_attribute("data-seconds"))
    shots.nth(1).click()
    assert get_current_time(video) == pytest.approx(start, abs=0.05)
    expect(shots.nth(1)).to_have_attribute("aria-current", "true")
