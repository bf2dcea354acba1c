import pytest

from accounts.models import User
from accounts.signin.registration import complete_registration
from billing import ledger
from billing.models import Account, Tier

pytestmark = pytest.mark.django_db
FORM = {"name": "Carol", "email": "carol@example.org", "password1": "correct horse battery"}


def test_a_new_user_gets_the_tokens_of_the_free_plan(client, alice):
    client.post("/account/signup/", FORM)

    carol = User.objects.get(email="carol@example.org")
    assert ledger.balance(carol.pk) == ledger.Balance(3600, 0)
    assert not carol.is_staff


def test_the_first_user_of_a_local_site_becomes_its_operator(client):
    User.objects.system()

    client.post("/account/signup/", FORM)

    carol = User.objects.get(email="carol@example.org")
    assert carol.is_staff and carol.is_superuser
    assert Account.objects.get(pk=carol.pk).tier.key == Tier.STUDIO
    assert ledger.balance(carol.pk).token_balance == 360_000


def test_no_user_of_a_public_site_becomes_an_operator(settings):
    settings.PUBLIC = True
    carol = User.objects.create_user("carol@example.org", name="Carol")

    complete_registration(carol)

    carol.refresh_from_db()
    assert not carol.is_staff
    assert Account.objects.get(pk=carol.pk).tier.key == Tier.FREE


def test_a_repeated_registration_grants_once(alice):
    complete_registration(alice)
    complete_registration(alice)

    assert ledger.balance(alice.pk).token_balance in (3600, 360_000)


def test_a_user_without_an_account_is_not_created(client):
    """Check that user and account are created in one transaction."""
    Tier.objects.filter(key=Tier.STUDIO).update(key="in-the-way")  # the plan of the new account is now missing
    client.raise_request_exception = False

    assert client.post("/account/signup/", FORM).status_code == 500

    assert not User.objects.exists()
