"""Addresses of media, asked of whatever `Addresses` the page was given."""

from django import template

from videos.addresses import Addresses, Side

register = template.Library()


@register.simple_tag
def picture(addresses: Addresses, index: int, side: Side) -> str:
    """The still of one difference on one side."""
    return addresses.picture(index, side)
