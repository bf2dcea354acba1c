"""Collect the panels that apps add to the page of a comparison and to its shared page.

An app registers a `ComparePanel` in `AppConfig.ready()`. The page shows it as a tab, and its marks in the timeline.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from videos.diff.script.stored import ShownScript
from videos.models import Comparison, Share


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CompareMark:
    """A mark at a time of A, of B, or of both, in seconds. `is_done` marks are drawn faint."""

    a: float | None
    b: float | None
    label: str
    url: str
    is_done: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class ComparePanelContent:
    """What a panel shows of one comparison: the `panel_data` of its template, a count for its tab, and marks."""

    data: Any = None
    count: int = 0
    marks: Sequence[CompareMark] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ComparePanel:
    """A panel beside the players. `scripts` and `styles` are paths below `static/`.

    `name` is the value of `?panel=`. `build_content` gets the comparison, its annotated script, and the share on a
    shared page. It returns None if the panel is not shown there. `shared_template` is that of shared pages.
    """

    name: str
    label: str
    order: int
    template: str
    shared_template: str
    build_content: Callable[[HttpRequest, Comparison, ShownScript, Share | None], ComparePanelContent | None]
    shared_label: str = ""
    scripts: tuple[str, ...] = ()
    shared_scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    shortcuts: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class ShownPanel:
    """A panel on one page: what its template needs."""

    name: str
    label: str
    template: str
    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    shortcuts: tuple[tuple[str, str], ...]
    content: ComparePanelContent


_panels: dict[str, ComparePanel] = {}


def register_compare_panel(panel: ComparePanel) -> None:
    """Show `panel` on the page of each comparison. Raises `ImproperlyConfigured` if the name is taken."""
    if _panels.setdefault(panel.name, panel) is not panel:
        raise ImproperlyConfigured(f"Two panels of comparisons have the name {panel.name}.")


def build_panels(
    request: HttpRequest, comparison: Comparison, script: ShownScript, share: Share | None = None
) -> list[ShownPanel]:
    """Return the panels of a page in order."""
    shown = []
    for panel in sorted(_panels.values(), key=lambda panel: panel.order):
        content = panel.build_content(request, comparison, script, share)
        if content is not None:
            shown.append(
                ShownPanel(
                    panel.name,
                    (share and panel.shared_label) or panel.label,
                    panel.shared_template if share else panel.template,
                    panel.shared_scripts if share else panel.scripts,
                    panel.styles,
                    () if share else panel.shortcuts,
                    content,
                )
            )
    return shown


def place_marks(marks: Sequence[CompareMark], script: ShownScript) -> list[dict[str, Any]]:
    """Return marks with their positions `x_a` and `x_b` in percent of the longer video, None on a side without one."""
    span = max(script["duration_a"], script["duration_b"], 0.001)

    def place(seconds: float | None) -> float | None:
        return None if seconds is None else round(100 * seconds / span, 3)

    return [{**dataclasses.asdict(mark), "x_a": place(mark.a), "x_b": place(mark.b)} for mark in marks]
