"""Choose the panel of a page that has tabs."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tab:
    """A panel of a page. `name` is the value of `?panel=`, `count` a number beside the label, or empty."""

    name: str
    label: str
    count: str = ""


def choose_panel(tabs: Sequence[Tab], name: str | None) -> str:
    """Return the name of the panel that is shown: the requested one if it exists, else the first one."""
    return next((tab.name for tab in tabs if tab.name == name), tabs[0].name)
