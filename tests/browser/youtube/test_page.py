"""The page of a YouTube video, with a page that imitates YouTube's player, for users and for guests."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.servers import ROOT
from tests.site import Site

PLAYER = Path(__file__).with_name("fake_player.js").read_text()
READY, BLOCKED = "dQw4w9WgXcQ", "bloackedvid"
FILL = f"""
from videos.models import *
from videos.youtube.entries import get_or_create_video
for key in ("{READY}", "{BLOCKED}"):
    video = get_or_create_video(key)
    video.jobs.update(status="completed")
    Video.objects.filter(pk=video.pk).update(
        status="ready", title="Never <b>gonna</b>", duration=213, summary="Someone promises many things.",
        metadata={{"uploader": "Rick <i>A</i>", "view_count": 1234567, "description": "One<script>x</script>"}},
    )
    transcript = Transcript.objects.create(video=video, source="captions", language="en")
    for number in range(40):
        times = {{"start": 5 * number, "end": 5 * number + 5}}
        Cue.objects.create(transcript=transcript, text=f"Promise number {{number}}.", **times)
    Video.objects.filter(pk=video.pk).update(has_transcript=True)
    Chapter.objects.create(video=video, start=0, title="Intro")
    Chapter.objects.create(video=video, start=100, title="Chorus")
"""


@pytest.fixture(scope="module")
def youtube_site(live_site: Site) -> Site:
    """Store two YouTube videos with captions, as the jobs would."""
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", FILL]
    subprocess.run(command, cwd=ROOT, env=live_site.environment, check=True)
    return live_site


@pytest.fixture
def open_video(new_page, youtube_site: Site):
    """Return a function that opens the page of a video in a browser for which YouTube is imitated."""

    def open_page(video_id: str = READY, page: Page | None = None, query: str = "") -> Page:
        page = page or new_page()
        page.context.route(
            "https://www.youtube.com/iframe_api",
            lambda route: route.fulfill(content_type="text/javascript", body=PLAYER),
        )
        page.context.route(
            "https://www.youtube-nocookie.com/**",
            lambda route: route.fulfill(content_type="text/html", body="<title>YouTube</title>"),
        )
        page.goto(f"/videos/{video_id}/{query}")
        return page

    return open_page


def test_a_guest_reads_and_plays_a_youtube_video_and_is_asked_to_sign_in(open_video) -> None:
    page = open_video()

    expect(page.locator("#player[data-ready]")).to_be_attached()
    expect(page.locator("#duration")).to_have_text("3:33.00")
    expect(page.get_by_role("link", name="Sign in to take notes")).to_be_visible()
    page.get_by_role("tab", name="Transcript").click()
    page.locator(".cues a span", has_text="Promise number 3.").click()
    expect(page.locator("#clock")).to_have_text("0:15.00")
    expect(page.locator(".cues li[aria-current]")).to_contain_text("Promise number 3.")
    page.locator("#video-timeline .chapters a", has_text="Chorus").click()
    expect(page.locator("#clock")).to_have_text("1:40.00")
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_function("() => window.fakePlayer.getCurrentTime() > 0.3")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.get_by_role("tab", name="Details").click()
    expect(page.get_by_text("Rick <i>A</i>")).to_be_visible()
    expect(page.get_by_text("cannot be compared")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in").last).to_be_visible()
    assert [cookie["name"] for cookie in page.context.cookies() if cookie["name"] == "guest"] == ["guest"]
    assert find_serious_violations(page) == []


def test_the_player_uses_the_host_without_cookies_and_begins_at_the_time_of_the_link(open_video) -> None:
    page = open_video(query="?t=61.5")

    expect(page.locator("#clock")).to_have_text("1:01.50")
    expect(page.locator("iframe")).to_have_attribute("src", f"https://www.youtube-nocookie.com/embed/{READY}")
    assert page.evaluate("window.fakePlayer.state") == 5  # it waits for the visitor to play


def test_a_video_that_other_sites_may_not_play_says_so(open_video) -> None:
    page = open_video(BLOCKED)

    expect(page.get_by_text("does not allow other sites to play it")).to_be_visible()
    expect(page.get_by_role("link", name="Open on YouTube")).to_be_visible()


def test_a_user_adds_a_video_by_its_link_and_removes_it(open_video, signed_out_user: Page) -> None:
    page = signed_out_user
    open_video(page=page)  # answers for YouTube
    page.goto("/library/")
    page.get_by_title("Add a YouTube video").click()
    page.get_by_label("Paste a YouTube link").fill("https://www.youtube.com/playlist?list=abc")
    page.get_by_role("button", name="Add video").click()
    expect(page.get_by_text("names a playlist")).to_be_visible()
    page.get_by_title("Add a YouTube video").click()
    page.get_by_label("Paste a YouTube link").fill(f"https://youtu.be/{READY}?t=30")
    page.get_by_role("button", name="Add video").click()
    expect(page.locator("h1")).to_have_text("Never <b>gonna</b>")
    page.goto("/library/")
    expect(page.locator(".card.ready h3")).to_have_text("Never <b>gonna</b>")
    expect(page.locator(".compare-choice")).to_have_count(0)
    page.locator(".card h3 a").click()
    page.get_by_role("tab", name="Details").click()
    page.get_by_text("Remove from library").click()
    page.get_by_role("button", name="Remove “Never").click()
    expect(page.locator(".card.ready")).to_have_count(0)


@pytest.fixture
def signed_out_user(new_page, youtube_site: Site) -> Page:
    page = new_page()
    sign_up(page, "Yara", "yara@example.org")
    return page


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_fits_the_window(open_video, width: int) -> None:
    page = open_video()
    page.set_viewport_size({"width": width, "height": 900})

    expect(page.locator("#player[data-ready]")).to_be_attached()
    assert measure_overflow(page) == 0
