"""Place carried notes by hand, with plain forms."""

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.viewer import viewer_of
from notes.carrying import carry
from notes.forms import TimestampFormField
from sage.durations import MOST_SECONDS
from sage.errors import InvalidInput
from videos.models import Video


class PlaceForm(forms.Form):
    """Choose a time. `seconds` is the exact time of the player, sent by the script."""

    timestamp = TimestampFormField(error_messages={"required": "Enter the time, such as 1:05."})
    seconds = forms.FloatField(required=False, min_value=0, max_value=MOST_SECONDS)


@login_required
@require_POST
def place_note(request: HttpRequest, video_id: uuid.UUID | str, note_id: uuid.UUID) -> HttpResponse:
    """Place a note of an earlier version at a time of this version."""
    viewer = viewer_of(request)
    video = get_object_or_404(Video.objects.owned_by(viewer).with_id(video_id))
    form = PlaceForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"{next(iter(form.errors.values()))[0]} The note was not moved.")
        return _show_note(video, note_id)
    exact, seconds = form.cleaned_data["seconds"], form.cleaned_data["timestamp"]
    if exact is not None and int(exact) == seconds:
        seconds = exact
    try:
        carry.place_note(viewer, note_id, video, seconds)
    except InvalidInput as error:
        messages.error(request, f"{error.message} The note was not moved.")
    return _show_note(video, note_id, seconds)


@login_required
@require_POST
def unplace_note(request: HttpRequest, video_id: uuid.UUID | str, note_id: uuid.UUID) -> HttpResponse:
    """Return a note to the place that the comparison found."""
    viewer = viewer_of(request)
    video = get_object_or_404(Video.objects.owned_by(viewer).with_id(video_id))
    carry.unplace_note(viewer, note_id, video)
    return _show_note(video, note_id)


def _show_note(video: Video, note_id: uuid.UUID, seconds: float | None = None) -> HttpResponse:
    moment = "" if seconds is None else f"&t={seconds:.2f}"
    return redirect(f"{reverse('videos:watch', args=[video.video_id])}?panel=notes{moment}#note-{note_id}")
