"""Find the agents. Each module of `chat.agents.named` defines one as `AGENT`.

Web processes import these modules, so they import nothing of providers, numpy or other heavy libraries at the top.
"""

import functools
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from chat.agents.events import Event
    from chat.agents.task import Task

PACKAGE = "chat.agents.named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An agent that users call by `@name`.

    `run` is the dotted path of a generator function that takes a `Task` and yields events. It runs in a thread and
    uses no database. `prepare` is the dotted path of a function that takes the task and the `Viewer` and returns what
    `run` needs from the database; `run` finds it as `task.material`.

    With `needs_transcript`, the agent waits for the transcripts of the chosen videos, and fails if all of them are
    missing. With `waits_for_transcript`, it waits, but works without transcripts too. With `transcribes`, it first has
    the speech of uploads without a transcript recognised. With `looks`, a hosted model that sees costs the seconds of
    each video. `is_tool` says whether a model may call the agent while it answers a question.
    """

    name: str
    description: str
    run: str
    prepare: str = ""
    allows_guests: bool = False
    needs_transcript: bool = False
    waits_for_transcript: bool = False
    transcribes: bool = False
    looks: bool = False
    is_tool: bool = False

    def load_run(self) -> "Callable[[Task], Iterator[Event]]":
        """Return the function that does the work. Only workers call this."""
        run: Callable[[Task], Iterator[Event]] = import_string(self.run)
        return run

    def load_prepare(self) -> "Callable[[Task, Any], Any] | None":
        """Return the function that loads from the database. Only workers call this."""
        return import_string(self.prepare) if self.prepare else None


@functools.cache
def load_agents() -> dict[str, Agent]:
    """Return all agents by name, in the order of their names. Raises ValueError if two have one name."""
    agents: dict[str, Agent] = {}
    for module in sorted(pkgutil.iter_modules(import_module(PACKAGE).__path__), key=lambda found: found.name):
        agent: Agent = import_module(f"{PACKAGE}.{module.name}").AGENT
        if agents.setdefault(agent.name, agent) is not agent:
            raise ValueError(f"There are two agents named {agent.name}.")
    return agents


def find_agent(name: str) -> Agent | None:
    """Return the agent with a name, in any case, with or without the @."""
    return load_agents().get(name.strip().removeprefix("@").lower())


def list_agents(*, for_guest: bool) -> list[Agent]:
    """Return the agents that a user, or a guest, may call."""
    return [agent for agent in load_agents().values() if agent.allows_guests or not for_guest]
