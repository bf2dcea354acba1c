"""Find the agent that a question calls. No row is needed."""

import pytest

from accounts.viewer import Viewer
from chat.agents import mentions, registry
from sage.errors import Forbidden, InvalidInput

GUEST = Viewer(guest_id="guest-12345678")


class User:
    """Stands for any signed-in user; only its presence counts."""

    is_active = True


ALICE = Viewer(User())  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["@summary", "please @Summary this", "What? (@summary)", "@summary, in French"])
def test_a_mention_calls_its_agent(text):
    assert mentions.choose_agent(ALICE, text).name == "summary"


@pytest.mark.parametrize("text", ["@nobody knows", "write to a@summary.org", "mail@search", "@summary.py", ""])
def test_an_unknown_word_with_an_at_sign_is_text(text):
    assert mentions.choose_agent(ALICE, text) is None


def test_an_unknown_agent_by_name_is_refused_with_the_known_ones():
    with pytest.raises(InvalidInput, match=r"no agent named nobody.*analysis, .*summary"):
        mentions.choose_agent(ALICE, "Hello", "nobody")


@pytest.mark.parametrize(("text", "name"), [("@summary and @search", ""), ("@summary this", "search")])
def test_two_agents_are_refused(text, name):
    with pytest.raises(InvalidInput, match="one agent at a time"):
        mentions.choose_agent(ALICE, text, name)


def test_the_same_agent_twice_is_one():
    assert mentions.choose_agent(ALICE, "@summary @summary", "@Summary").name == "summary"


def test_guests_may_call_three_agents():
    assert [agent.name for agent in registry.list_agents(for_guest=True)] == ["chapters", "search", "summary"]
    with pytest.raises(Forbidden, match="Sign in to call @analysis"):
        mentions.choose_agent(GUEST, "@analysis")


def test_the_mention_is_taken_out_of_the_question():
    assert mentions.remove_mention("@search  the boats of @anna", "search") == "the boats of @anna"
