"""Tell other parts of the site that a comparison has a new result."""

from collections.abc import Callable

from videos.models import Comparison

_listeners: list[Callable[[Comparison], None]] = []


def register_result_listener(listener: Callable[[Comparison], None]) -> None:
    """Call `listener` in the transaction that completed a comparison or changed its threshold."""
    if listener not in _listeners:
        _listeners.append(listener)


def announce_result(comparison: Comparison) -> None:
    """Call the listeners with a comparison. Its fields may be older than the row."""
    for listener in _listeners:
        listener(comparison)
