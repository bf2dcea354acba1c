"""Give the composer what it needs to say what a question costs."""

from django import template
from django.conf import settings

from billing.operations import Operation
from chat.models import MAX_VIDEOS

register = template.Library()


@register.simple_tag
def price_of(operation: str) -> int:
    """Return the price of an operation in tokens: per second of video for `analysis`, per call for all others."""
    return settings.PRICES.get(Operation(operation).value, 0)


@register.simple_tag
def max_videos() -> int:
    """Return how many videos a question can bring."""
    return MAX_VIDEOS
