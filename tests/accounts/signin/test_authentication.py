import re

import pytest
from allauth.account.models import EmailAddress
from celery import current_app
from django.core import mail
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.models import User
from sage.errors import ServiceUnavailable
from tests.site import free_port

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def sign_up(client, **fields):
    form = {"name": "Alice", "email": "alice@example.org", "password1": PASSWORD}
    return client.post("/account/signup/", {**form, **fields})


def is_signed_in(client):
    return client.get("/library/").status_code == 200


def test_signing_up_logs_the_user_in(client):
    answer = sign_up(client)

    assert answer.url == "/library/"
    assert is_signed_in(client)
    assert User.objects.get().name == "Alice"


def test_an_email_address_is_stored_in_lower_case(client):
    sign_up(client, email="Alice@Example.ORG")

    assert User.objects.get().email == "alice@example.org"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"email": "ALICE@example.org"}, "already exists"),
        ({"email": "no address"}, "valid email"),
        ({"email": "system@sage.invalid"}, "cannot be used"),
        ({"email": "b@example.org", "password1": "short"}, "too short"),
        ({"email": "b@example.org", "password1": "password"}, "too common"),
        ({"email": "b@example.org", "name": "B"}, "at least 2"),
        ({"email": "b@example.org", "name": ""}, "required"),
    ],
)
def test_an_invalid_sign_up_shows_an_error(client, alice, fields, error):
    answer = sign_up(client, **fields)

    assert answer.status_code == 200
    assert error in answer.content.decode()
    assert User.objects.count() == 1


def test_logging_in_ignores_the_case_of_the_email_address(client, alice):
    answer = client.post("/account/login/", {"login": "ALICE@example.org", "password": PASSWORD})

    assert answer.url == "/library/"


