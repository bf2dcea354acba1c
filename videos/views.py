"""Pages: the front page, the library, one video, comparisons."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.viewer import viewer_of
from sage.errors import Problem
from videos import cleaning, comparison, demo, pipeline, serving, showing, uploads
from videos.addresses import OwnAddresses, Side
from videos.forms import ComparisonForm, UploadForm
from videos.models import Comparison, Video

VIDEOS_A_PAGE = 24
RECENT_COMPARISONS = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Sage does, shown on a comparison that it made itself; the library for who is signed in."""
    if request.user.is_authenticated:
        return redirect("videos:library")
    shown = demo.comparison()
    return render(request, "videos/home.html", _stage(request, shown) if shown else {"comparison": None})


@login_required
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """One's own videos, newest first, and the latest comparisons."""
    viewer = viewer_of(request)
    videos = Video.objects.owned_by(viewer).prefetch_related("jobs")
    page = Paginator(videos, VIDEOS_A_PAGE).get_page(request.GET.get("page"))
    recent = Comparison.objects.owned_by(viewer).with_sides()[:RECENT_COMPARISONS]
    context = {
        "page": page,
        "comparisons": recent,
        "upload_form": UploadForm(),
        "upload_limits": {"part_size": uploads.PART_SIZE, "endings": sorted(uploads.ENDINGS)},
    }
    return render(request, "videos/library.html", context)


@login_required
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """The plain form, for browsers without scripts: whole files in one request."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, str(form.errors["files"][0]))
        return redirect("videos:library")
    for file in form.cleaned_data["files"]:
        try:
            video = uploads.take_whole(viewer_of(request), file)
        except Problem as problem:
            messages.error(request, problem.message)
        else:
            messages.success(request, f"“{video.filename}” has arrived. It is being read now.")
    return redirect("videos:library")


@login_required
@require_GET
def card(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """One video's card in the library, to be swapped in as its state changes."""
    return render(request, "videos/_card.html", {"video": _owned(request, video_id)})


@require_safe
def watch(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """One video: the player, and what Sage knows of the file."""
    video = _visible(request, video_id)
    others = Video.objects.owned_by(viewer_of(request)).ready().exclude(pk=video.pk)[:50]
    return render(request, "videos/watch.html", {"video": video, "jobs": video.jobs.all(), "others": others})


@login_required
@require_POST
def act(request: HttpRequest, video_id: uuid.UUID, action: str) -> HttpResponse:
    """Cancel, retry or delete, from a form."""
    video = _owned(request, video_id)
    if action == "delete":
        cleaning.delete(video)
        messages.success(request, f"“{video.title}” is deleted.")
        return redirect("videos:library")
    {"cancel": pipeline.cancel, "retry": pipeline.retry}[action](video)
    return redirect("videos:watch", video_id=video.pk)


# --- Media, to whoever may see the video ---


@require_safe
def derived(request: HttpRequest, video_id: uuid.UUID, name: str) -> HttpResponseBase:
    """The poster, a still, or the frame times (little-endian float64 seconds) of a video."""
    return serving.derived_file(request, _visible(request, video_id), name)


@require_safe
def picture(request: HttpRequest, comparison_id: uuid.UUID, index: str, side: Side) -> HttpResponseBase:
    """The still of one difference on one side."""
    shown = get_object_or_404(Comparison.objects.visible_to(viewer_of(request)).with_sides(), pk=comparison_id)
    return serving.picture(request, shown, int(index), side)


# --- Comparisons ---


@login_required
def comparisons(request: HttpRequest) -> HttpResponse:
    """Choose two ready videos; below, what was compared before."""
    viewer = viewer_of(request)
    form = ComparisonForm(viewer, request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            made = comparison.compare(viewer, form.cleaned_data["a"], form.cleaned_data["b"])
        except Problem as problem:
            form.add_error(None, problem.message)
        else:
            return redirect("videos:compare", comparison_id=made.pk)
    made_before = Comparison.objects.owned_by(viewer).with_sides()
    page = Paginator(made_before, VIDEOS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "videos/comparisons.html", {"form": form, "page": page}, status=422 if form.errors else 200)


@require_safe
def compare(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """Two players over one timeline; while it is worked out, where it stands."""
    shown = get_object_or_404(Comparison.objects.visible_to(viewer_of(request)).with_sides(), pk=comparison_id)
    if not shown.is_completed:
        return render(request, "videos/comparing.html", {"comparison": shown})
    return render(request, "videos/compare.html", _stage(request, shown))


@login_required
@require_POST
def act_on_comparison(request: HttpRequest, comparison_id: uuid.UUID, action: str) -> HttpResponse:
    """Cancel or retry, from a form."""
    shown = get_object_or_404(Comparison.objects.owned_by(viewer_of(request)), pk=comparison_id)
    {"cancel": comparison.cancel, "retry": comparison.retry}[action](shown)
    return redirect("videos:compare", comparison_id=shown.pk)


def _stage(request: HttpRequest, shown: Comparison) -> dict[str, Any]:
    """What the page shows of a comparison; only its owner may change anything there."""
    read_only = shown.owner_id != request.user.pk
    return showing.stage(shown, OwnAddresses(shown), request.GET.dict(), read_only=read_only)


def _visible(request: HttpRequest, video_id: uuid.UUID) -> Video:
    return get_object_or_404(Video.objects.visible_to(viewer_of(request)), pk=video_id)


def _owned(request: HttpRequest, video_id: uuid.UUID) -> Video:
    return get_object_or_404(Video.objects.owned_by(viewer_of(request)).prefetch_related("jobs"), pk=video_id)
