"""Show the search page and similar shots."""

import math
import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.viewer import viewer_of
from videos.forms import SearchForm
from videos.models import Collection, Video
from videos.search.kinds import build_moment_url, build_still_url
from videos.search.results import SearchResult, search_library
from videos.search.similar import SimilarMoment, find_similar

RESULTS_PER_PAGE = 20
SIMILAR_MOMENTS = 24


@login_required
@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Search the viewer's library by the query string, and show the results by video."""
    viewer = viewer_of(request)
    form = SearchForm(request.GET)
    context: dict[str, Any] = {"form": form, "collections": Collection.objects.owned_by(viewer)}
    if not request.GET.get("q", "").strip():
        return render(request, "videos/search.html", {**context, "is_empty": True})
    if not form.is_valid():
        return render(request, "videos/search.html", context, status=422)
    results = search_library(viewer, form.cleaned_data["q"], form.filters)
    page: Page[SearchResult] = Paginator(results, RESULTS_PER_PAGE).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    context |= {"page": page, "groups": _group_by_video(list(page)), "has_filters": _has_filters(form)}
    context["notice"] = results.notice
    return render(request, "videos/search.html", context)


def _group_by_video(results: list[SearchResult]) -> list[list[SearchResult]]:
    """Return the results of one page by video, in the order of each video's best result."""
    groups: dict[Any, list[SearchResult]] = {}
    for result in results:
        groups.setdefault(result.video_id or result.url, []).append(result)
    return list(groups.values())


def _has_filters(form: SearchForm) -> bool:
    return any(value for name, value in form.cleaned_data.items() if name != "q")


@login_required
@require_safe
def similar_shots(request: HttpRequest, video_id: uuid.UUID | str) -> HttpResponse:
    """Show the moments of the viewer's library that look like a part of a video. `start` and `end` are seconds."""
    viewer = viewer_of(request)
    video = get_object_or_404(Video.objects.visible_to(viewer).with_id(video_id))
    start, end = (_parse_seconds(request.GET.get(name)) for name in ("start", "end"))
    if end is not None and end <= (start or 0.0):
        end = None
    similar = find_similar(viewer, video, start, end, SIMILAR_MOMENTS)
    context = {
        "video": video,
        "start": start,
        "still_url": build_still_url(video, start, end),
        "moments": [_describe_moment(moment) for moment in similar.moments],
        "similar_videos": similar.videos[:6],
    }
    return render(request, "videos/similar.html", context)


def _describe_moment(moment: SimilarMoment) -> dict[str, Any]:
    return {
        "title": moment.video.title,
        "start": moment.start,
        "score": moment.score,
        "url": build_moment_url(moment.video, moment.start),
        "still_url": build_still_url(moment.video, moment.start, moment.end),
    }


def _parse_seconds(text: str | None) -> float | None:
    """Return seconds of the query string. None if the value is missing or invalid."""
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
