"""Through Google and back, on a site that is told to take a double for Google."""

import pytest
from playwright.sync_api import expect

from tests.google import Google
from tests.site import Site


@pytest.fixture(scope="module")
def at_google():
    double = Google()
    yield double
    double.close()


@pytest.fixture(scope="module")
def site(at_google, tmp_path_factory):
    live = Site(tmp_path_factory.mktemp("google") / "var", **at_google.environment()).start()
    yield live.address
    live.end()


def test_a_visitor_comes_in_by_google_and_an_address_that_is_taken_stays_closed(new_page, at_google):
    page = new_page()
    page.goto("/account/login/?next=/account/signing-in/")
    page.get_by_role("button", name="Log in with Google").click()
    page.get_by_role("link", name="Continue as Ada Lovelace").click()

    expect(page).to_have_url("/account/signing-in/")
    expect(page.get_by_text("Connected as ada@example.org")).to_be_visible()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Set a password first")).to_be_visible()  # it is the only way in

    bob = new_page()
    bob.goto("/account/signup/")
    bob.get_by_label("Name").fill("Bob")
    bob.get_by_label("Email").fill("bob@example.org")
    bob.get_by_label("Password", exact=True).fill("correct horse battery")
    bob.get_by_role("button", name="Sign up", exact=True).click()
    expect(bob).to_have_url("/library/")

    at_google.who = {"sub": "7", "email": "bob@example.org", "email_verified": True, "name": "Not Bob"}
    other = new_page()
    other.goto("/account/login/")
    other.get_by_role("button", name="Log in with Google").click()
    other.get_by_role("link", name="Continue as Not Bob").click()
    expect(other).to_have_url("/account/login/")
    expect(other.get_by_text("An account with this address exists already")).to_be_visible()

    bob.goto("/account/signing-in/")  # whoever is in may connect it themselves
    bob.get_by_role("button", name="Connect").click()
    bob.get_by_role("link", name="Continue as Not Bob").click()
    expect(bob.get_by_text("Google is connected")).to_be_visible()
