"""Format numbers for templates."""

from typing import Any

from django import template

from videos.diff.script import wording

register = template.Library()
FALLBACK = "–"


@register.filter
def clock(seconds: float | None, digits: int = 0) -> str:
    """Format seconds as `m:ss`, with `digits` decimals."""
    return FALLBACK if seconds is None else wording.clock(seconds, digits)


@register.filter
def percent(share: float | None) -> str:
    """Format a share as whole percent, rounded down so that 100 means done: 0.5 is `50`."""
    return FALLBACK if share is None else str(int(share * 100))


@register.filter
def format_similarity(similarity: float, differing: int) -> str:
    """Format a similarity in percent, below 100 if there are differences."""
    return wording.percent(similarity, differing)


@register.filter
def bit_rate(bits: float | None) -> str:
    """Format bits per second as Mbit/s or kbit/s."""
    if not bits:
        return FALLBACK
    return f"{bits / 1e6:.1f} Mbit/s" if bits >= 1e6 else f"{bits / 1e3:.0f} kbit/s"


@register.filter
def rate(frames: float | None) -> str:
    """Format frames per second without trailing zeros, such as 24 or 29.97."""
    return FALLBACK if not frames else f"{frames:.3f}".rstrip("0").rstrip(".")


@register.filter
def similarity_help(script: dict[str, Any]) -> str:
    """Return how the similarity of a script is counted."""
    if script.get("mode") == "interval":
        return "100 % minus the mean distance of the 2 s intervals. The sensitivity does not change it."
    return "Share of the duration of both videos that is the same at this sensitivity. Moved shots count as different."
