"""What whoever has a link may open: one comparison, to look at, and its media. No session is asked for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sage import errors
from sage.errors import Problem
from videos import serving, sharing, showing
from videos.addresses import Side


def unlisted(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The link is the permission: it goes to no other site and into no index, whatever the answer is."""

    @wraps(view)
    def quiet(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Problem as problem:
            response = errors.show(request, problem)
        # With none at all browsers hide where a form comes from, and it is refused.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return quiet


@unlisted
@never_cache
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The comparison as its owner left it, read-only."""
    share, comparison = sharing.find(token)
    if request.method == "GET" and request.user.pk != comparison.owner_id:
        sharing.opened(share)
    staged = showing.stage(comparison, sharing.SharedAddresses(share), request.GET.dict(), read_only=True)
    fresh = {"tickets": reverse("videos:shared-ticket", args=[token]), "fresh_seconds": sharing.FRESH_SECONDS}
    return render(request, "videos/shared.html", {**staged, **fresh, "share": share})


@unlisted
@never_cache
@require_safe
def ticket(request: HttpRequest, token: str) -> JsonResponse:
    """A fresh ticket for the media, for a page that stays open; it counts as no further visit."""
    try:
        share, _ = sharing.find(token)
    except Problem as problem:
        return JsonResponse(problem.as_dict(), status=problem.status)
    return JsonResponse({"ticket": sharing.SharedAddresses(share).ticket})


@unlisted
@require_safe
def file(request: HttpRequest, ticket: str, side: Side) -> HttpResponseBase:
    """What plays of one side, in ranges."""
    comparison = sharing.from_ticket(ticket)
    return serving.shared_file(request, comparison.video_a if side == "a" else comparison.video_b)


@unlisted
@require_safe
def derived(request: HttpRequest, ticket: str, side: Side, name: str) -> HttpResponseBase:
    """The poster, a still, sprites and their track, or the frame times of one side."""
    comparison = sharing.from_ticket(ticket)
    return serving.derived_file(request, comparison.video_a if side == "a" else comparison.video_b, name)


@unlisted
@require_safe
def picture(request: HttpRequest, ticket: str, index: str, side: Side) -> HttpResponseBase:
    """The still of one difference on one side."""
    return serving.picture(request, sharing.from_ticket(ticket), int(index), side)
