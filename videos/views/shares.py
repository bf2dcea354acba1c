"""Show a shared comparison and its media to everyone who has the link."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sage.errors import ApplicationError
from sage.pages.errors import render_error
from videos import serving
from videos.comparisons import presentation, sharing
from videos.comparisons.media_urls import Side
from videos.comparisons.reviews import panels


def keep_link_private(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Hide the link, which grants access, from other sites and search engines, also on error pages."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except ApplicationError as problem:
            response = render_error(request, problem)
        # With "no-referrer" browsers send no origin with a form, and the CSRF check refuses the form.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


@keep_link_private
@never_cache
@require_safe
def shared_comparison(request: HttpRequest, token: str) -> HttpResponse:
    """Show the comparison, read-only, and count the opening."""
    share, comparison = sharing.resolve_token(token)
    if request.method == "GET" and request.user.pk != comparison.owner_id:
        sharing.record_open(share)
    staged = presentation.build_context(
        comparison,
        sharing.SharedMediaUrls(share),
        request.GET.dict(),
        read_only=True,
        build_panels=lambda script: panels.build_panels(request, comparison, script, share),
    )
    fresh = {
        "token": token,
        "ticket_url": reverse("videos:shared-ticket", args=[token]),
        "ticket_refresh_seconds": sharing.TICKET_REFRESH_SECONDS,
    }
    return render(request, "videos/shared.html", {**staged, **fresh, "share": share})


@keep_link_private
@never_cache
@require_safe
def share_ticket(request: HttpRequest, token: str) -> JsonResponse:
    """Return a new media ticket for an open page. This does not count as an opening."""
    try:
        share, _ = sharing.resolve_token(token)
    except ApplicationError as problem:
        return JsonResponse(problem.as_dict(), status=problem.status)
    return JsonResponse({"ticket": sharing.SharedMediaUrls(share).ticket})


@keep_link_private
@require_safe
def shared_file(request: HttpRequest, ticket: str, side: Side) -> HttpResponseBase:
    """Serve the playable file of one side, with ranges."""
    comparison = sharing.resolve_ticket(ticket)
    return serving.serve_shared_video(request, comparison.video_a if side == "a" else comparison.video_b)


@keep_link_private
@require_safe
def shared_derived_file(request: HttpRequest, ticket: str, side: Side, name: str) -> HttpResponseBase:
    """Serve the poster, a still, the sprites, their track or the frame times of one side."""
    comparison = sharing.resolve_ticket(ticket)
    return serving.serve_derived(request, comparison.video_a if side == "a" else comparison.video_b, name)


@keep_link_private
@require_safe
def shared_picture(request: HttpRequest, ticket: str, index: str, side: Side) -> HttpResponseBase:
    """Serve the picture of one difference on one side."""
    return serving.serve_picture(request, sharing.resolve_ticket(ticket), int(index), side)
