"""A live site and a real Chromium. A page that breaks the Content-Security-Policy, or logs an error, fails its test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import footage
from tests.site import Site

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")  # else the one that Playwright installed
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


@pytest.fixture(scope="session")
def live_site(tmp_path_factory) -> Iterator[Site]:
    """A site that runs as its operator would run it, demonstration included."""
    live = Site(tmp_path_factory.mktemp("site") / "var", DEMO="1").start()
    yield live
    live.end()


@pytest.fixture(scope="session")
def site(live_site: Site) -> str:
    """The address of the live site."""
    return live_site.address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own; whatever their consoles complain of fails the test at its end."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(**options) -> Page:
        context = browser.new_context(**{"base_url": site, "viewport": WIDE, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    unexpected = [text for text in complaints if "status of 4" not in text]  # a refusal is an answer, not a fault
    assert not unexpected


@pytest.fixture
def page(new_page) -> Page:
    """A visitor's page."""
    return new_page()


def sign_up(page: Page, name: str, email: str) -> None:
    page.goto("/account/signup/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign up", exact=True).click()
    page.wait_for_url("**/library/")


@pytest.fixture(scope="session")
def alices_cookies(browser: Browser, site: str) -> list:
    """Alice's session, begun by signing up as anybody would."""
    context = browser.new_context(base_url=site)
    sign_up(context.new_page(), "Alice", "alice@example.org")
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def signed_in(new_page, alices_cookies) -> Page:
    """A page signed in as Alice."""
    page = new_page()
    page.context.add_cookies(alices_cookies)
    return page


@pytest.fixture(scope="session")
def two_versions(tmp_path_factory) -> tuple[Path, Path]:
    """Two cuts of real footage that Chromium can play: an insertion, a deletion, a move and a logo apart."""
    return footage.two_versions(tmp_path_factory.mktemp("versions"))
