"""Tokens as people read them, and how many a visitor has left, for the header of every page."""

from decimal import Decimal

from django import template

from billing import ledger

register = template.Library()
GAP = "\N{NO-BREAK SPACE}"


@register.filter
def thousands(number: int) -> str:
    """3600 as `3,600`."""
    return f"{number:,}"


@register.filter
def signed(number: int) -> str:
    """With a plus, or a minus as wide as that."""
    return f"+{number:,}" if number > 0 else f"−{-number:,}"


@register.filter
def money(price: Decimal) -> str:
    """Without cents where there are none."""
    return f"{price:,.0f}" if price == int(price) else f"{price:,.2f}"


@register.filter
def of_video(tokens: int) -> str:
    """How much video they pay for, roughly: 3600 as `1 h`, 90 as `2 min`, 5 as `5 s`."""
    if tokens < 60:
        return f"{tokens}{GAP}s"
    hours, minutes = divmod(round(tokens / 60), 60)
    return " ".join([f"{hours:,}{GAP}h"] * bool(hours) + [f"{minutes}{GAP}min"] * bool(minutes))


@register.simple_tag(takes_context=True)
def tokens_left(context: template.Context) -> int:
    return ledger.balance(context["request"].user.pk).token_balance
