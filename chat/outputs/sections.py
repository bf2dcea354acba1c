"""Split a message that shows several outputs into sections: a heading, and a text in a fence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

from chat.models import Message
from chat.outputs.models import Output
from chat.rendering import link_text
from sage.pages.markdown import render_markdown

AGENT = "sales_prompt_extractor"  # whose messages have this form
MARKDOWN = "markdown"
_parser = MarkdownIt("commonmark")


@dataclass(slots=True)
class Section:
    """A heading with what follows it. `text` is what its fence holds, None if it has none, as of a part that failed.

    `html` is the text if it is Markdown, and `rest` what is not in the fence. `output` is None if it was deleted.
    """

    title: str = ""
    is_video: bool = False
    text: str | None = None
    html: SafeString = field(default_factory=SafeString)
    rest: SafeString = field(default_factory=SafeString)
    output: Output | None = None


def split_sections(message: Message, made: Mapping[str, Output]) -> list[Section]:
    """Return the sections of a message that has ended. Empty for the messages of other agents."""
    if message.agent != AGENT or message.is_open:
        return []
    citations = iter(message.citations)
    output_ids = iter(message.metadata.get("outputs", ()))
    lines = message.content.split("\n")
    return [_build_section(group, lines, citations, output_ids, made) for group in _group_tokens(message.content)]


def _group_tokens(content: str) -> Iterator[list[Token]]:
    """Yield the blocks of each section. A section begins with a heading of level 1 or 2."""
    group: list[Token] = []
    tokens = _parser.parse(content)
    for place, token in enumerate(tokens):
        if token.level or token.nesting < 0:
            continue
        if token.tag in ("h1", "h2"):
            if group:
                yield group
            group = []
            token.content = tokens[place + 1].content
        group.append(token)
    if group:
        yield group


def _build_section(
    group: Sequence[Token],
    lines: Sequence[str],
    citations: Iterator[Mapping[str, Any]],
    output_ids: Iterator[str],
    made: Mapping[str, Output],
) -> Section:
    section = Section()
    rest: list[str] = []
    for token in group:
        start, end = token.map or (0, 0)
        if token.tag in ("h1", "h2"):
            section.title, section.is_video = token.content, token.tag == "h1"
        elif token.type == "fence" and section.text is None:
            section.text = token.content.removesuffix("\n")
            if token.info.strip() == MARKDOWN:
                section.html = render_markdown(link_text(section.text, citations))
        else:
            rest.append("\n".join(lines[start:end]))
    if section.title and not section.is_video:
        section.output = made.get(next(output_ids, ""))
    section.rest = render_markdown("\n\n".join(rest))
    return section
