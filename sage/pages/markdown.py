"""Render markdown from users and models as harmless HTML."""

import functools

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {
    *("p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
MAX_CACHED_LENGTH = 1_000  # characters of a text whose HTML is kept
LINK_RELATIONS = "nofollow noopener"

_parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"]).disable("image")


def render_markdown(text: str | None) -> SafeString:
    """Return the HTML of markdown. HTML within it is shown as text, images become links, and scripts cannot run."""
    text = text or ""
    return _render_cached(text) if len(text) <= MAX_CACHED_LENGTH else _render(text)


def _render(text: str) -> SafeString:
    html = nh3.clean(
        _parser.render(text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=LINK_RELATIONS,
    )
    return mark_safe(html)  # noqa: S308 - it was sanitised


_render_cached = functools.lru_cache(maxsize=2_048)(_render)  # the text is the key, so no entry is out of date
