import threading

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.urls import reverse

from accounts import second_step

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def alices_passkey(alice):
    key = {"name": "Alice's laptop", "credential": {}}
    return Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data=key)


@pytest.mark.parametrize("page", ["mfa_edit_webauthn", "mfa_remove_webauthn"])
def test_a_passkey_of_another_is_not_there(client, bob, alices_passkey, page):
    client.force_login(bob)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    address = reverse(page, args=[alices_passkey.pk])

    answers = [client.get(address), client.post(address, {"name": "Bob's"})]

    assert [answer.status_code for answer in answers] == [404, 404]
    alices_passkey.refresh_from_db()
    assert alices_passkey.data["name"] == "Alice's laptop"


def test_who_knows_only_a_session_is_asked_for_a_password_first(alices, alices_passkey):
    answer = alices.post(reverse("mfa_remove_webauthn", args=[alices_passkey.pk]))

    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert Authenticator.objects.filter(pk=alices_passkey.pk).exists()


def test_a_secret_that_an_older_key_sealed_is_sealed_with_the_first_and_still_opens(alice, settings):
    old, new = (letter * 43 + "=" for letter in "AB")
    settings.FERNET_KEYS = [old]
    sealed = second_step.seal("the app's secret")
    kept = Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": sealed})

    settings.FERNET_KEYS = [new, old]
    counts = second_step.reseal()
    settings.FERNET_KEYS = [new]
    kept.refresh_from_db()

    assert counts == (1, 0)
    assert second_step.unseal(kept.data["secret"]) == "the app's secret"


@pytest.mark.django_db(transaction=True)
def test_a_secret_that_is_used_meanwhile_is_sealed_anew_all_the_same(alice, settings):
    old, new = (letter * 43 + "=" for letter in "AB")
    settings.FERNET_KEYS = [old]
    data = {"seed": second_step.seal("the seed"), "used_mask": 0}
    kept = Authenticator.objects.create(user=alice, type=Authenticator.Type.RECOVERY_CODES, data=data)
    settings.FERNET_KEYS = [new, old]
    counts = []

    def reseal():
        counts.append(second_step.reseal())
        connection.close()

    other = threading.Thread(target=reseal)
    with transaction.atomic():  # as allauth does when a code is used
        used = Authenticator.objects.select_for_update().get(pk=kept.pk)
        other.start()
        other.join(0.5)
        used.data["used_mask"] = 1
        used.save()
    other.join(30)
    settings.FERNET_KEYS = [new]
    kept.refresh_from_db()

    assert counts == [(1, 0)]
    assert (second_step.unseal(kept.data["seed"]), kept.data["used_mask"]) == ("the seed", 1)
