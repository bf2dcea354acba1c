"""Conform a file from the page of a comparison."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.viewer import viewer_of
from sage.errors import ApplicationError
from videos.comparisons import conform
from videos.models import Comparison


@login_required
@require_POST
def conform_file(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """Download an uploaded file with its times in B."""
    viewer = viewer_of(request)
    comparison = get_object_or_404(Comparison.objects.visible_to(viewer).with_videos(), pk=comparison_id)
    try:
        file = request.FILES.get("file")
        return conform.conform_upload(viewer, comparison, file, request.POST.get("to", "")).as_response()
    except ApplicationError as error:
        messages.error(request, error.message)
    return redirect("videos:compare", comparison_id=comparison.pk)
