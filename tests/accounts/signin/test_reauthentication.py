"""Changes with which an account could be taken over ask for the password and are told by email."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import mail

from accounts.models import LongTermToken, ProviderKey, User
from accounts.signin import google
from accounts.signin.google import GoogleIdentity

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
EMAIL_PAGE = "/account/email/"


@pytest.fixture
def signed_in(client, alice):
    """Return a client with a session of Alice, who logged in earlier."""
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    EmailAddress.objects.create(user=alice, email="second@example.org", verified=True)
    SocialAccount.objects.create(user=alice, provider="google", uid="7")
    client.post("/account/login/", {"login": alice.email, "password": PASSWORD})
    return client


def confirm(client, page):
    return client.post("/account/reauthenticate/", {"password": PASSWORD, "next": page})


@pytest.mark.parametrize(
    ("page", "form"),
    [
        (EMAIL_PAGE, {"action_add": "", "email": "eve@example.org"}),
        (EMAIL_PAGE, {"action_primary": "", "email": "second@example.org"}),
        (EMAIL_PAGE, {"action_remove": "", "email": "second@example.org"}),
        ("/account/google/", {"account": "{google}"}),
        ("/account/tokens/", {"name": "Laptop"}),
        ("/account/keys/openai/", {"openai-key": "sk-0123456789abcdef"}),
        ("/account/second-step/totp/activate/", {"code": "123456"}),
        ("/account/second-step/webauthn/add/", {"credential": "{}"}),
        ("/account/delete/", {}),
    ],
)
def test_a_session_alone_changes_no_sign_in_method(signed_in, alice, page, form):
    connected = str(SocialAccount.objects.get().pk)

    answer = signed_in.post(page, {name: value.replace("{google}", connected) for name, value in form.items()})

    assert answer.status_code == 302 and answer.url.startswith("/account/reauthenticate/?next=%2Faccount%2F")
    assert set(EmailAddress.objects.values_list("email", "primary")) == {
        ("alice@example.org", True),
        ("second@example.org", False),
    }
    assert SocialAccount.objects.count() == 1
    others = (LongTermToken, ProviderKey, Authenticator, User.objects.filter(deleted_at__isnull=False))
    assert not any(getattr(rows, "objects", rows).exists() for rows in others)


def test_a_secret_that_must_be_confirmed_is_not_stored_in_the_session(signed_in):
    signed_in.post("/account/keys/openai/", {"openai-key": "sk-0123456789abcdef"})

    assert "sk-0123456789abcdef" not in str(dict(signed_in.session))


@pytest.mark.parametrize(
    ("form", "recipient", "text"),
    [
        ({"action_add": "", "email": "eve@example.org"}, "alice@example.org", "eve@example.org has been added"),
        ({"action_primary": "", "email": "second@example.org"}, "alice@example.org", "to second@example.org"),
        ({"action_remove": "", "email": "second@example.org"}, "second@example.org", "removed"),
    ],
)
def test_the_previous_address_is_told_of_a_confirmed_change(
    signed_in, queued_tasks, django_capture_on_commit_callbacks, form, recipient, text
):
    signed_in.post(EMAIL_PAGE, form)
    with django_capture_on_commit_callbacks(execute=True):
        confirm(signed_in, EMAIL_PAGE)
    queued_tasks.run()

    [body] = [message.body for message in mail.outbox if message.to == [recipient] and text in message.body]
    assert "127.0.0.1" in body


@pytest.mark.parametrize(
    ("page", "form", "text"),
    [
        ("/account/tokens/", {"name": "Laptop"}, "access token “Laptop”"),
        ("/account/delete/", {}, "deletion of your account"),
        (
            "/account/password/change/",
            {"oldpassword": PASSWORD, "password1": "another good phrase", "password2": "another good phrase"},
            "password has been changed",
        ),
    ],
)
def test_the_user_is_told_of_other_changes(
    signed_in, queued_tasks, django_capture_on_commit_callbacks, page, form, text
):
    confirm(signed_in, page)

    with django_capture_on_commit_callbacks(execute=True):
        signed_in.post(page, form)
    queued_tasks.run()

    assert [message.to for message in mail.outbox if text in message.body] == [["alice@example.org"]]


def test_a_change_is_kept_if_its_email_cannot_be_queued(signed_in, monkeypatch, django_capture_on_commit_callbacks):
    from celery import current_app
    from kombu.exceptions import OperationalError

    def fail(*_, **__):
        raise OperationalError

    monkeypatch.setattr(current_app, "send_task", fail)
    confirm(signed_in, "/account/tokens/")
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in.post("/account/tokens/", {"name": "Laptop"})

    assert (answer.status_code, LongTermToken.objects.count(), len(mail.outbox)) == (200, 1, 1)


@pytest.fixture
def google_user(client, db):
    """Return a client of a user who logs in with Google only, and did so before this session was continued."""
    user = User.objects.create_user("ada@example.org", name="Ada")
    SocialAccount.objects.create(user=user, provider="google", uid="1842")
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("/account/password/set/", {"password1": "another good phrase", "password2": "another good phrase"}),
        (EMAIL_PAGE, {"action_add": "", "email": "eve@example.org"}),
        ("/account/tokens/", {"name": "Laptop"}),
        ("/account/second-step/totp/activate/", {"code": "123456"}),
        ("/account/delete/", {}),
    ],
)
def test_a_user_without_a_password_must_have_logged_in_recently(google_user, page, form):
    answer = google_user.post(page, form)

    assert answer.url == f"/account/signing-in/again/?next={page.replace('/', '%2F')}"
    assert google_user.get(answer.url).status_code == 200
    user = User.objects.get()
    assert not user.has_usable_password() and user.deleted_at is None
    assert not LongTermToken.objects.exists() and not EmailAddress.objects.filter(email="eve@example.org").exists()


def test_an_automatic_connection_to_google_is_told(alice, queued_tasks, django_capture_on_commit_callbacks):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)

    with django_capture_on_commit_callbacks(execute=True):
        google._find_user(GoogleIdentity("1842", alice.email, "Alice"))
    queued_tasks.run()

    assert "Google has been connected" in mail.outbox[0].body


def test_an_address_that_an_operator_replaces_is_told(
    admin_client, alice, queued_tasks, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(
            f"/admin/accounts/user/{alice.pk}/change/",
            {"email": "new@example.org", "name": "Alice", "is_active": "on"},
        )
    queued_tasks.run()

    assert [message.to for message in mail.outbox] == [["alice@example.org"]]
