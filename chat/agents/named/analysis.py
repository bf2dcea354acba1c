"""Describe videos."""

from chat.agents.registry import Agent

AGENT = Agent(
    name="analysis",
    description="Describe what is seen and said in the chosen videos, and keep it.",
    run="chat.agents.work.analysis.analyse_videos",
    waits_for_transcript=True,
    looks=True,
)
