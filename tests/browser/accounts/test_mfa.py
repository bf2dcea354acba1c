"""Two-step verification and passkeys with Chromium's virtual authenticator. Passkeys need a host name: localhost."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, sign_up

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(live_site) -> str:
    return live_site.address.replace("127.0.0.1", "localhost")


def confirm(page: Page) -> None:
    expect(page.get_by_role("heading", name="Confirm your identity")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def current_code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def log_out(page: Page) -> None:
    page.goto("/account/sessions/")
    page.get_by_label("Account of Maud").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Sign up").first).to_be_visible()


def test_codes_recovery_codes_and_a_passkey_sign_the_user_in(new_page):
    page = new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    sign_up(page, "Maud", "maud@example.org")

    page.goto("/account/signing-in/")
    page.get_by_role("link", name="Turn on").click()
    confirm(page)
    secret = page.locator("code.secret").inner_text()
    expect(page.locator(".qr svg path")).to_be_visible()
    page.get_by_label("Authenticator code").fill(current_code(secret))
    page.get_by_role("button", name="Turn on").click()
    recovery = re.findall(r"\d{8}", page.locator(".codes").inner_text())
    assert len(recovery) == 10

    page.goto("/account/second-step/webauthn/add/")
    expect(page.get_by_label("Passkey name")).to_have_value("Chrome on Linux")
    page.get_by_label("Passkey name").fill("Laptop")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_text("Passkey added")).to_be_visible()
    expect(page.get_by_text("1 passkey")).to_be_visible()

    log_out(page)
    page.go_back()
    expect(
        page.get_by_role("heading", name="Log in", exact=True)
    ).to_be_visible()  # the back button shows nothing of the account
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_label("Account of Maud")).to_be_visible()

    log_out(page)
    page.goto("/account/login/")
    page.get_by_label("Email").fill("maud@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Two-step verification")).to_be_visible()
    page.goto("/library/")
    expect(
        page.get_by_role("heading", name="Two-step verification")
    ).to_be_visible()  # the password alone does not sign in
    page.get_by_label("Code").fill(recovery[0])
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/library/")

    other = page.context.new_page()  # a second page in the same session
    other.goto("/account/sessions/")
    expect(other.get_by_text("Current session", exact=True)).to_be_visible()
    page.goto("/library/")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    other.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()  # without a manual reload
