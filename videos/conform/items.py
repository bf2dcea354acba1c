"""The timed parts of a file, and where they are in B."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sage.errors import InvalidInput
from videos.diff.script.time_mapping import MappedState, TimeMapping

ConformState = Literal["carried", "moved", "changed", "dropped"]
STATES: tuple[ConformState, ...] = ("carried", "moved", "changed", "dropped")
STATE_NAMES: dict[MappedState, ConformState] = {
    "unchanged": "carried", "moved": "moved", "changed": "changed", "deleted": "dropped"
}  # fmt: skip
MAX_ITEMS = 100_000
MARKER_SECONDS = 2.0  # how long a marker without an end is shown as a subtitle


@dataclass(frozen=True, slots=True)
class TimedItem:
    """One cue, marker, event or clip at seconds of A. `end` is None for a marker.

    `source` is what its own format needs to write it again.
    """

    start: float
    end: float | None
    text: str
    source: Any = None


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """An item and its place in B in seconds. `start` is None if it was dropped.

    `kept_from` is the second of A at which the kept part begins.
    """

    index: int
    item: TimedItem
    state: ConformState
    start: float | None
    end: float | None
    kept_from: float | None = None

    @property
    def seconds(self) -> float:
        """The duration in B, 0 for a marker."""
        return 0.0 if self.start is None or self.end is None else self.end - self.start


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """The items of a file in their order, and how to write the file again with other times."""

    kind: str
    items: list[TimedItem]
    write: Callable[[Sequence[PlacedItem]], str]


def place_items(items: Sequence[TimedItem], mapping: TimeMapping) -> list[PlacedItem]:
    """Return every item with its place in B, in the order of the file."""
    return [_place_item(index, item, mapping) for index, item in enumerate(items)]


def _place_item(index: int, item: TimedItem, mapping: TimeMapping) -> PlacedItem:
    mapped = mapping.map_moment(item.start) if item.end is None else mapping.map_range(item.start, item.end)
    end = mapped.start if item.end is not None and mapped.end is None else mapped.end
    return PlacedItem(index, item, STATE_NAMES[mapped.state], mapped.start, end, mapped.kept_from)


def list_kept(placed: Sequence[PlacedItem]) -> list[tuple[PlacedItem, float]]:
    """Return the items that are in B with their start there, in order of time."""
    kept = [(each, each.start) for each in placed if each.start is not None]
    return sorted(kept, key=lambda pair: (pair[1], pair[0].index))


def count_states(placed: Sequence[PlacedItem]) -> dict[ConformState, int]:
    counts = Counter(each.state for each in placed)
    return {state: counts[state] for state in STATES}


def refuse(message: str) -> InvalidInput:
    """Return the error of a file that cannot be read."""
    return InvalidInput.field("file", message, "invalid")


def check_span(start: float, end: float | None, name: str) -> None:
    """Raise `InvalidInput` if an item ends before it starts. `name` is its name in the message: “Cue 3”."""
    if end is not None and end < start:
        raise refuse(f"{name} ends before it starts. Correct its times.")
