"""Tell templates whether Google sign-in is configured."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def has_google() -> bool:
    """Return whether Google sign-in is configured."""
    return bool(settings.GOOGLE_CLIENT_ID)
