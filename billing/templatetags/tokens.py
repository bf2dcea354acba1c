"""Format tokens and prices, and read the balance for the page header."""

from decimal import Decimal

from django import template

from billing import ledger

register = template.Library()
NBSP = "\N{NO-BREAK SPACE}"


@register.filter
def thousands(number: int) -> str:
    """Format 3600 as `3,600`."""
    return f"{number:,}"


@register.filter
def signed(number: int) -> str:
    """Format a number with a plus or a minus sign of the same width."""
    return f"+{number:,}" if number > 0 else f"−{-number:,}"


@register.filter
def money(price: Decimal) -> str:
    """Format a price, without cents if it has none."""
    return f"{price:,.0f}" if price == int(price) else f"{price:,.2f}"


@register.filter
def video_duration(tokens: int) -> str:
    """Format the duration of video that tokens pay for: 3600 as `1 h`, 90 as `2 min`, 5 as `5 s`."""
    if tokens < 60:
        return f"{tokens}{NBSP}s"
    hours, minutes = divmod(round(tokens / 60), 60)
    return " ".join([f"{hours:,}{NBSP}h"] * bool(hours) + [f"{minutes}{NBSP}min"] * bool(minutes))


@register.simple_tag(takes_context=True)
def token_balance(context: template.Context) -> int:
    """Return the balance of the signed-in user. The header and the menu share one query."""
    request = context["request"]
    if not hasattr(request, "token_balance"):
        request.token_balance = ledger.balance(request.user.pk).token_balance
    return int(request.token_balance)
