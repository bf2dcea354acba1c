"""The browser extension in Chromium, with a page that imitates YouTube: connect, take notes, sign out, wait offline."""

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Worker, expect

from tests.browser.conftest import PASSWORD, QUIET, TIMEOUT_MS, WIDE, sign_up
from tests.browser.test_navigation import find_serious_violations, measure_overflow
from tests.footage import real
from tests.site import Site

# The headless shell runs no extensions. Without an installed Chromium, Playwright uses the one that it installed.
CHROMIUM = shutil.which("chromium")
VIDEO_ID = "jNQXAC9IVRw"
CLICKS = 3
TITLE = "Me at the <b>zoo</b>"
WATCH_PAGE = f"""<!doctype html>
<title>(3) {TITLE.replace("<", "&lt;")} - YouTube</title>
<div id="movie_player"><video></video></div>
<ytd-watch-metadata><h1></h1></ytd-watch-metadata>
<script>
  fetch("/film.mp4").then((answer) => answer.blob()).then((film) => {{
    const video = document.querySelector("video");
    video.addEventListener("loadedmetadata", () => {{ video.currentTime = 2.9; }});
    video.src = URL.createObjectURL(film);
  }});
  document.querySelector("h1").textContent = {TITLE!r};
  window.typed = "";
  document.addEventListener("keydown", (event) => {{ window.typed += event.key; }});
</script>"""


class Chrome:
    """A browser with the extension, signed in to the site."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page = context.pages[0]
        self.session = context.browser.new_browser_cdp_session()

    @property
    def worker(self) -> Worker:
        workers = self.context.service_workers
        return workers[0] if workers else self.context.wait_for_event("serviceworker")

    @property
    def extension_id(self) -> str:
        return self.worker.url.split("/")[2]

    def connect(self) -> None:
        """Connect the extension from the page of tokens, which asks for the password once in some minutes."""
        self.page.goto("/account/tokens/")
        self.page.get_by_role("button", name="Connect").click()
        connected = self.page.get_by_text("The extension in this browser is connected.")
        password = self.page.get_by_label("Password")
        expect(connected.or_(password)).to_be_visible()
        if password.is_visible():
            password.fill(PASSWORD)
            self.page.get_by_role("button", name="Confirm").click()
            self.page.get_by_role("button", name="Connect").click()
        expect(connected).to_be_visible()

    def open_youtube(self) -> Page:
        page = self.context.new_page()
        page.goto(f"https://www.youtube.com/watch?v={VIDEO_ID}&t=4s")
        page.wait_for_function("document.querySelector('video').currentTime === 2.9")
        page.bring_to_front()
        return page

    def click_action(self, page: Page) -> None:
        """Click the icon of the extension, which gives it access to the tab."""
        targets = self.session.send("Target.getTargets", {"filter": [{"type": "tab"}]})["targetInfos"]
        tab = next(target for target in targets if target["url"] == page.url)
        self.session.send("Extensions.triggerAction", {"id": self.extension_id, "targetId": tab["targetId"]})

    def open_form(self, page: Page) -> None:
        """Click the icon until the form is there, because Chromium sometimes loses the click of its debugger."""
        for _ in range(CLICKS):
            self.click_action(page)
            if has_name(page, "Note at 0:02", TIMEOUT_MS // CLICKS):
                return
        raise AssertionError(f"The form did not open: {list_names(page)}")

    def take_note(self, page: Page, text: str) -> None:
        self.open_form(page)
        page.keyboard.type(text)
        page.keyboard.press("Enter")

    def read_storage(self) -> dict:
        return self.worker.evaluate("chrome.storage.local.get()")


def list_names(page: Page) -> list[str]:
    """Return the accessible names on the page. They include those in the closed shadow root of the form."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [str(node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]


def has_name(page: Page, words: str, timeout_ms: int) -> bool:
    """Wait until an accessible name contains the words."""
    for _ in range(timeout_ms // 100):
        if any(words in name for name in list_names(page)):
            return True
        page.wait_for_timeout(100)
    return False


def wait_for_name(page: Page, words: str) -> None:
    assert has_name(page, words, TIMEOUT_MS), f"{words} is not in {list_names(page)}"


@pytest.fixture(scope="module")
def extension_folder(live_site: Site, tmp_path_factory, browser: Browser) -> Path:
    """Download the archive and unpack it, as the page says."""
    page = browser.new_page(base_url=live_site.address)
    page.goto("/extension/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    folder = tmp_path_factory.mktemp("extension")
    zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())).extractall(folder)
    page.close()
    return folder / "sage-extension"


