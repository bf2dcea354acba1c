"""Give the composer what it needs to say what a question costs."""

from django import template
from django.conf import settings

from billing.operations import Operation

register = template.Library()


@register.simple_tag
def price_of(operation: str) -> int:
    """Return the price of an operation in tokens: per second of video for `analysis`, per call for all others."""
    return settings.PRICES.get(Operation(operation).value, 0)
