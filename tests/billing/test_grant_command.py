import pytest
from django.core.management import CommandError, call_command

from billing import ledger
from billing.models import Entry

pytestmark = pytest.mark.django_db


def test_it_gives_somebody_tokens_for_a_reason(alice, capsys):
    call_command("grant", "ALICE@example.org", "1000", "--reason", "Thanks")

    assert "alice@example.org has 4,600 tokens now." in capsys.readouterr().out
    assert Entry.objects.of(alice.pk).first().reason == "Thanks"


def test_the_same_reference_gives_once(alice, bob):
    for _ in range(2):
        call_command("grant", "alice@example.org", "1000", "--reason", "Thanks", "--reference", "invoice 7")

    assert ledger.balance(alice.pk).token_balance == 4600
    with pytest.raises(CommandError, match="somebody else"):
        call_command("grant", "bob@example.org", "1000", "--reason", "Thanks", "--reference", "invoice 7")


@pytest.mark.parametrize(
    ("who", "tokens", "said"), [("nobody@example.org", "5", "nobody with"), ("alice@example.org", "0", "from 1 on")]
)
def test_what_makes_no_sense_is_told(alice, who, tokens, said):
    with pytest.raises(CommandError, match=said):
        call_command("grant", who, tokens, "--reason", "Thanks")
