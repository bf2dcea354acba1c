"""Summarise videos."""

from chat.agents.registry import Agent

AGENT = Agent(
    name="summary",
    description="Summarise the chosen videos, with the times of what is said.",
    run="chat.agents.work.summary.summarise_videos",
    allows_guests=True,
    needs_transcript=True,
    is_tool=True,
)
