"""Property test: random operations give the same result in the ledger and in a simple model."""

import uuid
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from billing import ledger
from billing.models import Entry
from sage.errors import InsufficientTokens

pytestmark = pytest.mark.django_db
TOKENS = st.integers(1, 5000)
REFERENCES = st.integers(0, 5)


@dataclass
class Model:
    """The balance, the holds and captures by reference, and every reference in use."""

    left: int = 3600
    held: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    granted: set[str] = field(default_factory=set)


class Ledger(RuleBasedStateMachine):
    """Call every operation, also repeatedly, with new and used references."""

    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.user_id = uuid.uuid4()
        self.model = Model()
        ledger.open_account(self.user_id)

    @rule(tokens=TOKENS, number=REFERENCES)
    def grant(self, tokens, number):
        reference = f"{self.user_id}:grant:{number}"
        ledger.grant(self.user_id, tokens, "Granted", reference)
        if reference not in self.model.granted:
            self.model.granted.add(reference)
            self.model.left += tokens

    @rule(tokens=TOKENS, sign=st.sampled_from([1, -1]))
    def adjust(self, tokens, sign):
        covered = sign > 0 or tokens <= self.model.left
        self.allowed(covered, lambda: ledger.adjust_balance(self.user_id, sign * tokens, "Adjusted", self.user_id))
        if covered:
            self.model.left += sign * tokens

    @rule(target=holds, tokens=TOKENS, number=REFERENCES)
    def hold(self, tokens, number):
        reference = f"{self.user_id}:work:{number}"
        is_new = reference not in self.model.used
        covered = not is_new or tokens <= self.model.left
        self.allowed(covered, lambda: ledger.hold(self.user_id, tokens, reference))
        if is_new and covered:
            self.model.used.add(reference)
            self.model.held[reference] = tokens
            self.model.left -= tokens
        return reference

    @rule(reference=holds, tokens=TOKENS)
    def correct(self, reference, tokens):
        if reference not in self.model.held:
            with pytest.raises(ledger.HoldNotFound):
                ledger.adjust_hold(reference, tokens)
            return
        more = tokens - self.model.held[reference]
        self.allowed(more <= self.model.left, lambda: ledger.adjust_hold(reference, tokens))
        if more <= self.model.left:
            self.model.held[reference] = tokens
            self.model.left -= more

    @rule(reference=holds, tokens=st.none() | TOKENS)
    def capture(self, reference, tokens):
        if reference in self.model.taken:
            assert ledger.capture(reference, tokens).amount == -self.model.taken[reference]
        elif reference not in self.model.held:
            with pytest.raises(ledger.HoldNotFound):
                ledger.capture(reference, tokens)
        else:
            held = self.model.held.pop(reference)
            self.model.taken[reference] = min(tokens or held, held + self.model.left)
            self.model.left += held - self.model.taken[reference]
            assert ledger.capture(reference, tokens).amount == -self.model.taken[reference]

    @rule(reference=holds)
    def release(self, reference):
        released = ledger.release(reference)
        held = self.model.held.pop(reference, 0)
        assert (released.amount if released else 0) == held
        self.model.left += held

    @invariant()
    def it_agrees(self):
        entries = Entry.objects.of(self.user_id)
        held = sum(self.model.held.values())
        assert ledger.balance(self.user_id) == ledger.Balance(self.model.left, held)
        assert (entries.total(), entries.on_hold()) == (self.model.left, held)
        assert {entry.reference for entry in entries.open_holds()} == set(self.model.held)

    def allowed(self, covered, act):
        if covered:
            act()
        else:
            with pytest.raises(InsufficientTokens):
                act()


def test_the_ledger_matches_a_simple_model(db):
    limits = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Ledger, settings=limits)
