"""Divide videos into chapters."""

from chat.agents.registry import Agent

AGENT = Agent(
    name="chapters",
    description="Divide the chosen videos into chapters with titles.",
    run="chat.agents.work.chapters.divide_videos",
    allows_guests=True,
    needs_transcript=True,
    is_tool=True,
)
