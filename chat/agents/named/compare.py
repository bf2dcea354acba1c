"""Tell what changed."""

from chat.agents.registry import Agent

AGENT = Agent(
    name="compare",
    description="Tell what changed between two versions of a video.",
    run="chat.agents.work.compare.tell_changes",
    is_tool=True,
)
