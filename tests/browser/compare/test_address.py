"""The URL of a comparison stores time, view, offsets and threshold, and restores them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.compare.test_compare_page import first_segment, get_shown_time
from tests.browser.edited_films import LONGEST_FRAME, open_comparison


@pytest.fixture
def compare_page(signed_in: Page, site: str, tmp_path: Path) -> Page:
    open_comparison(signed_in, site, tmp_path)
    return signed_in


def open_query(page: Page, query: str) -> None:
    page.goto(f"{page.url.split('?')[0]}{query}")
    page.wait_for_selector("#compare[data-ready]")


def read_query(page: Page) -> str:
    """Return the query string after the page has updated it."""
    page.wait_for_timeout(350)
    return page.evaluate("location.search")


def test_amounts_offsets_and_threshold_are_stored_in_the_url_and_restored_from_it(compare_page: Page) -> None:
    compare_page.get_by_role("link", name="Wipe").click()
    compare_page.locator("[data-amount=wipe]").fill("31")
    compare_page.locator("[data-amount=overlay]").evaluate(
        "(input) => { input.value = 70; input.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    compare_page.keyboard.press(">")
    compare_page.get_by_role("button", name="A one frame earlier").click()
    compare_page.locator("#threshold").fill("0.5")
    compare_page.wait_for_url("**threshold=0.5*")
    stored_query = read_query(compare_page)
    assert set(re.findall(r"[?&](\w+=[^&]*)", stored_query)) >= {
        "view=wipe",
        "wipe=31",
        "overlay=70",
        "offset_a=-1",
        "offset_b=1",
        "threshold=0.5",
    }
    assert "gain" not in stored_query
    compare_page.reload()
    compare_page.wait_for_selector("#compare[data-ready]")
    expect(compare_page.locator("[data-amount=wipe]")).to_have_value("31")
    expect(compare_page.locator("[data-offset=a]")).to_have_text("−1 f")
    expect(compare_page.locator("[data-offset=b]")).to_have_text("+1 f")
    expect(compare_page.locator("#differing")).to_have_text("2 differences")
    assert read_query(compare_page) == stored_query
    clip = compare_page.locator("#player-b .screen").evaluate("(screen) => getComputedStyle(screen).clipPath")
    assert clip == "inset(0px 0px 0px 31%)"


def test_default_values_are_not_in_the_url(compare_page: Page) -> None:
    compare_page.keyboard.press("4")
    compare_page.keyboard.press("]")
    compare_page.wait_for_url("**gain=5*")
    compare_page.keyboard.press("[")
    compare_page.keyboard.press("1")
    assert re.fullmatch(r"\?t=\d+\.\d{3}", read_query(compare_page))


@pytest.mark.parametrize(
    "nonsense", ["view=cube&wipe=wide&gain=&offset_a=x&threshold=much&t=soon", "wipe=900&gain=-3&offset_b=1e9&t=1e9"]
)
def test_invalid_parameters_are_ignored(compare_page: Page, nonsense: str) -> None:
    open_query(compare_page, f"?{nonsense}")
    expect(compare_page.locator("#players")).to_have_attribute("data-view", "side")
    wipe, gain = (float(compare_page.locator(f"[data-amount={name}]").input_value()) for name in ("wipe", "difference"))
    assert 0 <= wipe <= 100
    assert 1 <= gain <= 16
    expect(compare_page.locator("#similarity")).to_contain_text("%")


@pytest.mark.parametrize("threshold", ["5", "0", "-1", "0.009", "1e9"])
def test_a_threshold_outside_the_range_of_the_slider_is_ignored(compare_page: Page, threshold: str) -> None:
    open_query(compare_page, f"?threshold={threshold}")
    expect(compare_page.locator("#differing")).to_have_text("3 differences")
    expect(compare_page.locator("#threshold-summary")).to_contain_text("automatic")


def test_the_slider_follows_the_back_button(compare_page: Page) -> None:
    compare_page.locator("#threshold").fill("0.5")
    compare_page.wait_for_url("**threshold=0.5*")
    compare_page.get_by_role("link", name="Overlay").click()
    compare_page.get_by_role("button", name="Reset").click()
    assert "threshold" not in read_query(compare_page)
    compare_page.go_back()
    expect(compare_page.locator("#threshold")).to_have_value("0.5")
    expect(compare_page.locator("#threshold-form output")).to_have_text("0.50")
    expect(compare_page.locator("#differing")).to_have_text("2 differences")


def test_back_and_forward_visit_the_followed_links(compare_page: Page) -> None:
    inserted = first_segment(compare_page, "inserted")["b"][0]
    compare_page.locator("#differences a", has_text="New shot").click()
    compare_page.wait_for_url(f"**t={inserted:.3f}*")
    compare_page.get_by_role("link", name="Overlay").click()
    compare_page.wait_for_url("**view=overlay*")
    compare_page.keyboard.press("ArrowRight")  # a key press adds no history entry
    read_query(compare_page)

    compare_page.go_back()
    expect(compare_page.locator("#players")).to_have_attribute("data-view", "side")
    assert get_shown_time(compare_page, "b") == pytest.approx(inserted, abs=LONGEST_FRAME)
    compare_page.go_back()
    compare_page.wait_for_url("**?t=0.000")
    assert get_shown_time(compare_page, "b") == 0
    compare_page.go_forward()
    compare_page.go_forward()
    expect(compare_page.locator("#players")).to_have_attribute("data-view", "overlay")
    expect(compare_page.locator("#compare")).to_be_visible()


def test_returning_to_the_page_restores_its_last_state(compare_page: Page, site: str) -> None:
    compare_page.keyboard.press("End")
    compare_page.keyboard.press("3")
    compare_page.wait_for_url("**view=overlay*")
    left = read_query(compare_page)
    compare_page.goto(f"{site}/library/")
    compare_page.go_back()
    compare_page.wait_for_selector("#compare[data-ready]")
    assert read_query(compare_page) == left
    expect(compare_page.locator("#players")).to_have_attribute("data-view", "overlay")


def test_a_link_opened_in_a_new_tab_keeps_the_view(compare_page: Page) -> None:
    compare_page.keyboard.press("2")
    compare_page.keyboard.press("]")
    compare_page.wait_for_url("**wipe=55*")
    with compare_page.context.expect_page() as opened:
        compare_page.locator("#differences a").first.click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_url(re.compile(r"view=wipe.*wipe=55"))


def test_the_link_to_the_current_time_is_copied(compare_page: Page) -> None:
    compare_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    compare_page.locator("#differences a", has_text="Removed shot").click()
    compare_page.keyboard.press("5")
    compare_page.get_by_role("button", name="Copy link at current time").click()
    expect(compare_page.locator("#copied")).to_have_text("Link copied")
    link = compare_page.evaluate("navigator.clipboard.readText()")
    deleted = first_segment(compare_page, "deleted")["a"][0]
    base, _, threshold = link.partition("&threshold=")
    assert base == f"{compare_page.url.split('?')[0]}?t={deleted:.3f}&side=a&view=flick"
    calibrated = compare_page.evaluate("JSON.parse(document.getElementById('page-data').textContent).script.calibrated")
    assert float(threshold) == pytest.approx(calibrated)
    assert "threshold" not in read_query(compare_page)


def test_without_the_clipboard_api_the_link_is_still_copied(compare_page: Page) -> None:
    compare_page.context.grant_permissions(["clipboard-read"])
    compare_page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })")
    compare_page.keyboard.press("c")
    expect(compare_page.locator("#copied")).to_have_text("Link copied")
