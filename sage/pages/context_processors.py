"""Provide the variables that `base.html` needs on every page."""

from typing import Any

from django.http import HttpRequest

from sage import __version__

THEMES = ("dark", "light", "system")


def site_context(request: HttpRequest) -> dict[str, Any]:
    """Return the visitor's theme (dark by default) and Sage's version."""
    theme = request.COOKIES.get("theme", "")
    return {"theme": theme if theme in THEMES else "dark", "sage_version": __version__}
