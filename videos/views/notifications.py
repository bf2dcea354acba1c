"""Show the notifications and mark them as read."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.viewer import viewer_of
from videos import notifications
from videos.models import Notice


@login_required
@require_safe
def notification_list(request: HttpRequest) -> HttpResponse:
    """Show the latest notifications, newest first, or with `?list` only the list for the menu."""
    template = "videos/_notification_list.html" if "list" in request.GET else "videos/notifications.html"
    return render(request, template, {"notices": notifications.select_latest(viewer_of(request))})


@login_required
@require_safe
def open_notification(request: HttpRequest, notice_id: uuid.UUID) -> HttpResponse:
    """Mark a notification as read, and redirect to the page that it is about."""
    viewer = viewer_of(request)
    notice = get_object_or_404(Notice.objects.owned_by(viewer), pk=notice_id)
    notifications.mark_read(viewer, [notice.pk])
    return redirect(notice.get_absolute_url())


@login_required
@require_POST
def mark_notifications_read(request: HttpRequest) -> HttpResponse:
    """Mark all notifications as read, or those that `id` names."""
    named = [one for text in request.POST.getlist("id") if (one := _parse_uuid(text))]
    notifications.mark_read(viewer_of(request), named if "id" in request.POST else None)
    return HttpResponse(status=204) if "quiet" in request.POST else redirect("videos:notifications")


def _parse_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
