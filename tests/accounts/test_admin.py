"""What operators may do about people, and what they are shown of them."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry

from accounts.models import Answer, LongTermToken, User, UserSession
from accounts.tokens import make
from billing import ledger

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


@pytest.mark.parametrize("way", ["one", "some"])
def test_to_delete_a_session_signs_it_out_and_its_key_is_never_shown(root, client_of, alice, way):
    alices = client_of(alice)
    session = UserSession.objects.get(user=alice)
    here = "/admin/accounts/usersession/"

    shown = root.get(f"{here}{session.pk}/change/").content.decode()
    if way == "one":
        root.post(f"{here}{session.pk}/delete/", {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": str(session.pk), "post": "yes"}
        root.post(here, chosen)

    assert session.session_key not in shown
    assert alices.get("/library/").status_code == 302


def test_to_delete_a_token_revokes_it_and_its_digest_is_not_shown(root, alice):
    token, text = make(alice, "laptop")
    here = f"/admin/accounts/longtermtoken/{token.pk}/"

    shown = root.get(f"{here}change/").content.decode()
    root.post(f"{here}delete/", {"post": "yes"})

    assert "laptop" in shown and token.digest not in shown
    assert LongTermToken.objects.used(text) is None


def test_a_new_address_takes_the_place_of_the_one_before_and_its_owner_is_out(root, client_of, alice):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client = client_of(alice)
    form = {"email": "Alice@new.example", "name": "Alice", "is_active": "on"}

    root.post(f"/admin/accounts/user/{alice.pk}/change/", form)

    assert list(EmailAddress.objects.values_list("email", "verified")) == [("alice@new.example", False)]
    assert client.get("/library/").status_code == 302


def test_an_account_is_not_deleted_past_its_owner(root, alice):
    assert root.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 403


def test_who_is_made_by_an_operator_or_on_the_command_line_has_an_account_with_tokens(root):
    said = {"email": "carol@example.org", "name": "Carol", "password1": "a good phrase", "password2": "a good phrase"}

    root.post("/admin/accounts/user/add/", said)

    for email in ("carol@example.org", "root@example.org"):
        assert ledger.balance(User.objects.get(email=email).pk).token_balance > 0


def test_a_second_step_can_be_taken_away_and_neither_read_nor_changed(root, alice):
    kept = Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "sealed secret"})
    here = f"/admin/mfa/authenticator/{kept.pk}/"

    shown = root.get(f"{here}change/").content.decode()
    refused = root.post(f"{here}change/", {"user": alice.pk, "type": "totp", "data": "{}"})
    root.post(f"{here}delete/", {"post": "yes"})

    assert "sealed secret" not in shown and refused.status_code == 403
    assert not Authenticator.objects.exists()


def test_whose_google_account_is_whose_is_looked_at_and_not_changed(root, alice):
    kept = SocialAccount.objects.create(user=alice, provider="google", uid="subject", extra_data={"sub": "told"})
    here = f"/admin/socialaccount/socialaccount/{kept.pk}/change/"

    assert root.get(here).status_code == 200
    assert root.post(here, {"user": alice.pk, "uid": "another"}).status_code == 403
    assert root.get("/admin/socialaccount/socialtoken/").status_code == 404
    assert root.get("/admin/socialaccount/socialapp/").status_code == 404


def test_what_a_request_was_answered_is_nobody_elses(root, alice):
    kept = Answer.objects.create(user=alice, key="one", asked="0" * 64)
    kept.keep(200, {"url": "https://sage.example/shared/secret"})
    here = f"/admin/accounts/answer/{kept.pk}/"

    shown = root.get(f"{here}change/").content.decode()

    assert "one" in shown and "shared" not in shown and kept.sealed not in shown
    assert root.get("/admin/accounts/answer/add/").status_code == 403
    assert root.post(f"{here}change/", {"key": "two"}).status_code == 403
    assert root.post(f"{here}delete/", {"post": "yes"}).status_code == 403


def test_what_operators_did_is_on_record_without_names_and_stays_so(root, alice):
    token, _ = make(alice, "Alice's laptop")
    root.post(f"/admin/accounts/longtermtoken/{token.pk}/delete/", {"post": "yes"})
    entry = LogEntry.objects.get()

    listed = root.get("/admin/admin/logentry/", {"q": str(token.pk)}).content.decode()

    assert (entry.object_id, entry.object_repr, entry.change_message) == (str(token.pk), str(token.pk), "")
    assert str(token.pk) in listed
    assert root.get(f"/admin/admin/logentry/{entry.pk}/change/").status_code == 200
    assert root.post(f"/admin/admin/logentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_operator_changes_their_password_where_all_do_so_that_others_are_signed_out(root):
    assert root.get("/admin/password_change/").headers["Location"] == "/account/password/change/"
