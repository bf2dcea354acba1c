import re
import time
from datetime import datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.core import mail

from accounts.models import User
from tests.site import free_port

pytestmark = pytest.mark.django_db
ALICE = {"email": "alice@example.org", "password": "correct horse battery"}
NEW = {"email": "carol@example.org", "password": "a long good phrase", "name": "Carol"}


def post(client, path, body):
    return client.post(f"/v2/auth/{path}", body, "application/json")


def details(answer):
    return {(one["field"], one["type"]) for one in answer.json()["error"]["details"]}


def test_a_registered_user_logs_in_and_is_authenticated_by_the_jwt(client):
    registered = post(client, "register", NEW)
    token = post(client, "login", {"email": "CAROL@example.org", "password": NEW["password"]}).json()["token"]
    status = client.get("/v2/auth/status", headers={"Authorization": f"Bearer {token}"}).json()

    assert registered.status_code == 201 and set(registered.json()) == {"message"}
    assert "sessionid" not in client.cookies
    carol = User.objects.get()
    assert status["authenticated"] and "T" in status["expires_at"]
    assert status["user"] == {
        "id": str(carol.pk),
        "email": "carol@example.org",
        "name": "Carol",
        "profile_image_url": None,
    }
    assert carol.last_login


def test_the_status_of_a_session_has_its_real_expiry(alice_client, settings):
    alice_client.get("/library/")
    session = alice_client.session
    session["renew_at"] = time.time() + 600
    session.save()

    expires_at = alice_client.get("/v2/auth/status").json()["expires_at"]

    left = datetime.fromisoformat(expires_at).timestamp() - time.time()
    assert left == pytest.approx(600 + settings.SESSION_REFRESH_THRESHOLD, abs=60)


def test_an_email_address_has_one_account_in_any_case(client, alice):
    answer = post(client, "register", {**NEW, "email": "Alice@Example.org"})

    assert answer.status_code == 409
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("overrides", "errors"),
    [
        ({"password": "short"}, {("password", "too_short")}),
        ({"password": "12345678904"}, {("password", "password_entirely_numeric")}),
        ({"password": "carol@example"}, {("password", "password_too_similar")}),
        ({"password": 12345678}, {("password", "invalid")}),
        ({"name": "C"}, {("name", "too_short")}),
        ({"name": "C" * 101}, {("name", "too_long")}),
        ({"name": "Ca\nrol"}, {("name", "invalid")}),
        ({"name": "Ca\x00rol"}, {("name", "invalid"), ("name", "null_characters_not_allowed")}),
        ({"email": "no address"}, {("email", "invalid")}),
        ({"email": "cаrol@example.org"}, {("email", "invalid")}),  # a Cyrillic а
        ({"email": None}, {("email", "missing")}),
        ({"email": ["carol@example.org"]}, {("email", "invalid")}),
        ({"email": "system@sage.invalid"}, {("email", "invalid")}),
        ({"is_staff": True, "role": "admin"}, {("is_staff", "unknown"), ("role", "unknown")}),
    ],
)
def test_an_invalid_registration_names_the_fields_and_creates_no_account(client, overrides, errors):
    answer = post(client, "register", {**NEW, **overrides})

    assert (answer.status_code, details(answer)) == (422, errors)
    assert not User.objects.exists()


@pytest.mark.parametrize("body", ["[]", '"x"', "7", "null", '{"email":' * 2000, "[" * 200_000, '{"email": "\\ud800"}'])
def test_malformed_json_is_refused(client, body):
    answer = client.post("/v2/auth/login", body, "application/json")

    assert answer.status_code in {400, 422}
    assert set(answer.json()["error"]) == {"code", "message", "details"}


def test_a_wrong_password_an_unknown_address_and_a_disabled_account_get_the_same_error(client, alice, bob):
    User.objects.filter(pk=bob.pk).update(is_active=False)

    answers = [
        post(client, "login", {**ALICE, "password": "wrong"}),
        post(client, "login", {**ALICE, "email": "nobody@example.org"}),
        post(client, "login", {**ALICE, "email": "bob@example.org"}),
        post(client, "login", {**ALICE, "email": "system@sage.invalid"}),
    ]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert len({answer.content for answer in answers}) == 1


def test_an_unknown_address_costs_as_much_hashing_as_a_known_one(client, alice, monkeypatch):
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    hashed, encode = [], PBKDF2PasswordHasher.encode
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", lambda *args: hashed.append(1) or encode(*args))
    counts = []
    for email in ("alice@example.org", "nobody@example.org"):
        hashed.clear()
        post(client, "login", {"email": email, "password": "wrong"})
        counts.append(len(hashed))

    assert counts[0] == counts[1] > 0


def test_repeated_wrong_passwords_are_rate_limited(client, alice):
    answers = [post(client, "login", {**ALICE, "password": "wrong"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    error = answers[-1].json()["error"]
    assert (error["code"], error["details"]) == ("RATE_LIMIT_EXCEEDED", {"reset_in_seconds": 300})
    assert answers[-1]["Retry-After"] == "300"


def test_an_unverified_address_gets_no_jwt(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    known = {"email": NEW["email"], "password": NEW["password"]}
    post(client, "register", NEW)

    refused = post(client, "login", known)
    [message] = mail.outbox
    client.post(re.search(r"https?://testserver(\S+)", message.body)[1])
    accepted = post(client, "login", known)

    assert refused.status_code == 403
    assert "Confirm" in refused.json()["error"]["message"]
    assert accepted.status_code == 200


def test_without_a_mail_server_registration_fails_if_verification_is_mandatory(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", free_port()

    answer = post(client, "register", NEW)

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert not User.objects.exists()


@pytest.mark.parametrize("sent", ["Bearer a.b.c", "Bearer x", "Basic eDp5", ""])
def test_invalid_credentials_are_reported_as_not_authenticated(client, sent):
    answer = client.get("/v2/auth/status", headers={"Authorization": sent})

    assert (answer.status_code, answer.json()) == (200, {"authenticated": False})


def test_two_step_verification_is_required(client, alice):
    secret = generate_totp_secret()
    TOTP.activate(alice, secret)
    recovery = RecoveryCodes.activate(alice).get_unused_codes()[0]
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))

    refused = [post(client, "login", {**ALICE, **code}) for code in ({}, {"code": "000000x"})]
    taken = [post(client, "login", {**ALICE, "code": given}) for given in (code, recovery)]
    again = post(client, "login", {**ALICE, "code": recovery})

    assert [answer.status_code for answer in (*refused, *taken, again)] == [401, 401, 200, 200, 401]
    assert "code" in refused[0].json()["error"]["message"]
    assert Authenticator.objects.filter(user=alice, last_used_at__isnull=False).count() == 2


@pytest.mark.parametrize("configured", [True, False])
def test_an_invalid_google_id_token_is_refused(client, settings, configured):
    settings.GOOGLE_CLIENT_ID = "sage" if configured else ""

    answers = [post(client, "google", {"credential": one}) for one in ("x", "a.b.c")]

    assert [answer.status_code for answer in answers] == [401] * 2
    assert not User.objects.exists()
