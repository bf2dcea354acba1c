import re

import pytest

from accounts import tokens
from accounts.models import LongTermToken

pytestmark = pytest.mark.django_db
PAGE = "/account/tokens/"


def test_a_token_is_made_shown_this_once_and_revoked(alices, client, alice):
    made = alices.post(PAGE, {"name": "Chrome <b>here</b>"})
    text = re.search(r'value="(sage_[0-9a-f]+)"', made.content.decode())[1]
    later = alices.get(PAGE).content.decode()

    assert LongTermToken.objects.used(text).user == alice
    assert "no-store" in made["Cache-Control"]
    assert text not in later and "Chrome &lt;b&gt;here&lt;/b&gt;" in later
    alices.post(f"{PAGE}{LongTermToken.objects.get().pk}/revoke/")
    assert LongTermToken.objects.used(text) is None


def test_all_are_revoked_and_nobody_elses(alices, alice, bob):
    tokens.make(alice)
    tokens.make(alice)
    kept, _ = tokens.make(bob)

    alices.post(f"{PAGE}revoke/")

    assert [one.pk for one in LongTermToken.objects.all()] == [kept.pk]


def test_the_page_asks_the_same_however_many_there_are(alices, alice, django_assert_num_queries):
    tokens.make(alice)
    alices.get(PAGE)
    with django_assert_num_queries(4):
        alices.get(PAGE)
    for _ in range(5):
        tokens.make(alice)
    with django_assert_num_queries(4):
        alices.get(PAGE)


def test_too_many_and_a_name_of_tricks_are_told_beside_the_field(alices, alice, monkeypatch):
    monkeypatch.setattr(tokens, "MOST", 0)

    for name, told in (("Laptop", "Revoke one"), ("a\u202eb", "one line"), ("", "required")):
        answer = alices.post(PAGE, {"name": name})
        assert answer.status_code == 422 and told in answer.content.decode()
