"""Write notes on a comparison, and comments on a shared one, with plain forms."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.viewer import viewer_of
from notes import writing
from notes.comparisons import share_comments
from notes.comparisons.page import build_note_url
from notes.forms import CommentForm, ComparisonNoteForm
from notes.writing import NewNote
from sage.errors import ApplicationError, InvalidInput
from videos.models import Comparison
from videos.views.shares import keep_link_private


@login_required
@require_POST
def create_comparison_note(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """Create a note on one side of a comparison."""
    viewer = viewer_of(request)
    rows = Comparison.objects.owned_by(viewer).with_videos().defer("script")
    comparison = get_object_or_404(rows, pk=comparison_id)
    page = f"{reverse('videos:compare', args=[comparison.pk])}?panel=notes#notes"
    form = ComparisonNoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"{next(iter(form.errors.values()))[0]} The note was not saved.")
        return redirect(page)
    values = form.cleaned_data
    content = NewNote(
        seconds=values["timestamp"],
        end_seconds=values["end_timestamp"],
        text=values["text"],
        tags=values["tags"],
        comparison_id=comparison.pk,
        side=values["side"],
    )
    video = comparison.video_a if values["side"] == "a" else comparison.video_b
    try:
        note = writing.create_note(viewer, video, content)
    except InvalidInput as error:
        messages.error(request, f"{error.message} The note was not saved.")
        return redirect(page)
    return redirect(build_note_url(note))


@keep_link_private
@never_cache
@require_POST
def create_comment(request: HttpRequest, token: str) -> HttpResponse:
    """Create a comment of a visitor of a share link."""
    share_comments.find_share(token)
    query = {"panel": "notes"}
    form = CommentForm(request.POST)
    name = ""
    if form.is_valid():
        content = form.build_comment()
        name = content.name
        if content.seconds is not None:
            query |= {"t": f"{content.seconds:.3f}", **({"side": "a"} if content.side == "a" else {})}
        try:
            share_comments.create_comment(token, content)
        except ApplicationError as error:
            messages.error(request, f"{error.message} The comment was not saved.")
    else:
        messages.error(request, f"{next(iter(form.errors.values()))[0]} The comment was not saved.")
    response = redirect(f"{reverse('videos:shared', args=[token])}?{urlencode(query)}#comments")
    if name:
        share_comments.remember_name(request, response, name)
    return response
