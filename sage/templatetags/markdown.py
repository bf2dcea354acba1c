"""Render markdown in templates."""

from django import template
from django.utils.safestring import SafeString

from sage.pages.markdown import render_markdown

register = template.Library()


@register.filter
def markdown(text: str | None) -> SafeString:
    """Return the sanitised HTML of markdown."""
    return render_markdown(text)
