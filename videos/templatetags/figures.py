"""Numbers as people read them."""

from django import template

from videos.diff import words

register = template.Library()
FALLBACK = "–"


@register.filter
def clock(seconds: float | None, digits: int = 0) -> str:
    """`m:ss`, with as many digits after the second as are asked for."""
    return FALLBACK if seconds is None else words.clock(seconds, digits)


@register.filter
def percent(share: float | None) -> str:
    """0.5 as `50`: whole percent, rounded down, so that 100 means done."""
    return FALLBACK if share is None else str(int(share * 100))


@register.filter
def alike(similarity: float, differing: int) -> str:
    """How much of two videos is the same where so many differences are told."""
    return words.percent(similarity, differing)


@register.filter
def bit_rate(bits: float | None) -> str:
    """Bits a second in the unit that suits them."""
    if not bits:
        return FALLBACK
    return f"{bits / 1e6:.1f} Mbit/s" if bits >= 1e6 else f"{bits / 1e3:.0f} kbit/s"


@register.filter
def rate(frames: float | None) -> str:
    """Frames a second without zeros that say nothing: 24, 29.97."""
    return FALLBACK if not frames else f"{frames:.3f}".rstrip("0").rstrip(".")
