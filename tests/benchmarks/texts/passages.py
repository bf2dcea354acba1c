"""Passages of public-domain texts with queries that they answer."""

from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("passages.txt")


@dataclass(frozen=True, slots=True)
class LabelledPassage:
    """A passage, a query with its own words, and queries with other words."""

    title: str
    text: str
    quote: str
    paraphrases: tuple[str, ...]


def load_passages() -> list[LabelledPassage]:
    """Return the passages of the file: a line "= title", the text, and lines "? query"."""
    found = []
    for block in FILE.read_text().split("= ")[1:]:
        title, text, *queries = block.strip().splitlines()
        quote, *paraphrases = [query.removeprefix("? ") for query in queries]
        found.append(LabelledPassage(title, text, quote, tuple(paraphrases)))
    return found
