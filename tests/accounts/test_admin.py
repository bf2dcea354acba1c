"""What operators can see and change of users in the admin."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry

from accounts.credentials.tokens import create_token
from accounts.models import LongTermToken, User, UserSession
from billing import ledger
from sage.models import IdempotentResponse

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(client_of):
    return client_of(User.objects.create_superuser("root@example.org", "correct horse battery", name="Root"))


@pytest.fixture
def client_of():
    from django.test import Client

    def sign_in(user):
        client = Client()
        client.force_login(user)
        client.get("/library/")
        return client

    return sign_in


@pytest.mark.parametrize("method", ["one", "some"])
def test_deleting_a_session_signs_it_out_and_its_key_is_not_shown(root, client_of, alice, method):
    alice_client = client_of(alice)
    session = UserSession.objects.get(user=alice)
    url = "/admin/accounts/usersession/"

    shown = root.get(f"{url}{session.pk}/change/").content.decode()
    if method == "one":
        root.post(f"{url}{session.pk}/delete/", {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": str(session.pk), "post": "yes"}
        root.post(url, chosen)

    assert session.session_key not in shown
    assert alice_client.get("/library/").status_code == 302


def test_deleting_a_token_revokes_it_and_its_digest_is_not_shown(root, alice):
    token, text = create_token(alice, "laptop")
    url = f"/admin/accounts/longtermtoken/{token.pk}/"

    shown = root.get(f"{url}change/").content.decode()
    root.post(f"{url}delete/", {"post": "yes"})

    assert "laptop" in shown and token.digest not in shown
    assert LongTermToken.objects.authenticate(text) is None


def test_a_new_email_address_replaces_the_old_one_and_signs_the_user_out(root, client_of, alice):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client = client_of(alice)
    form = {"email": "Alice@new.example", "name": "Alice", "is_active": "on"}

    root.post(f"/admin/accounts/user/{alice.pk}/change/", form)

    assert list(EmailAddress.objects.values_list("email", "verified")) == [("alice@new.example", False)]
    assert client.get("/library/").status_code == 302


def test_an_operator_cannot_delete_an_account(root, alice):
    assert root.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 403


def test_users_created_in_the_admin_or_by_a_command_get_tokens(root):
    form = {"email": "carol@example.org", "name": "Carol", "password1": "a good phrase", "password2": "a good phrase"}

    root.post("/admin/accounts/user/add/", form)

    for email in ("carol@example.org", "root@example.org"):
        assert ledger.balance(User.objects.get(email=email).pk).token_balance > 0


def test_an_authenticator_can_be_deleted_but_neither_read_nor_changed(root, alice):
    kept = Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "sealed secret"})
    url = f"/admin/mfa/authenticator/{kept.pk}/"

    shown = root.get(f"{url}change/").content.decode()
    refused = root.post(f"{url}change/", {"user": alice.pk, "type": "totp", "data": "{}"})
    root.post(f"{url}delete/", {"post": "yes"})

    assert "sealed secret" not in shown and refused.status_code == 403
    assert not Authenticator.objects.exists()


def test_google_accounts_can_be_viewed_but_not_changed(root, alice):
    kept = SocialAccount.objects.create(user=alice, provider="google", uid="subject", extra_data={"sub": "told"})
    url = f"/admin/socialaccount/socialaccount/{kept.pk}/change/"

    assert root.get(url).status_code == 200
    assert root.post(url, {"user": alice.pk, "uid": "another"}).status_code == 403
    assert root.get("/admin/socialaccount/socialtoken/").status_code == 404
    assert root.get("/admin/socialaccount/socialapp/").status_code == 404


def test_stored_responses_are_not_shown_and_cannot_be_changed(root, alice):
    kept = IdempotentResponse.objects.create(user=alice, key="one", request_digest="0" * 64)
    kept.store(200, {"url": "https://sage.example/shared/secret"})
    url = f"/admin/sage/idempotentresponse/{kept.pk}/"

    shown = root.get(f"{url}change/").content.decode()

    assert "one" in shown and "shared" not in shown and kept.ciphertext not in shown
    assert root.get("/admin/sage/idempotentresponse/add/").status_code == 403
    assert root.post(f"{url}change/", {"key": "two"}).status_code == 403
    assert root.post(f"{url}delete/", {"post": "yes"}).status_code == 403


def test_log_entries_contain_no_names_and_cannot_be_deleted(root, alice):
    token, _ = create_token(alice, "Alice's laptop")
    root.post(f"/admin/accounts/longtermtoken/{token.pk}/delete/", {"post": "yes"})
    entry = LogEntry.objects.get()

    listed = root.get("/admin/admin/logentry/", {"q": str(token.pk)}).content.decode()

    assert (entry.object_id, entry.object_repr, entry.change_message) == (str(token.pk), str(token.pk), "")
    assert str(token.pk) in listed
    assert root.get(f"/admin/admin/logentry/{entry.pk}/change/").status_code == 200
    assert root.post(f"/admin/admin/logentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_password_page_of_the_admin_redirects_to_the_account_page(root):
    assert root.get("/admin/password_change/").headers["Location"] == "/account/password/change/"