@pytest.mark.parametrize("login", ["alice@example.org", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_error(client, alice, login):
    answer = client.post("/account/login/", {"login": login, "password": "wrong"})

    assert "The email address or password is incorrect" in answer.content.decode()


def test_failed_logins_are_rate_limited(client, alice):
    for _ in range(6):
        answer = client.post("/account/login/", {"login": "alice@example.org", "password": "wrong"})

    assert "Too many failed" in answer.content.decode()
    client.post("/account/login/", {"login": "alice@example.org", "password": PASSWORD})
    assert not is_signed_in(client)


def test_sign_ups_are_rate_limited(client):
    for number in range(21):
        answer = sign_up(client, email=f"a{number}@example.org", password1="x")

    assert answer.status_code == 429
    assert "Too many" in answer.content.decode() or "too many" in answer.content.decode()


def test_logging_out_requires_a_post_request(alice_client):
    assert is_signed_in(alice_client)

    assert alice_client.post("/account/logout/").url == "/"

    assert not is_signed_in(alice_client)


def test_a_password_can_be_changed(alice_client, alice):
    new = "another good phrase"
    answer = alice_client.post(
        "/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )

    assert answer.status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(new)


def test_a_forgotten_password_is_reset_by_mail(client, alice, queued_tasks):
    client.post("/account/password/reset/", {"email": "alice@example.org"})
    queued_tasks.run()
    [message] = mail.outbox
    link = re.search(r"https?://testserver(\S+)", message.body)[1]
    form = client.get(link, follow=True)

    new = "another good phrase"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})

    alice.refresh_from_db()
    assert alice.check_password(new)


@pytest.mark.parametrize("address", ["alice@example.org", "nobody@example.org"])
def test_a_password_reset_does_equal_work_for_known_and_unknown_addresses(client, alice, queued_tasks, address):
    with CaptureQueriesContext(connection) as queries:
        answer = client.post("/account/password/reset/", {"email": address})

    assert answer.url == "/account/password/reset/done/"
    assert (len(queued_tasks.messages), mail.outbox) == (1, [])
    assert not [query for query in queries if "accounts_user" in query["sql"] or "emailaddress" in query["sql"]]


def test_an_unknown_address_is_told_that_it_has_no_account(client, queued_tasks):
    client.post("/account/password/reset/", {"email": "nobody@example.org"})
    queued_tasks.run()
    [message] = mail.outbox

    assert (message.to, "http://testserver/account/signup/" in message.body) == (["nobody@example.org"], True)


def test_a_refused_email_is_sent_again(client, alice, queued_tasks, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", free_port()
    client.post("/account/password/reset/", {"email": "alice@example.org"})

    with pytest.raises(ServiceUnavailable):  # of which the task declares that it is tried again
        queued_tasks.run()


def test_an_unavailable_broker_is_reported(client, alice, monkeypatch):
    def fail(*_, **__):
        raise OperationalError

    monkeypatch.setattr(current_app, "send_task", fail)

    answer = client.post("/account/password/reset/", {"email": "alice@example.org"})

    assert answer.status_code == 503
    assert "cannot be sent" in answer.content.decode()


def test_with_mandatory_verification_users_log_in_after_confirming_their_address(client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    sent_page = client.get(sign_up(client).url).content.decode()
    before = is_signed_in(client)
    [message] = mail.outbox
    link = re.search(r"https?://testserver(\S+)", message.body)[1]
    confirm_page = client.get(link).content.decode()
    client.post(link)
    client.post("/account/login/", {"login": "alice@example.org", "password": PASSWORD})

    assert not before
    assert "alice@example.org" in confirm_page
    assert "mail" in sent_page
    assert is_signed_in(client)


def test_the_name_can_be_changed(alice_client, alice):
    alice_client.post("/account/", {"name": "Alice Liddell"})

    alice.refresh_from_db()
    assert alice.name == "Alice Liddell"


@pytest.mark.parametrize(
    "path",
    ["login/", "signup/", "password/reset/", "password/reset/done/", "inactive/", "confirm-email/"],
)
def test_a_visitor_can_open_every_page_of_the_account(client, path):
    assert client.get(f"/account/{path}").status_code == 200


@pytest.mark.parametrize("path", ["", "logout/", "password/change/", "email/", "reauthenticate/"])
def test_a_user_can_open_the_account_pages(alice_client, path):
    assert alice_client.get(f"/account/{path}").status_code in {200, 302}


def test_a_disabled_account_is_signed_out(alice_client, alice):
    User.objects.update(is_active=False)

    assert not is_signed_in(alice_client)


def test_a_session_is_renewed_only_shortly_before_it_expires(alice_client, settings):
    alice_client.get("/library/")
    first = alice_client.session["renew_at"]
    alice_client.get("/library/")
    assert alice_client.session["renew_at"] == first

    session = alice_client.session
    session["renew_at"] = 1.0
    session.save()
    answer = alice_client.get("/library/")

    assert alice_client.session["renew_at"] >= first
    assert answer.cookies["sessionid"]["max-age"] == settings.SESSION_COOKIE_AGE


def test_sessions_work_while_the_cache_is_unavailable(alice_client, settings, monkeypatch):
    from accounts.sessions.store import SessionStore

    key = alice_client.session.session_key
    away = {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock"}
    settings.CACHES = {"default": away}

    session = SessionStore(key)

    assert session["_auth_user_id"]
    assert session.exists(key)
    assert not session.exists("nobodys")


def test_the_address_of_another_account_cannot_be_added(alice_client, alice, bob):
    page = alice_client.post("/account/email/", {"action_add": "", "email": bob.email}).content.decode()

    assert "already exists" in page
    assert not EmailAddress.objects.filter(user=alice, email=bob.email).exists()


def test_an_operator_created_with_capital_letters_can_log_in(client, db):
    User.objects.create_superuser("Root@Example.org", PASSWORD, name="Root")

    answer = client.post("/account/login/", {"login": "Root@Example.org", "password": PASSWORD})

    assert answer.url == "/library/"


def test_signing_out_while_redis_is_unavailable_is_permanent(alice_client, alice, monkeypatch):
    cookie = alice_client.cookies["sessionid"].value
    alice_client.get("/library/")
    with monkeypatch.context() as away:
        away.setattr(RedisCache, "delete", raise_redis_error)
        alice_client.post("/account/logout/")

    alice_client.cookies["sessionid"] = cookie
    assert not is_signed_in(alice_client)


def raise_redis_error(*_, **__):
    raise RedisError("away")
