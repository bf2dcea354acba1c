"""Find out which agent a question calls."""

import re

from accounts.viewer import Viewer
from chat.agents import registry
from chat.agents.registry import Agent
from sage.errors import Forbidden, InvalidInput

MENTION = re.compile(r"(?<![\w@./])@(\w{2,40})(?![\w@]|\.\w)")  # not within an address of e-mail


def choose_agent(viewer: Viewer, text: str, name: str = "") -> Agent | None:
    """Return the agent that `name` or a mention in `text` calls. An unknown @word in the text is text.

    Raises `InvalidInput` if `name` is unknown or two agents are called, and `Forbidden` if the viewer may not call it.
    """
    called = _find_mentioned(text)
    if name:
        agent = registry.find_agent(name)
        if agent is None:
            known = ", ".join(one.name for one in registry.list_agents(for_guest=viewer.user is None))
            raise InvalidInput.field("agent", f"There is no agent named {name}. Use one of: {known}.", "invalid_choice")
        called = {agent.name: agent, **called}
    if len(called) > 1:
        names = " and ".join(f"@{one}" for one in called)
        raise InvalidInput.field("agent", f"Call one agent at a time, not {names}.", "too_many")
    agent = next(iter(called.values()), None)
    if agent and viewer.user is None and not agent.allows_guests:
        raise Forbidden(f"Sign in to call @{agent.name}.")
    return agent


def remove_mention(text: str, agent_name: str) -> str:
    """Return a question without the @name of the agent that it calls."""

    def remove(match: re.Match[str]) -> str:
        return "" if match[1].lower() == agent_name else match[0]

    return " ".join(MENTION.sub(remove, text).split())


def _find_mentioned(text: str) -> dict[str, Agent]:
    found = (registry.find_agent(name) for name in MENTION.findall(text))
    return {agent.name: agent for agent in found if agent}
