import threading

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.urls import reverse

from accounts.signin import mfa

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def passkey(alice):
    key = {"name": "Alice's laptop", "credential": {}}
    return Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data=key)


@pytest.mark.parametrize("page", ["mfa_edit_webauthn", "mfa_remove_webauthn"])
def test_another_users_passkey_is_404(client, bob, passkey, page):
    client.force_login(bob)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    address = reverse(page, args=[passkey.pk])

    answers = [client.get(address), client.post(address, {"name": "Bob's"})]

    assert [answer.status_code for answer in answers] == [404, 404]
    passkey.refresh_from_db()
    assert passkey.data["name"] == "Alice's laptop"


def test_removing_a_passkey_requires_the_password(alice_client, passkey):
    answer = alice_client.post(reverse("mfa_remove_webauthn", args=[passkey.pk]))

    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def test_rotation_encrypts_secrets_with_the_first_key(alice, settings):
    old, new = (letter * 43 + "=" for letter in "AB")
    settings.FERNET_KEYS = [old]
    sealed = mfa.encrypt("the app's secret")
    kept = Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": sealed})

    settings.FERNET_KEYS = [new, old]
    counts = mfa.rotate_secrets()
    settings.FERNET_KEYS = [new]
    kept.refresh_from_db()

    assert counts == (1, 0)
    assert mfa.decrypt(kept.data["secret"]) == "the app's secret"


@pytest.mark.django_db(transaction=True)
def test_rotation_waits_for_a_secret_that_is_being_used(alice, settings):
    old, new = (letter * 43 + "=" for letter in "AB")
    settings.FERNET_KEYS = [old]
    data = {"seed": mfa.encrypt("the seed"), "used_mask": 0}
    kept = Authenticator.objects.create(user=alice, type=Authenticator.Type.RECOVERY_CODES, data=data)
    settings.FERNET_KEYS = [new, old]
    counts = []

    def rotate():
        counts.append(mfa.rotate_secrets())
        connection.close()

    other = threading.Thread(target=rotate)
    with transaction.atomic():  # as allauth does when a recovery code is used
        used = Authenticator.objects.select_for_update().get(pk=kept.pk)
        other.start()
        other.join(0.5)
        used.data["used_mask"] = 1
        used.save()
    other.join(60)
    settings.FERNET_KEYS = [new]
    kept.refresh_from_db()

    assert counts == [(1, 0)]
    assert (mfa.decrypt(kept.data["seed"]), kept.data["used_mask"]) == ("the seed", 1)
