"""What every page's frame needs to know."""

from typing import Any

from django.http import HttpRequest

from sage import __version__

THEMES = ("dark", "light", "system")


def face(request: HttpRequest) -> dict[str, Any]:
    """The visitor's theme (dark until they choose) and Sage's version."""
    theme = request.COOKIES.get("theme", "")
    return {"theme": theme if theme in THEMES else "dark", "sage_version": __version__}
