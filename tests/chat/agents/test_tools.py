"""Let a model call agents, at most ten times."""

import pytest

from chat.agents import tools
from chat.agents.events import Part, Text
from sage.providers.protocols import ChatMessage, ToolCall

ASKED = [ChatMessage("user", "When does the harbour open?")]


class CallingModel:
    """A model that gives these answers in order, the last one again and again."""

    def __init__(self, *answers):
        self.answers, self.received = list(answers), []

    def stream_with_tools(self, messages, sources, tools, max_tokens=1024):
        self.received.append((list(messages), list(sources)))
        yield from self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def answer(model, run_agent=lambda agent, request: [Text(f"{agent.name}: {request}")]):
    offered = tools.list_tools(for_guest=False)
    return list(tools.answer_with_tools(model, ASKED, [], offered, run_agent, 100))


def join(events):
    return "".join(event.text for event in events if isinstance(event, Text))


def test_the_result_of_an_agent_goes_to_the_model_as_a_passage():
    model = CallingModel([ToolCall("search", "opening")], ["At six."])

    assert join(answer(model)) == "At six."
    messages, sources = model.received[1]
    assert [(one.label, one.text) for one in sources] == [("[result of search]", "search: opening")]
    assert "“opening”" in messages[-1].content


def test_what_an_agent_shows_is_passed_on():
    shown = Part({"type": "search_results", "results": []})
    events = answer(CallingModel([ToolCall("search", "opening")], ["Done."]), lambda agent, request: [shown])
    assert shown in events


def test_a_model_that_only_calls_ends_after_ten_steps():
    model = CallingModel([ToolCall("search", "again")])

    assert "called agents 10 times without an answer" in join(answer(model))
    assert len(model.received) == 10


@pytest.mark.parametrize("name", ["nobody", "analysis"])  # @analysis looks, which occupies the queue of answers
def test_an_agent_that_is_not_offered_is_not_run(name):
    model = CallingModel([ToolCall(name, "x")], ["Sorry."])

    assert join(answer(model, run_agent=None)) == "Sorry."
    assert model.received[1][1][0].text == f"There is no tool named {name}."
