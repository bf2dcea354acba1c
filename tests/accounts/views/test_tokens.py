import re

import pytest

from accounts.credentials import tokens
from accounts.models import LongTermToken

pytestmark = pytest.mark.django_db
PAGE = "/account/tokens/"


def test_a_token_is_created_shown_once_and_revoked(confirmed_client, client, alice):
    created = confirmed_client.post(PAGE, {"name": "Chrome <b>here</b>"})
    text = re.search(r'value="(sage_[0-9a-f]+)"', created.content.decode())[1]
    listed = confirmed_client.get(PAGE).content.decode()

    assert LongTermToken.objects.authenticate(text).user == alice
    assert "no-store" in created["Cache-Control"]
    assert text not in listed and "Chrome &lt;b&gt;here&lt;/b&gt;" in listed
    confirmed_client.post(f"{PAGE}{LongTermToken.objects.get().pk}/revoke/")
    assert LongTermToken.objects.authenticate(text) is None


def test_revoking_all_tokens_keeps_those_of_other_users(alice_client, alice, bob):
    tokens.create_token(alice)
    tokens.create_token(alice)
    kept, _ = tokens.create_token(bob)

    alice_client.post(f"{PAGE}revoke/")

    assert [one.pk for one in LongTermToken.objects.all()] == [kept.pk]


def test_the_query_count_does_not_grow_with_the_tokens(alice_client, alice, django_assert_num_queries):
    tokens.create_token(alice)
    alice_client.get(PAGE)
    with django_assert_num_queries(4):
        alice_client.get(PAGE)
    for _ in range(5):
        tokens.create_token(alice)
    with django_assert_num_queries(4):
        alice_client.get(PAGE)


def test_an_invalid_name_or_too_many_tokens_show_an_error(confirmed_client, alice, monkeypatch):
    monkeypatch.setattr(tokens, "MAX_TOKENS", 0)

    for name, error in (("Laptop", "Revoke one"), ("a\u202eb", "one line"), ("", "required")):
        answer = confirmed_client.post(PAGE, {"name": name})
        assert answer.status_code == 422 and error in answer.content.decode()
