"""How many notices a visitor has not read, for the bell on every page."""

from django import template
from django.http import HttpRequest

from accounts.viewer import viewer_of
from videos import notices

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_notices(context: template.Context) -> int:
    request: HttpRequest = context["request"]
    return notices.unread(viewer_of(request))
