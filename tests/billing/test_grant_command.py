import pytest
from django.core.management import CommandError, call_command

from billing import ledger
from billing.models import Entry

pytestmark = pytest.mark.django_db


def test_it_grants_tokens_for_a_reason(alice, capsys):
    call_command("grant", "ALICE@example.org", "1000", "--reason", "Thanks")

    assert "alice@example.org now has 4,600 tokens." in capsys.readouterr().out
    assert Entry.objects.of(alice.pk).first().reason == "Thanks"


def test_a_repeated_reference_grants_once(alice, bob):
    for _ in range(2):
        call_command("grant", "alice@example.org", "1000", "--reason", "Thanks", "--reference", "invoice 7")

    assert ledger.balance(alice.pk).token_balance == 4600
    with pytest.raises(CommandError, match="another user"):
        call_command("grant", "bob@example.org", "1000", "--reason", "Thanks", "--reference", "invoice 7")


@pytest.mark.parametrize(
    ("email", "tokens", "error"), [("nobody@example.org", "5", "No user has"), ("alice@example.org", "0", "at least 1")]
)
def test_it_rejects_invalid_input(alice, email, tokens, error):
    with pytest.raises(CommandError, match=error):
        call_command("grant", email, tokens, "--reason", "Thanks")
