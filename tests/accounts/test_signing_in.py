import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from accounts.models import User
from tests.site import free_port

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def join(client, **fields):
    form = {"name": "Alice", "email": "alice@example.org", "password1": PASSWORD}
    return client.post("/account/signup/", {**form, **fields})


def is_signed_in(client):
    return client.get("/library/").status_code == 200


def test_signing_up_logs_in_at_once(client):
    answer = join(client)

    assert answer.url == "/library/"
    assert is_signed_in(client)
    assert User.objects.get().name == "Alice"


def test_an_address_is_kept_in_lower_case(client):
    join(client, email="Alice@Example.ORG")

    assert User.objects.get().email == "alice@example.org"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"email": "ALICE@example.org"}, "exists already"),
        ({"email": "no address"}, "valid email"),
        ({"email": "system@sage.invalid"}, "cannot be used"),
        ({"email": "b@example.org", "password1": "short"}, "too short"),
        ({"email": "b@example.org", "password1": "password"}, "too common"),
        ({"email": "b@example.org", "name": "B"}, "at least 2"),
        ({"email": "b@example.org", "name": ""}, "required"),
    ],
)
def test_what_is_wrong_with_a_sign_up_is_said(client, alice, fields, says):
    answer = join(client, **fields)

    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert User.objects.count() == 1


def test_logging_in_works_whatever_the_case_of_the_address(client, alice):
    answer = client.post("/account/login/", {"login": "ALICE@example.org", "password": PASSWORD})

    assert answer.url == "/library/"


@pytest.mark.parametrize("login", ["alice@example.org", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_words(client, alice, login):
    answer = client.post("/account/login/", {"login": login, "password": "wrong"})

    assert "The address or the password is not right" in answer.content.decode()


def test_guessing_passwords_is_slowed_down(client, alice):
    for _ in range(6):
        answer = client.post("/account/login/", {"login": "alice@example.org", "password": "wrong"})

    assert "Too many tries" in answer.content.decode()
    client.post("/account/login/", {"login": "alice@example.org", "password": PASSWORD})
    assert not is_signed_in(client)


def test_signing_up_over_and_over_is_slowed_down(client):
    for number in range(21):
        answer = join(client, email=f"a{number}@example.org", password1="x")

    assert answer.status_code == 429
    assert "Too many" in answer.content.decode() or "too many" in answer.content.decode()


def test_logging_out_takes_a_form(alices):
    assert is_signed_in(alices)

    assert alices.post("/account/logout/").url == "/"

    assert not is_signed_in(alices)


def test_a_password_is_changed(alices, alice):
    new = "another good phrase"
    answer = alices.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert answer.status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(new)


def test_a_forgotten_password_is_reset_by_mail(client, alice):
    client.post("/account/password/reset/", {"email": "alice@example.org"})
    [letter] = mail.outbox
    link = re.search(r"https?://testserver(\S+)", letter.body)[1]
    form = client.get(link, follow=True)

    new = "another good phrase"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})

    alice.refresh_from_db()
    assert alice.check_password(new)


def test_asking_for_an_unknown_address_tells_nothing(client):
    answer = client.post("/account/password/reset/", {"email": "nobody@example.org"})

    assert answer.url == "/account/password/reset/done/"


def test_a_mail_server_that_does_not_answer_is_told(client, alice, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", free_port()

    answer = client.post("/account/password/reset/", {"email": "alice@example.org"})

    assert answer.status_code == 503
    assert "mail could not be sent" in answer.content.decode()


def test_where_addresses_are_confirmed_first_nobody_is_in_before_and_the_link_lets_in(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    told = client.get(join(client).url).content.decode()
    before = is_signed_in(client)
    [letter] = mail.outbox
    link = re.search(r"https?://testserver(\S+)", letter.body)[1]
    asked = client.get(link).content.decode()
    client.post(link)
    client.post("/account/login/", {"login": "alice@example.org", "password": PASSWORD})

    assert not before
    assert "alice@example.org" in asked
    assert "mail" in told
    assert is_signed_in(client)


def test_the_name_can_be_changed(alices, alice):
    alices.post("/account/", {"name": "Alice Liddell"})

    alice.refresh_from_db()
    assert alice.name == "Alice Liddell"


@pytest.mark.parametrize(
    "path",
    ["login/", "signup/", "password/reset/", "password/reset/done/", "inactive/", "confirm-email/"],
)
def test_a_visitor_can_open_every_page_of_the_account(client, path):
    assert client.get(f"/account/{path}").status_code == 200


@pytest.mark.parametrize("path", ["", "logout/", "password/change/", "email/", "reauthenticate/"])
def test_an_account_has_its_pages(alices, path):
    assert alices.get(f"/account/{path}").status_code in {200, 302}


def test_a_disabled_account_is_out(alices, alice):
    User.objects.update(is_active=False)

    assert not is_signed_in(alices)


def test_a_session_is_renewed_in_its_last_minutes_only(alices, settings):
    alices.get("/library/")
    first = alices.session["renew_at"]
    alices.get("/library/")
    assert alices.session["renew_at"] == first

    session = alices.session
    session["renew_at"] = 1.0
    session.save()
    answer = alices.get("/library/")

    assert alices.session["renew_at"] >= first
    assert answer.cookies["sessionid"]["max-age"] == settings.SESSION_COOKIE_AGE


def test_who_is_signed_in_stays_so_while_the_cache_is_away(alices, settings, monkeypatch):
    from accounts.sessions import SessionStore

    key = alices.session.session_key
    away = {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock"}
    settings.CACHES = {"default": away}

    session = SessionStore(key)

    assert session["_auth_user_id"]
    assert session.exists(key)
    assert not session.exists("nobodys")


def test_the_address_of_another_account_cannot_be_added(alices, alice, bob):
    said = alices.post("/account/email/", {"action_add": "", "email": bob.email}).content.decode()

    assert "exists already" in said
    assert not EmailAddress.objects.filter(user=alice, email=bob.email).exists()


def test_an_operator_may_write_an_address_as_they_like(client, db):
    User.objects.create_superuser("Root@Example.org", PASSWORD, name="Root")

    answer = client.post("/account/login/", {"login": "Root@Example.org", "password": PASSWORD})

    assert answer.url == "/library/"


def test_signing_out_while_redis_is_away_holds_when_it_is_back(alices, alice, monkeypatch):
    cookie = alices.cookies["sessionid"].value
    alices.get("/library/")
    with monkeypatch.context() as away:
        away.setattr(RedisCache, "delete", gone)
        alices.post("/account/logout/")

    alices.cookies["sessionid"] = cookie
    assert not is_signed_in(alices)


def gone(*_, **__):
    raise RedisError("away")
