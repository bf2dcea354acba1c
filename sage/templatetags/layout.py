"""Template tags for what apps add to every page: see `sage.pages.layout`."""

from typing import Any

from django import template

from sage import events
from sage.pages import layout

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation(context: template.Context, place: str) -> list[dict[str, Any]]:
    """Return the navigation items of a place: `main` or `menu`."""
    return layout.list_navigation(context["request"], layout.Place(place))


@register.simple_tag
def header_fragments() -> list[str]:
    """Return the templates to include in the header."""
    return layout.list_header_fragments()


@register.simple_tag
def page_scripts() -> list[str]:
    """Return the ES modules that every page loads."""
    return layout.list_scripts()


@register.simple_tag
def topic_names() -> str:
    """Return the names of the topics that a page subscribes to, separated by commas."""
    return ",".join(events.list_topic_names())
