"""Count unread notifications for the menu on every page."""

from django import template
from django.http import HttpRequest

from accounts.viewer import viewer_of
from videos import notifications

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_notices(context: template.Context) -> int:
    request: HttpRequest = context["request"]
    return notifications.count_unread(viewer_of(request))
