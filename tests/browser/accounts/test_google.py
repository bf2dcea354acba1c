"""Sign-in with Google, on a site that uses a double of Google."""

import pytest
from playwright.sync_api import expect

from tests.accounts.signin.google_server import GoogleDouble
from tests.site import Site


@pytest.fixture(scope="module")
def google_double():
    double = GoogleDouble()
    yield double
    double.close()


@pytest.fixture(scope="module")
def site(google_double, tmp_path_factory):
    live = Site(tmp_path_factory.mktemp("google") / "var", **google_double.environment()).start()
    yield live.address
    live.stop()


def test_google_signs_up_new_users_and_does_not_open_existing_accounts(new_page, google_double):
    page = new_page()
    page.goto("/account/login/?next=/account/signing-in/")
    page.get_by_role("button", name="Log in with Google").click()
    page.get_by_role("link", name="Continue as Ada Lovelace").click()

    expect(page).to_have_url("/account/signing-in/")
    expect(page.get_by_text("Connected as ada@example.org")).to_be_visible()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Set a password first")).to_be_visible()  # the account has no other login method

    bob = new_page()
    bob.goto("/account/signup/")
    bob.get_by_label("Name").fill("Bob")
    bob.get_by_label("Email").fill("bob@example.org")
    bob.get_by_label("Password", exact=True).fill("correct horse battery")
    bob.get_by_role("button", name="Sign up", exact=True).click()
    expect(bob).to_have_url("/library/")

    google_double.user = {"sub": "7", "email": "bob@example.org", "email_verified": True, "name": "Not Bob"}
    other = new_page()
    other.goto("/account/login/")
    other.get_by_role("button", name="Log in with Google").click()
    other.get_by_role("link", name="Continue as Not Bob").click()
    expect(other).to_have_url("/account/login/")
    expect(other.get_by_text("An account with this email address already exists")).to_be_visible()

    bob.goto("/account/signing-in/")  # a signed-in user can connect the account
    bob.get_by_role("button", name="Connect").click()
    bob.get_by_role("link", name="Continue as Not Bob").click()
    expect(bob.get_by_role("heading", name="Confirm your identity")).to_be_visible()
    bob.get_by_label("Password").fill("correct horse battery")
    bob.get_by_role("button", name="Confirm").click()
    expect(bob.get_by_text("Google account connected")).to_be_visible()
