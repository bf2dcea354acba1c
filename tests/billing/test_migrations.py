"""The migrations that open accounts for existing users and limit open uploads."""

from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import User
from billing import ledger
from billing.models import Account, Tier

pytestmark = pytest.mark.django_db


def test_existing_users_get_an_account_and_their_first_month(alice):
    system, root = User.objects.system(), User.objects.create_user("root@example.org", name="Root")
    User.objects.filter(pk=root.pk).update(is_superuser=True)

    import_module("billing.migrations.0003_first_accounts").seed(apps, None)

    plans = {account.user_id: account.tier.key for account in Account.objects.all()}
    assert plans == {alice.pk: Tier.FREE, root.pk: Tier.STUDIO}
    assert ledger.balance(alice.pk) == ledger.Balance(3600, 0)
    assert ledger.balance(system.pk) == ledger.Balance(0, 0)
    ledger.open_account(alice.pk)
    assert ledger.balance(alice.pk).token_balance == 3600


def test_plans_edited_by_operators_get_limits_of_open_uploads_by_their_file_size():
    Tier.objects.filter(key=Tier.PRO).update(upload_limit_gb=70, open_uploads=1, open_upload_gb=1)

    import_module("billing.migrations.0005_open_uploads").limit_open_uploads(apps, None)

    limits = {tier.key: (tier.open_uploads, tier.open_upload_gb) for tier in Tier.objects.all()}
    assert limits == {Tier.FREE: (20, 10), Tier.PRO: (100, 140), Tier.STUDIO: (100, 1800)}
