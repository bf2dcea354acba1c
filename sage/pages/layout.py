"""Collect what apps add to every page of a signed-in user: navigation items, header fragments and scripts.

Apps add them in `AppConfig.ready()`. `base.html`, `_header.html` and `_menu.html` render them.
"""

import dataclasses
import enum
from typing import Any

from django.http import HttpRequest
from django.urls import reverse


class Place(enum.StrEnum):
    """Where a navigation item is shown."""

    MAIN = "main"  # the links in the header
    MENU = "menu"  # the account menu


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NavigationItem:
    """A link in the main navigation or in the account menu.

    `icon` is a symbol of `vendor/icons.svg`, shown in the menu. The item is marked as current on its own page and below
    the path `section`. `template` is rendered after the label.
    """

    label: str
    url_name: str
    order: int
    place: Place = Place.MAIN
    icon: str = ""
    section: str = ""
    template: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFragment:
    """A template that is rendered in the header, left of the account menu."""

    template: str
    order: int


_items: list[NavigationItem] = []
_fragments: list[HeaderFragment] = []
_scripts: list[str] = []


def add_navigation_item(item: NavigationItem) -> None:
    """Show `item` on every page, in the order of `item.order`."""
    _items.append(item)


def add_header_fragment(fragment: HeaderFragment) -> None:
    """Render `fragment` in the header of every page, in the order of `fragment.order`."""
    _fragments.append(fragment)


def add_script(path: str) -> None:
    """Load the ES module at `path` below `static/` on every page."""
    _scripts.append(path)


def list_navigation(request: HttpRequest, place: Place) -> list[dict[str, Any]]:
    """Return the items of one place with their URLs. `current` is the value of `aria-current`, empty elsewhere."""
    items = sorted((item for item in _items if item.place == place), key=lambda item: item.order)
    rows: list[dict[str, Any]] = []
    for item in items:
        url = reverse(item.url_name)
        is_inside = bool(item.section) and request.path.startswith(item.section)
        current = "page" if request.path == url else "true" if is_inside else ""
        rows.append({**dataclasses.asdict(item), "url": url, "current": current})
    return rows


def list_header_fragments() -> list[str]:
    """Return the template names of the header fragments in order."""
    return [fragment.template for fragment in sorted(_fragments, key=lambda fragment: fragment.order)]


def list_scripts() -> list[str]:
    """Return the paths of the scripts of every page."""
    return list(_scripts)
