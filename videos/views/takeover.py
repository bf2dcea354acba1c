"""Take over the captions and chapters of the version before."""

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.viewer import viewer_of
from sage.errors import ApplicationError
from videos.models import Video
from videos.transcripts import takeover

MAX_LISTED = 500  # lines in changed or deleted footage on the page


class TakeoverForm(forms.Form):
    """Choose what to take over."""

    captions = forms.BooleanField(required=False)
    chapters = forms.BooleanField(required=False)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take_over(request: HttpRequest, video_id: uuid.UUID | str) -> HttpResponse:
    """Show which captions and chapters of the version before are in this one, and take them over."""
    video = get_object_or_404(Video.objects.owned_by(viewer_of(request)).with_id(video_id))
    if request.method == "POST":
        form = TakeoverForm(request.POST)
        form.is_valid()  # it has no field that can be invalid
        try:
            takeover.take_over(video, captions=form.cleaned_data["captions"], chapters=form.cleaned_data["chapters"])
        except ApplicationError as error:
            messages.error(request, error.message)
        else:
            messages.success(
                request, "Taken over. The lines below are in changed or deleted footage, if there are any."
            )
        return redirect("videos:take-over", video_id=video.video_id)
    found = takeover.prepare_takeover(video)
    context = {
        "video": video,
        "takeover": found,
        "nothing": takeover.NOTHING,
        "lines": [*found.differing_cues, *found.differing_chapters][:MAX_LISTED] if found else [],
    }
    return render(request, "videos/take_over.html", context)
