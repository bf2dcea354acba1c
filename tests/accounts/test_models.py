import pytest
from django.db import IntegrityError, transaction

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_an_address_is_taken_whatever_its_case(alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ALICE@example.org", "another password", name="Alice Again")


def test_the_system_user_is_one_and_cannot_sign_in(client):
    system = User.objects.system()

    assert User.objects.system() == system
    assert not system.is_active
    assert not system.check_password("!")
    assert not client.login(email=system.email, password="!")


def test_a_superuser_may_open_the_admin(client):
    User.objects.create_superuser("root@example.org", "correct horse battery", name="Root")

    assert client.login(email="root@example.org", password="correct horse battery")
    assert client.get("/admin/").status_code == 200


def test_initials_come_from_the_name_or_else_the_address():
    assert User(name="Ada Augusta Lovelace").initials == "AA"
    assert User(email="zoe@example.org").initials == "Z"
