"""A running site and a real Chromium. A page that violates its security policy or logs an error fails its test."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.servers import wait_until
from tests.site import Site

# The headless shell is Chromium without its own windows, and takes less time. Without any of these, Playwright uses the
# one that it installed.
CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
]
WIDE = {"width": 1440, "height": 900}
PASSWORD = "correct horse battery"
TIMEOUT_MS = 60_000  # for every expectation, so that a busy machine does not fail a test
expect.set_options(timeout=TIMEOUT_MS)
# 4xx responses, also to a WebSocket whose session ends while it connects, and requests of a page that is offline.
EXPECTED_ERRORS = "status of 4|WebSocket .* response code: 403|ERR_INTERNET_DISCONNECTED"


@pytest.fixture(scope="session")
def live_site(tmp_path_factory) -> Iterator[Site]:
    """Start a site with the demonstration, as an operator would."""
    live = Site(tmp_path_factory.mktemp("site") / "var", DEMO="1").start()
    yield live
    live.stop()


@pytest.fixture(scope="session")
def site(live_site: Site) -> str:
    """Return the address of the site."""
    return live_site.address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page in its own context. Errors in the console fail the test at its end."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(**options) -> Page:
        context = browser.new_context(**{"base_url": site, "viewport": WIDE, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    unexpected = [text for text in errors if not re.search(EXPECTED_ERRORS, text)]
    assert not unexpected


@pytest.fixture
def page(new_page) -> Page:
    """Open a page of an anonymous visitor."""
    return new_page()


def sign_up(page: Page, name: str, email: str) -> None:
    """Create an account. The tests of a worker share a site, so each file needs its own address."""
    page.goto("/account/signup/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign up", exact=True).click()
    page.wait_for_url(re.compile("/(library|confirm-email)/"))
    assert "/library/" in page.url, f"{email} already has an account."


def upload_and_open(page: Page, file: Path) -> str:
    """Upload a video to an empty library, open its page once it is ready, and return the path of that page.

    The link is not clicked, because an update of the library may replace the card at that moment.
    """
    page.set_input_files("#upload input[type=file]", file)
    card = page.locator(".card.ready")
    expect(card).to_have_count(1)
    path = card.locator("h3 a").get_attribute("href")
    page.goto(path)
    return path


def upload_transcript(page: Page, path: str, text: str, media_type: str) -> None:
    """Give the video whose page is open a transcript, and wait until it can be searched."""
    token = page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value")
    headers = {"Content-Type": media_type, "X-CSRFToken": token or "", "Referer": page.url}
    answer = page.context.request.put(f"/v2{path}transcript", data=text, headers=headers)
    assert answer.ok, answer.text()

    def is_indexed() -> bool:
        jobs = page.context.request.get(f"/v2{path.rstrip('/')}").json()["jobs"]
        return all(job["status"] == "completed" for job in jobs)

    wait_until(is_indexed, TIMEOUT_MS / 1000)


@pytest.fixture(scope="session")
def alice_cookies(browser: Browser, site: str) -> list:
    """Sign up as Alice and return her cookies."""
    context = browser.new_context(base_url=site)
    sign_up(context.new_page(), "Alice", "alice@example.org")
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def signed_in(new_page, alice_cookies) -> Page:
    """Open a page signed in as Alice."""
    page = new_page()
    page.context.add_cookies(alice_cookies)
    return page
