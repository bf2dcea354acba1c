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


def test_who_registers_can_log_in_and_is_known_by_the_token(client):
    joined = post(client, "register", NEW)
    token = post(client, "login", {"email": "CAROL@example.org", "password": NEW["password"]}).json()["token"]
    status = client.get("/v2/auth/status", headers={"Authorization": f"Bearer {token}"}).json()

    assert joined.status_code == 201 and set(joined.json()) == {"message"}
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


def test_a_session_says_when_it_really_ends(alices, settings):
    alices.get("/library/")
    session = alices.session
    session["renew_at"] = time.time() + 60
    session.save()

    told = alices.get("/v2/auth/status").json()["expires_at"]

    left = datetime.fromisoformat(told).timestamp() - time.time()
    assert left == pytest.approx(60 + settings.SESSION_REFRESH_THRESHOLD, abs=5)


def test_an_address_has_one_account_however_it_is_written(client, alice):
    answer = post(client, "register", {**NEW, "email": "Alice@Example.org"})

    assert answer.status_code == 409
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "wrong"),
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
def test_what_is_wrong_is_named_and_opens_no_account(client, said, wrong):
    answer = post(client, "register", {**NEW, **said})

    assert (answer.status_code, details(answer)) == (422, wrong)
    assert not User.objects.exists()


@pytest.mark.parametrize("body", ["[]", '"x"', "7", "null", '{"email":' * 2000, "[" * 200_000, '{"email": "\\ud800"}'])
def test_json_of_no_use_is_refused_calmly(client, body):
    answer = client.post("/v2/auth/login", body, "application/json")

    assert answer.status_code in {400, 422}
    assert set(answer.json()["error"]) == {"code", "message", "details"}


def test_a_wrong_password_an_unknown_address_and_a_disabled_account_sound_alike(client, alice, bob):
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
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", lambda *said: hashed.append(1) or encode(*said))
    counts = []
    for email in ("alice@example.org", "nobody@example.org"):
        hashed.clear()
        post(client, "login", {"email": email, "password": "wrong"})
        counts.append(len(hashed))

    assert counts[0] == counts[1] > 0


def test_who_keeps_guessing_is_told_when_to_come_again(client, alice):
    answers = [post(client, "login", {**ALICE, "password": "wrong"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    error = answers[-1].json()["error"]
    assert (error["code"], error["details"]) == ("RATE_LIMIT_EXCEEDED", {"reset_in_seconds": 300})
    assert answers[-1]["Retry-After"] == "300"


def test_an_address_that_is_to_be_confirmed_first_gets_no_token(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    known = {"email": NEW["email"], "password": NEW["password"]}
    post(client, "register", NEW)

    refused = post(client, "login", known)
    [letter] = mail.outbox
    client.post(re.search(r"https?://testserver(\S+)", letter.body)[1])
    let_in = post(client, "login", known)

    assert refused.status_code == 403
    assert "Confirm" in refused.json()["error"]["message"]
    assert let_in.status_code == 200


def test_without_a_mail_server_nobody_joins_who_is_to_confirm_an_address(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", free_port()

    answer = post(client, "register", NEW)

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert not User.objects.exists()


@pytest.mark.parametrize("sent", ["Bearer a.b.c", "Bearer x", "Basic eDp5", ""])
def test_who_is_not_known_is_told_just_that(client, sent):
    answer = client.get("/v2/auth/status", headers={"Authorization": sent})

    assert (answer.status_code, answer.json()) == (200, {"authenticated": False})


def test_a_second_step_is_asked_for_here_too(client, alice):
    secret = generate_totp_secret()
    TOTP.activate(alice, secret)
    recovery = RecoveryCodes.activate(alice).get_unused_codes()[0]
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))

    refused = [post(client, "login", {**ALICE, **said}) for said in ({}, {"code": "000000x"})]
    taken = [post(client, "login", {**ALICE, "code": given}) for given in (code, recovery)]
    again = post(client, "login", {**ALICE, "code": recovery})

    assert [answer.status_code for answer in (*refused, *taken, again)] == [401, 401, 200, 200, 401]
    assert "code" in refused[0].json()["error"]["message"]
    assert Authenticator.objects.filter(user=alice, last_used_at__isnull=False).count() == 2


@pytest.mark.parametrize("configured", [True, False])
def test_what_is_no_id_token_of_google_opens_nothing(client, settings, configured):
    settings.GOOGLE_CLIENT_ID = "sage" if configured else ""

    answers = [post(client, "google", {"credential": one}) for one in ("x", "a.b.c")]

    assert [answer.status_code for answer in answers] == [401] * 2
    assert not User.objects.exists()
