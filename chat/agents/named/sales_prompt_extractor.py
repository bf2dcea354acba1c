"""Make training material from a sales conversation."""

from chat.agents.registry import Agent

AGENT = Agent(
    name="sales_prompt_extractor",
    description="Extract the sales techniques of a conversation, a prompt for a voice agent, and training examples.",
    run="chat.agents.work.sales.extraction.extract_sales_material",
    needs_transcript=True,
    transcribes=True,
)
