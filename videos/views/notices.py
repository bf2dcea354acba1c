"""What has ended, as a page and as the sheet below the bell."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.viewer import viewer_of
from videos import notices
from videos.models import Notice


@login_required
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The last fifty, newest first; for a script the list alone."""
    template = "videos/_notices.html" if "list" in request.GET else "videos/notices.html"
    return render(request, template, {"notices": notices.latest(viewer_of(request))})


@login_required
@require_safe
def follow(request: HttpRequest, notice_id: uuid.UUID) -> HttpResponse:
    """To what it is about; so it is read."""
    viewer = viewer_of(request)
    notice = get_object_or_404(Notice.objects.owned_by(viewer), pk=notice_id)
    notices.read(viewer, [notice.pk])
    return redirect(notice.address)


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """All are read, or those named by `id`."""
    named = [one for text in request.POST.getlist("id") if (one := _uuid(text))]
    notices.read(viewer_of(request), named if "id" in request.POST else None)
    return HttpResponse(status=204) if "quiet" in request.POST else redirect("videos:notices")


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
