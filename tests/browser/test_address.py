"""The address of a comparison holds what is looked at, and a link takes others there."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cuts import LONGEST_FRAME, open_comparison
from tests.browser.test_stage import first, shown


@pytest.fixture
def stage(signed_in: Page, site: str, tmp_path: Path) -> Page:
    open_comparison(signed_in, site, tmp_path)
    return signed_in


def go(page: Page, query: str) -> None:
    page.goto(f"{page.url.split('?')[0]}{query}")
    page.wait_for_selector("#compare[data-ready]")


def query(page: Page) -> str:
    """The query of the address once it has come to rest."""
    page.wait_for_timeout(350)
    return page.evaluate("location.search")


def test_amounts_offsets_and_threshold_are_in_the_address_and_come_back_from_it(stage: Page) -> None:
    stage.get_by_role("link", name="Wipe").click()
    stage.locator("[data-amount=wipe]").fill("31")
    stage.locator("[data-amount=overlay]").evaluate(
        "(input) => { input.value = 70; input.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    stage.keyboard.press(">")
    stage.get_by_role("button", name="A one frame earlier").click()
    stage.locator("#threshold").fill("0.5")
    stage.wait_for_url("**threshold=0.5*")
    asked = query(stage)
    assert set(re.findall(r"[?&](\w+=[^&]*)", asked)) >= {
        "view=wipe",
        "wipe=31",
        "overlay=70",
        "offset_a=-1",
        "offset_b=1",
        "threshold=0.5",
    }
    assert "gain" not in asked
    stage.reload()
    stage.wait_for_selector("#compare[data-ready]")
    expect(stage.locator("[data-amount=wipe]")).to_have_value("31")
    expect(stage.locator("[data-offset=a]")).to_have_text("−1 f")
    expect(stage.locator("[data-offset=b]")).to_have_text("+1 f")
    expect(stage.locator("#differing")).to_have_text("2 differences")
    assert query(stage) == asked
    clip = stage.locator("#player-b .screen").evaluate("(screen) => getComputedStyle(screen).clipPath")
    assert clip == "inset(0px 0px 0px 31%)"


def test_what_is_as_a_page_begins_is_not_in_the_address(stage: Page) -> None:
    stage.keyboard.press("4")
    stage.keyboard.press("]")
    stage.wait_for_url("**gain=5*")
    stage.keyboard.press("[")
    stage.keyboard.press("1")
    assert re.fullmatch(r"\?t=\d+\.\d{3}", query(stage))


@pytest.mark.parametrize(
    "nonsense", ["view=cube&wipe=wide&gain=&offset_a=x&threshold=much&t=soon", "wipe=900&gain=-3&offset_b=1e9&t=1e9"]
)
def test_an_address_that_makes_no_sense_opens_all_the_same(stage: Page, nonsense: str) -> None:
    go(stage, f"?{nonsense}")
    expect(stage.locator("#players")).to_have_attribute("data-view", "side")
    wipe, gain = (float(stage.locator(f"[data-amount={name}]").input_value()) for name in ("wipe", "difference"))
    assert 0 <= wipe <= 100
    assert 1 <= gain <= 16
    expect(stage.locator("#similarity")).to_contain_text("%")


@pytest.mark.parametrize("threshold", ["5", "0", "-1", "0.009", "1e9"])
def test_a_threshold_that_the_slider_does_not_reach_is_passed_over(stage: Page, threshold: str) -> None:
    go(stage, f"?threshold={threshold}")
    expect(stage.locator("#differing")).to_have_text("3 differences")
    expect(stage.locator("#told-threshold")).to_contain_text("calibrated")


def test_the_slider_goes_along_on_the_way_back(stage: Page) -> None:
    stage.locator("#threshold").fill("0.5")
    stage.wait_for_url("**threshold=0.5*")
    stage.get_by_role("link", name="Overlay").click()
    stage.get_by_role("button", name="Reset").click()
    assert "threshold" not in query(stage)
    stage.go_back()
    expect(stage.locator("#threshold")).to_have_value("0.5")
    expect(stage.locator("#dial output")).to_have_text("0.50")
    expect(stage.locator("#differing")).to_have_text("2 differences")


def test_back_and_forward_go_through_the_links_that_were_followed(stage: Page) -> None:
    inserted = first(stage, "inserted")["b"][0]
    stage.locator("#differences a", has_text="Inserted").click()
    stage.wait_for_url(f"**t={inserted:.3f}*")
    stage.get_by_role("link", name="Overlay").click()
    stage.wait_for_url("**view=overlay*")
    stage.keyboard.press("ArrowRight")  # no link: it makes no entry of its own
    query(stage)

    stage.go_back()
    expect(stage.locator("#players")).to_have_attribute("data-view", "side")
    assert shown(stage, "b") == pytest.approx(inserted, abs=LONGEST_FRAME)
    stage.go_back()
    stage.wait_for_url("**?t=0.000")
    assert shown(stage, "b") == 0
    stage.go_forward()
    stage.go_forward()
    expect(stage.locator("#players")).to_have_attribute("data-view", "overlay")
    expect(stage.locator("#compare")).to_be_visible()


def test_the_way_back_to_the_page_comes_to_where_it_was_left(stage: Page, site: str) -> None:
    stage.keyboard.press("End")
    stage.keyboard.press("3")
    stage.wait_for_url("**view=overlay*")
    left = query(stage)
    stage.goto(f"{site}/library/")
    stage.go_back()
    stage.wait_for_selector("#compare[data-ready]")
    assert query(stage) == left
    expect(stage.locator("#players")).to_have_attribute("data-view", "overlay")


def test_a_link_that_is_opened_elsewhere_takes_along_how_it_is_looked_at(stage: Page) -> None:
    stage.keyboard.press("2")
    stage.keyboard.press("]")
    stage.wait_for_url("**wipe=55*")
    with stage.context.expect_page() as opened:
        stage.locator("#differences a").first.click(modifiers=["ControlOrMeta"])
    assert "view=wipe" in opened.value.url
    assert "wipe=55" in opened.value.url


def test_the_link_to_this_moment_is_copied(stage: Page) -> None:
    stage.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stage.locator("#differences a", has_text="Deleted").click()
    stage.keyboard.press("5")
    stage.get_by_role("button", name="Copy the link to this moment").click()
    expect(stage.locator("#copied")).to_have_text("Link copied")
    link = stage.evaluate("navigator.clipboard.readText()")
    deleted = first(stage, "deleted")["a"][0]
    seen, _, threshold = link.partition("&threshold=")
    assert seen == f"{stage.url.split('?')[0]}?t={deleted:.3f}&side=a&view=flick"
    calibrated = stage.evaluate("JSON.parse(document.getElementById('stage-data').textContent).script.calibrated")
    assert float(threshold) == pytest.approx(calibrated)
    assert "threshold" not in query(stage)


def test_without_a_clipboard_of_its_own_it_is_copied_the_old_way(stage: Page) -> None:
    stage.context.grant_permissions(["clipboard-read"])
    stage.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })")
    stage.keyboard.press("c")
    expect(stage.locator("#copied")).to_have_text("Link copied")
