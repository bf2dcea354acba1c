"""The comparison page: two synchronised players and a timeline."""

import statistics
from bisect import bisect_right
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.edited_films import LONGEST_FRAME, open_comparison
from tests.servers import wait_until

RECORD_FRAMES = """() => {
  window.frames_shown = [];
  for (const side of ["a", "b"]) {
    const video = document.querySelector(`#player-${side} video`);
    const next = (now, frame) => {
      window.frames_shown.push([side, frame.expectedDisplayTime / 1000, frame.mediaTime]);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  }
}"""


# Let the first changed region of the page move from the top left to the bottom right of the picture.
GIVE_KEYFRAMES = """
  const parse = JSON.parse;
  JSON.parse = (text) => {
    const data = parse(text);
    const changed = data?.script?.segments?.find(([op]) => op === "c");
    if (changed) {
      const [start, end] = changed[2];
      changed[4] = [[0.1, 0.1, 0.8, 0.6, [[start, 0.1, 0.1, 0.2, 0.2], [end, 0.7, 0.5, 0.2, 0.2]]]];
    }
    return data;
  };
"""


@pytest.fixture
def compare_page(signed_in: Page, site: str, tmp_path: Path) -> Page:
    open_comparison(signed_in, site, tmp_path)
    return signed_in


def segments(page: Page) -> list[dict[str, Any]]:
    return page.evaluate(
        """async () => {
          const { rethreshold, unpackSegments } = await import("/static/videos/compare/script/rethreshold.js");
          const { script } = JSON.parse(document.getElementById("page-data").textContent);
          return rethreshold({ ...script, segments: unpackSegments(script.segments) }, script.threshold).segments;
        }"""
    )


def first_segment(page: Page, op: str) -> dict[str, Any]:
    return next(segment for segment in segments(page) if segment["op"] == op)


def frame_times(page: Page, side: str) -> list[float]:
    return page.evaluate(
        """async (side) => {
          const data = JSON.parse(document.getElementById("page-data").textContent);
          return [...new Float64Array(await (await fetch(data[side].times)).arrayBuffer())];
        }""",
        side,
    )


def get_shown_time(page: Page, side: str) -> float:
    """Return the time of the frame on the screen."""
    page.wait_for_function("() => [...document.querySelectorAll('.player video')].every((video) => !video.seeking)")
    now = page.evaluate(f"document.querySelector('#player-{side} video').currentTime")
    times = frame_times(page, side)
    return times[bisect_right(times, now) - 1]


def test_the_players_stay_synchronised_within_a_frame(compare_page: Page) -> None:
    for _ in range(9):  # a busy machine can stall either player
        compare_page.keyboard.press("Home")
        drifts = measure_drifts(compare_page)
        if len(drifts) > 60 and statistics.median(drifts) <= LONGEST_FRAME / 2:
            break
    assert len(drifts) > 60
    assert statistics.median(drifts) <= LONGEST_FRAME / 2


def measure_drifts(page: Page) -> list[float]:
    """Play for six seconds and return the drift between the players in seconds at each frame."""
    page.evaluate(RECORD_FRAMES)
    page.keyboard.press("Space")
    page.wait_for_timeout(6500)
    page.keyboard.press("Space")
    drifts = []
    last: dict[str, tuple[float, float]] = {}
    for side, when, time in page.evaluate("window.frames_shown"):
        last[side] = (when, time)
        if len(last) == 2 and 1.5 < time < 5.9:  # after the start and before the first inserted shot
            (when_a, a), (when_b, b) = last["a"], last["b"]
            drifts.append(abs((a - when_a) - (b - when_b)))
    return drifts


def test_a_frame_step_shows_the_next_frame(compare_page: Page) -> None:
    times = frame_times(compare_page, "b")
    for expected in times[1:4]:
        compare_page.keyboard.press(".")
        wait_until(lambda expected=expected: get_shown_time(compare_page, "b") == expected)
    compare_page.keyboard.press(",")
    wait_until(lambda: get_shown_time(compare_page, "b") == times[2])


def test_a_click_on_the_timeline_seeks_both_players_to_matching_times(compare_page: Page) -> None:
    equal = segments(compare_page)[-1]
    bar = compare_page.locator(f'.bar-link[data-index="{equal["index"]}"][data-side="b"] .fill')
    bar.click()
    a, b = get_shown_time(compare_page, "a"), get_shown_time(compare_page, "b")
    assert b == pytest.approx(sum(equal["b"]) / 2, abs=0.1)
    assert a - equal["a"][0] == pytest.approx(b - equal["b"][0], abs=LONGEST_FRAME)


def test_arrow_keys_select_the_next_and_previous_difference(compare_page: Page) -> None:
    differing = [segment for segment in segments(compare_page) if segment["op"] != "equal"]
    for segment in differing[:2]:
        compare_page.keyboard.press("ArrowRight")
        start = pytest.approx(segment["b"][0], abs=LONGEST_FRAME)
        wait_until(lambda start=start: get_shown_time(compare_page, "b") == start)
    expect(compare_page.locator("#differences a[data-index]").nth(1)).to_have_attribute("aria-current", "true")
    compare_page.keyboard.press("ArrowLeft")
    expect(compare_page.locator("#differences a[data-index]").nth(0)).to_have_attribute("aria-current", "true")


