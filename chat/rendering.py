"""Render answers as HTML or Markdown with citations as links."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString

from chat.models import Message
from chat.outputs.models import Output
from sage.pages.markdown import render_markdown

TIME = r"\d{1,4}:\d{2}(?::\d{2})?"  # of a citation
CITATION = re.compile(rf"\[({TIME})\](?!\()")
MARKDOWN_SIGN = re.compile(r"([\\`*_{}\[\]()<>#+.!|~-])")
MAX_NAME_LENGTH = 40


def render_answer(message: Message | Output, titles: Mapping[str, str]) -> SafeString:
    """Return the sanitised HTML of an answer. Citations link to their seconds, with the video if there are several."""
    names = titles if len({citation["video_id"] for citation in message.citations}) > 1 else {}
    return render_markdown(link_citations(message, "", names))


def link_citations(message: Message | Output, site: str, names: Mapping[str, str] | None = None) -> str:
    """Return the content of an answer or an output with its citations as Markdown links below the address `site`.

    `metadata.citations` has the videos and the exact times, in the order of the content.
    """
    return link_text(message.content, iter(message.citations), site, names)


def link_text(
    text: str, citations: Iterator[Mapping[str, Any]], site: str = "", names: Mapping[str, str] | None = None
) -> str:
    """Return a text with its times as links to the next citations."""

    def link(match: re.Match[str]) -> str:
        citation = next(citations, None)
        if citation is None:
            return match[0]
        name = (names or {}).get(citation["video_id"], "")
        label = f"{_escape(name[:MAX_NAME_LENGTH])} {match[1]}".strip()
        return f"[{label}]({site.rstrip('/')}{build_citation_url(citation['video_id'], citation['start'])})"

    return CITATION.sub(link, text)


def build_citation_url(video_id: str, start: float) -> str:
    return f"{reverse('videos:watch', args=[video_id])}?{urlencode({'t': f'{start:.2f}'})}"


def _escape(text: str) -> str:
    return MARKDOWN_SIGN.sub(r"\\\1", " ".join(text.split()))
