"""Pages: the front page, the library, one video."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.viewer import viewer_of
from sage.errors import Problem
from videos import cleaning, demo, listing, pipeline, rereading, serving, uploads
from videos.announced import ENDINGS
from videos.forms import UploadForm
from videos.models import Comparison, Video
from videos.views.comparisons import stage

VIDEOS_A_PAGE = 24
RECENT_COMPARISONS = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Sage does, shown on a comparison that it made itself; the library for who is signed in."""
    if request.user.is_authenticated:
        return redirect("videos:library")
    shown = demo.comparison()
    return render(request, "videos/home.html", stage(request, shown) if shown else {"comparison": None})


@login_required
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """One's own videos, newest first, and the latest comparisons."""
    viewer = viewer_of(request)
    videos = Video.objects.owned_by(viewer).prefetch_related("jobs")
    page = Paginator(videos, VIDEOS_A_PAGE).get_page(request.GET.get("page"))
    recent = Comparison.objects.owned_by(viewer).with_sides().with_figures()[:RECENT_COMPARISONS]
    context = {
        "page": page,
        "lines": listing.lines(recent),
        "upload_form": UploadForm(),
        "upload_limits": {"part_size": uploads.PART_SIZE, "endings": sorted(ENDINGS)},
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
            video, is_new = uploads.take_whole(viewer_of(request), file)
        except Problem as problem:
            messages.error(request, problem.message)
        else:
            said = "has arrived. It is being read now." if is_new else "is in your library already."
            messages.success(request, f"“{video.filename}” {said}")
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
    context = {"video": video, "jobs": video.jobs.all(), "again": rereading.job_of(video), "others": others}
    return render(request, "videos/watch.html", context)


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
    """The poster, a still, sprites and their track, or the frame times (little-endian float64 seconds) of a video."""
    return serving.derived_file(request, _visible(request, video_id), name)


def _visible(request: HttpRequest, video_id: uuid.UUID) -> Video:
    return get_object_or_404(Video.objects.visible_to(viewer_of(request)), pk=video_id)


def _owned(request: HttpRequest, video_id: uuid.UUID) -> Video:
    return get_object_or_404(Video.objects.owned_by(viewer_of(request)).prefetch_related("jobs"), pk=video_id)
