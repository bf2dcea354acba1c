"""What operators may do about those who are signed in."""

import pytest
from allauth.account.models import EmailAddress

from accounts.models import LongTermToken, User, UserSession
from accounts.tokens import make

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