@pytest.fixture
def open_chrome(
    browser: Browser, live_site: Site, extension_folder: Path, tmp_path
) -> Iterator[Callable[[str], Chrome]]:
    """Return a function that opens a browser with the extension, in which a new user is signed in."""
    contexts: list[BrowserContext] = []

    def open_browser(name: str) -> Chrome:
        context = browser.browser_type.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=CHROMIUM,
            channel=None if CHROMIUM else "chromium",
            headless=False,
            base_url=live_site.address,
            viewport=WIDE,
            args=[
                *QUIET,
                "--headless=new",
                f"--disable-extensions-except={extension_folder}",
                f"--load-extension={extension_folder}",
                "--enable-unsafe-extension-debugging",
            ],
        )
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        context.route(
            "https://www.youtube.com/watch*", lambda route: route.fulfill(content_type="text/html", body=WATCH_PAGE)
        )
        context.route("https://www.youtube.com/film.mp4", lambda route: route.fulfill(path=real("bigbuckbunny")))
        sign_up(context.pages[0], name, f"{name.lower()}@example.org")
        return Chrome(context)

    yield open_browser
    for context in contexts:
        context.close()


def test_a_note_taken_on_youtube_is_on_the_page_of_the_video(open_chrome) -> None:
    chrome = open_chrome("Edith")
    chrome.connect()
    assert chrome.extension_id == chrome.page.locator("#extension").get_attribute("data-extension")
    assert chrome.page.locator("#new-token").count() == 0  # it was handed over
    assert find_serious_violations(chrome.page) == []

    youtube = chrome.open_youtube()
    chrome.take_note(youtube, "The elephants")
    wait_for_name(youtube, "Saved.")
    assert youtube.evaluate("typed") == ""
    assert youtube.evaluate("document.getElementById('sage-note-form')?.shadowRoot ?? null") is None

    chrome.page.goto(f"/videos/{VIDEO_ID}/?panel=notes")
    note = chrome.page.locator(".note")
    expect(note).to_contain_text("The elephants")
    expect(note.locator(".note-time")).to_have_text("0:02")
    expect(chrome.page.locator("h1")).to_have_text(TITLE)
    assert chrome.read_storage()["notes"] == []


def test_a_revoked_token_signs_out_and_the_note_is_sent_after_the_next_connection(open_chrome) -> None:
    chrome = open_chrome("Rosa")
    chrome.connect()
    chrome.page.get_by_role("button", name="Revoke all").click()
    expect(chrome.page.get_by_text("All tokens revoked.")).to_be_visible()

    youtube = chrome.open_youtube()
    chrome.take_note(youtube, "Kept")
    wait_for_name(youtube, "The token was revoked. The note is kept.")
    stored = chrome.read_storage()
    assert (stored["account"], len(stored["notes"])) == (None, 1)

    chrome.connect()
    chrome.page.goto(f"/videos/{VIDEO_ID}/?panel=notes")
    expect(chrome.page.locator(".note")).to_contain_text("Kept")


def test_a_note_taken_offline_waits_and_is_sent_once(open_chrome) -> None:
    chrome = open_chrome("Olga")
    chrome.connect()
    youtube = chrome.open_youtube()
    chrome.open_form(youtube)
    chrome.context.set_offline(True)
    youtube.keyboard.type("Written on a train")
    youtube.keyboard.press("Enter")
    wait_for_name(youtube, "Sage cannot be reached. The note is kept")
    assert chrome.worker.evaluate("chrome.action.getBadgeText({})") == "1"

    chrome.context.set_offline(False)
    status = chrome.context.new_page()
    status.goto(f"chrome-extension://{chrome.extension_id}/status.html")
    expect(status.get_by_text("Connected to")).to_contain_text("Olga")
    if status.get_by_text("Written on a train").is_visible():
        status.get_by_role("button", name="Send now").click()
    expect(status.get_by_text("Written on a train")).to_be_hidden()
    chrome.page.goto(f"/videos/{VIDEO_ID}/?panel=notes")
    expect(chrome.page.locator(".note")).to_have_count(1)


def test_it_says_when_it_is_not_connected_or_not_on_youtube(open_chrome) -> None:
    chrome = open_chrome("Uma")
    youtube = chrome.open_youtube()

    with chrome.context.expect_page() as opened:
        chrome.click_action(youtube)
    expect(opened.value.get_by_text("Not connected.")).to_be_visible()
    assert find_serious_violations(opened.value) == []


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_of_the_extension_fits_the_window(new_page, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 844})
    page.goto("/extension/")

    assert measure_overflow(page) <= 0
    assert find_serious_violations(page) == []
