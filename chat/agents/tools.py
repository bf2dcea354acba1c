"""Let a chat model call agents while it answers a question. Only workers import this module.

The result of an agent goes to the model as an untrusted passage, like all texts of videos. It is not sent in the
provider's own format of results, because that of Gemini needs signatures, which its library does not keep.
"""

from collections.abc import Callable, Iterator, Sequence

from chat.agents import registry
from chat.agents.events import Event, Progress, Text
from chat.agents.registry import Agent
from sage.providers.protocols import ChatMessage, ChatSource, ChatTool, ToolCall, ToolModel

MAX_STEPS = 10  # requests to the model for one answer
MAX_RESULT_LETTERS = 8_000  # of an agent, that the model reads
CALLED = "You called the tool {name} with the request “{request}”. Its result is among the passages. Go on."
UNKNOWN = "There is no tool named {name}."
ENDLESS = "\n\nThe model called agents {steps} times without an answer and was stopped. Ask a narrower question."

RunAgent = Callable[[Agent, str], Iterator[Event]]


def list_tools(*, for_guest: bool) -> list[ChatTool]:
    """Return the agents that a model may call for a user or a guest."""
    agents = registry.list_agents(for_guest=for_guest)
    return [ChatTool(agent.name, agent.description) for agent in agents if agent.is_tool]


def answer_with_tools(
    model: ToolModel,
    messages: Sequence[ChatMessage],
    sources: Sequence[ChatSource],
    tools: Sequence[ChatTool],
    run_agent: RunAgent,
    max_tokens: int,
) -> Iterator[Event]:
    """Yield the answer of a model, and what the agents that it calls report, except for their texts.

    After `MAX_STEPS` requests, the answer ends with a sentence that says so. May raise `ProviderError`.
    """
    asked, given = list(messages), list(sources)
    for _ in range(MAX_STEPS):
        calls: list[ToolCall] = []
        for piece in model.stream_with_tools(asked, given, tools, max_tokens):
            if isinstance(piece, ToolCall):
                calls.append(piece)
            else:
                yield Text(piece)
        if not calls:
            return
        for call in calls:
            text = ""
            for event in _run(call, tools, run_agent):
                if isinstance(event, Text):
                    text += event.text
                else:
                    yield event
            given.append(ChatSource(f"[result of {call.name}]", text[:MAX_RESULT_LETTERS]))
            asked.append(ChatMessage("user", CALLED.format(name=call.name, request=call.request)))
    yield Text(ENDLESS.format(steps=MAX_STEPS))


def _run(call: ToolCall, tools: Sequence[ChatTool], run_agent: RunAgent) -> Iterator[Event]:
    agent = registry.find_agent(call.name) if call.name in [tool.name for tool in tools] else None
    if agent is None:
        yield Text(UNKNOWN.format(name=call.name))
        return
    yield Progress(f"@{agent.name} is working")
    yield from run_agent(agent, call.request)
