import pytest

from accounts.joining import welcome
from accounts.models import User
from billing import ledger
from billing.models import Account, Tier

pytestmark = pytest.mark.django_db
FORM = {"name": "Carol", "email": "carol@example.org", "password1": "correct horse battery"}


def test_who_signs_up_has_the_months_tokens_of_the_free_plan(client, alice):
    client.post("/account/signup/", FORM)

    carol = User.objects.get(email="carol@example.org")
    assert ledger.balance(carol.pk) == ledger.Balance(3600, 0)
    assert not carol.is_staff


def test_the_first_to_sign_up_on_this_machine_is_its_operator_and_sages_own_user_does_not_count(client):
    User.objects.system()

    client.post("/account/signup/", FORM)

    carol = User.objects.get(email="carol@example.org")
    assert carol.is_staff and carol.is_superuser
    assert Account.objects.get(pk=carol.pk).tier.key == Tier.STUDIO
    assert ledger.balance(carol.pk).token_balance == 360_000


def test_where_others_reach_the_site_nobody_becomes_an_operator_by_signing_up(settings):
    settings.PUBLIC = True
    carol = User.objects.create_user("carol@example.org", name="Carol")

    welcome(carol)

    carol.refresh_from_db()
    assert not carol.is_staff
    assert Account.objects.get(pk=carol.pk).tier.key == Tier.FREE


def test_being_welcomed_twice_grants_once(alice):
    welcome(alice)
    welcome(alice)

    assert ledger.balance(alice.pk).token_balance in (3600, 360_000)


def test_who_cannot_have_an_account_is_not_made(client):
    """The person and the account come in one transaction."""
    Tier.objects.filter(key=Tier.STUDIO).update(key="in-the-way")  # another by its name cannot be made
    client.raise_request_exception = False

    assert client.post("/account/signup/", FORM).status_code == 500

    assert not User.objects.exists()
