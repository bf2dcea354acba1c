"""Collect the panels that apps add to the page of a video.

An app registers a `WatchPanel` in `AppConfig.ready()`. The page shows it as a tab, and its marks in the timeline.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from accounts.viewer import Viewer
from videos.models import Video

MAX_MARKS = 300  # of one row in the timeline, which has less than 10 pixels for each


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TimelineMark:
    """A mark above the seek bar, at `start` in seconds, or from `start` to `end`. `is_done` marks are drawn faint."""

    start: float
    label: str
    url: str
    end: float | None = None
    is_done: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class PanelContent:
    """What a panel shows of one video: the `panel_data` of its template, a count for its tab, and marks by time."""

    data: Any = None
    count: int = 0
    marks: Sequence[TimelineMark] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class WatchPanel:
    """A panel beside the player. `scripts` and `styles` are paths below `static/`.

    `name` is the value of `?panel=`. The panels of videos have the orders 20 (transcript), 30 and 90 (details).
    `shortcuts` are pairs of a key and what it does, for the list of shortcuts.
    """

    name: str
    label: str
    order: int
    template: str
    build_content: Callable[[HttpRequest, Viewer, Video], PanelContent]
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    shortcuts: tuple[tuple[str, str], ...] = ()


_panels: dict[str, WatchPanel] = {}


def register_panel(panel: WatchPanel) -> None:
    """Show `panel` on the page of each video. Raises `ImproperlyConfigured` if the name is taken."""
    if _panels.setdefault(panel.name, panel) is not panel:
        raise ImproperlyConfigured(f"Two panels have the name {panel.name}.")


def list_panels() -> list[WatchPanel]:
    """Return the registered panels in order."""
    return sorted(_panels.values(), key=lambda panel: panel.order)


def place_marks(marks: Sequence[TimelineMark], duration: float | None) -> list[dict[str, Any]]:
    """Return marks with their position `x` and their `width` in percent of the duration, without those beyond it.

    Where there are more than `MAX_MARKS`, marks so close that they cover one another are drawn as the first of them.
    """
    if not duration:
        return []
    shown = [mark for mark in marks if mark.start <= duration]
    if len(shown) > MAX_MARKS:
        shown = _merge_marks(shown, duration)
    return [
        {
            **dataclasses.asdict(mark),
            "x": round(100 * mark.start / duration, 3),
            "width": round(100 * (min(mark.end or mark.start, duration) - mark.start) / duration, 3),
        }
        for mark in shown
    ]


def _merge_marks(marks: Sequence[TimelineMark], duration: float) -> list[TimelineMark]:
    groups: dict[int, list[TimelineMark]] = {}
    for mark in marks:
        groups.setdefault(int(MAX_MARKS * mark.start / duration), []).append(mark)
    return [
        dataclasses.replace(
            first,
            label=f"{first.label} (and {len(others)} more)" if others else first.label,
            end=max((mark.end for mark in (first, *others) if mark.end is not None), default=None),
            is_done=all(mark.is_done for mark in (first, *others)),
        )
        for first, *others in groups.values()
    ]
