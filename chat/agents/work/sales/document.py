"""Write the four parts in one format: a heading, then a fenced text."""

import re

HEADINGS = {
    "sales_analysis": "Analysis",
    "structured_data": "Structured Data",
    "voice_prompt": "Voice Prompt",
    "training_data": "Training Data",
}
LANGUAGES = {"sales_analysis": "markdown", "structured_data": "json", "voice_prompt": "", "training_data": "json"}
MIN_FENCE = 3
BACKTICKS = re.compile(r"`+")
IN_BRACKETS = re.compile(r" *\[[^\]]*\]")
WHOLE_FENCE = re.compile(r"^(?P<fence>`{3,})[\w-]*[ \t]*\n(?P<text>.*)\n(?P=fence)$", re.DOTALL)


def write_part(kind: str, text: str) -> str:
    """Return a part with its heading, in a fence that the text cannot end."""
    # A citation that turns out to be wrong is removed later, which may join the backticks around it.
    runs = [*BACKTICKS.findall(text), *BACKTICKS.findall(IN_BRACKETS.sub("", text))]
    fence = "`" * max([MIN_FENCE, *(len(run) + 1 for run in runs)])
    return f"## {HEADINGS[kind]}\n\n{fence}{LANGUAGES[kind]}\n{text}\n{fence}"


def write_failed_part(kind: str, message: str) -> str:
    """Return the heading of a part that could not be made, and why."""
    return f"## {HEADINGS[kind]}\n\n{message}"


def unwrap_fence(text: str) -> str:
    """Return a model's answer without the fence that it may have put around the whole."""
    text = text.strip()
    match = WHOLE_FENCE.match(text)
    return match["text"].strip() if match and match["fence"] not in match["text"] else text
