"""Whether Google's button is shown."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def has_google() -> bool:
    return bool(settings.GOOGLE_CLIENT_ID)
