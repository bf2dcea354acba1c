import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User, UserSession

pytestmark = pytest.mark.django_db


def test_an_email_address_is_unique_in_any_case(alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ALICE@example.org", "another password", name="Alice Again")


def test_there_is_one_system_user_and_it_cannot_sign_in(client):
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


def test_a_new_password_starts_a_new_epoch_and_the_same_one_does_not(alice):
    ended = alice.get_session_auth_hash()

    alice.set_password("correct horse battery")
    assert alice.epoch == 0

    alice.set_password("another good phrase")
    assert alice.epoch == 1
    assert alice.get_session_auth_hash() != ended


@pytest.mark.parametrize(
    "email", ["аlice@example.org", "al\u212aice@example.org", "alice@exämple.org", "a\nb@example.org"]
)
def test_a_look_alike_email_address_is_refused(email):
    with pytest.raises(ValidationError):
        User(email=email, name="Alice", password="!").full_clean()


@pytest.mark.parametrize("name", ["Bob\r\nBcc: x", "Bob\u202e", "Bob\u200b"])
def test_a_name_is_one_line_of_visible_characters(name):
    User(email="b@example.org", name="Zoë 王芳 می\u200cخواهم", password="!").clean_fields()

    with pytest.raises(ValidationError, match="one line"):
        User(email="b@example.org", name=name, password="!").clean_fields()


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/138.0 Safari/537.36 Edg/138.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.5", "Unknown device"),
    ],
)
def test_a_device_is_named_by_browser_and_system(agent, device):
    assert UserSession(agent=agent).device == device
