"""Collect notes."""

from chat.agents.registry import Agent

AGENT = Agent(
    name="notes",
    description="Collect your notes on the chosen videos and say what is still to do.",
    run="chat.agents.work.notes.collect_notes",
    prepare="chat.agents.work.notes.list_notes",
    is_tool=True,
)
