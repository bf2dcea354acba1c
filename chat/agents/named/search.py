"""Find moments."""

from chat.agents.registry import Agent

AGENT = Agent(
    name="search",
    description="Find the moments that answer a question, as clips.",
    run="chat.agents.work.search.find_moments",
    prepare="chat.agents.work.search.list_candidates",
    allows_guests=True,
    needs_transcript=True,
    is_tool=True,
)