def test_a_side_without_the_segment_holds_its_last_frame_dimmed(compare_page: Page) -> None:
    inserted = first_segment(compare_page, "inserted")
    compare_page.locator("#differences a", has_text="New shot").first.click()
    expect(compare_page.locator("#player-a")).to_have_class("player absent")
    before = next(segment for segment in segments(compare_page) if segment["b"] and segment["b"][1] == inserted["b"][0])
    times = [time for time in frame_times(compare_page, "a") if time < before["a"][1] - 0.001]
    assert get_shown_time(compare_page, "a") == times[-1]


def test_boxes_are_drawn_over_the_changed_regions(compare_page: Page) -> None:
    changed = first_segment(compare_page, "changed")
    compare_page.locator("#differences a", has_text="Changed").first.click()
    box = compare_page.locator("#player-b .boxes rect").first.bounding_box()
    picture = compare_page.locator("#player-b video").bounding_box()
    region = changed["regions"][0]
    assert box
    assert picture
    assert (box["x"] - picture["x"]) / picture["width"] == pytest.approx(region["x"], abs=0.01)
    assert (box["y"] - picture["y"]) / picture["height"] == pytest.approx(region["y"], abs=0.01)
    compare_page.keyboard.press("Home")
    expect(compare_page.locator("#player-b .boxes rect")).to_have_count(0)


def test_a_box_follows_a_change_that_moves(compare_page: Page) -> None:
    start, end = first_segment(compare_page, "changed")["b"]
    address = compare_page.url.split("?")[0]
    compare_page.add_init_script(GIVE_KEYFRAMES)
    for share in (0.1, 0.5, 0.9):
        compare_page.goto(f"{address}?t={start + share * (end - start):.3f}&side=b")
        compare_page.wait_for_selector("#compare[data-ready]")
        for side in ("a", "b"):
            rectangle = compare_page.locator(f"#player-{side}:not(.seeking) .boxes rect")
            expect(rectangle).to_have_count(1)
            x, y, width, height = (float(rectangle.get_attribute(name) or 0) for name in ("x", "y", "width", "height"))
            assert (x, y) == pytest.approx((0.1 + 0.6 * share, 0.1 + 0.4 * share), abs=0.05)
            assert (width, height) == pytest.approx((0.2, 0.2))


def test_the_url_stores_the_time(compare_page: Page) -> None:
    deleted = first_segment(compare_page, "deleted")
    compare_page.locator("#differences a", has_text="Removed shot").first.click()
    compare_page.wait_for_url(f"**?t={deleted['a'][0]:.3f}&side=a")
    compare_page.reload()
    compare_page.wait_for_selector("#compare[data-ready]")
    assert get_shown_time(compare_page, "a") == pytest.approx(deleted["a"][0], abs=LONGEST_FRAME)
    expect(compare_page.locator("#player-b p.absent")).to_be_visible()


def test_playback_continues_across_all_segments_to_the_end(compare_page: Page) -> None:
    compare_page.select_option("#rate", "4")
    compare_page.keyboard.press("Space")
    play = compare_page.get_by_role("button", name="Play", exact=True)
    expect(compare_page.get_by_role("button", name="Pause")).to_be_visible()
    expect(play).to_be_visible(timeout=60_000)
    last = segments(compare_page)[-1]
    wait_until(lambda: get_shown_time(compare_page, "b") == pytest.approx(last["b"][1], abs=0.1))
    wait_until(lambda: get_shown_time(compare_page, "a") == pytest.approx(last["a"][1], abs=0.1))


def test_j_plays_in_reverse(compare_page: Page) -> None:
    compare_page.goto(compare_page.url.split("?")[0] + "?t=3.000")
    compare_page.wait_for_selector("#compare[data-ready]")
    compare_page.keyboard.press("j")
    compare_page.wait_for_function("() => document.querySelector('#player-b video').currentTime < 2.5")
    compare_page.keyboard.press("k")
    assert 0.5 < get_shown_time(compare_page, "b") < 2.8


def test_the_space_bar_plays_after_a_click_on_another_element(compare_page: Page) -> None:
    compare_page.locator("#differences a").first.click()
    compare_page.keyboard.press("Space")
    expect(compare_page.get_by_role("button", name="Pause")).to_be_visible()
    compare_page.get_by_role("button", name="Next frame").click()
    expect(compare_page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    compare_page.keyboard.press("Space")
    expect(compare_page.get_by_role("button", name="Pause")).to_be_visible()


def test_the_question_mark_opens_the_keyboard_shortcuts(compare_page: Page) -> None:
    compare_page.keyboard.press("?")
    expect(compare_page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    compare_page.keyboard.press("?")
    expect(compare_page.get_by_role("dialog")).to_have_count(0)


def test_a_citation_of_an_answer_seeks_both_players_even_while_they_load(compare_page: Page, site: str) -> None:
    page = compare_page
    address = page.url.partition("?")[0] + "?panel=ask"
    page.goto(address)
    if not page.locator(".answer").count():
        page.get_by_role("button", name="What changed?").press("Enter")
    citation = page.locator(".answer:not([data-stream]) .answer-text a[data-side=b]").first
    citation.press("Enter")
    expect(page.locator("#compare")).to_be_visible()
    cited = float(citation.get_attribute("data-seconds") or "nan")
    shows_it = f"() => Math.abs(document.querySelector('#player-b video').currentTime - {cited}) < 0.5"
    page.wait_for_function(shows_it)

    page.route("**/compare-page*.js", lambda route: (page.wait_for_timeout(2000), route.continue_())[1])
    page.goto(address, wait_until="commit")
    citation.click()
    page.wait_for_selector("#compare[data-ready]")

    page.wait_for_function(shows_it)
    assert page.url.startswith(address)  # the page adds the second after a while
