"""Pages: the front page, the library, one video."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.viewer import Viewer, viewer_of
from sage.errors import Conflict, Problem
from videos import cleaning, demo, listing, pipeline, rereading, serving, uploads, versions
from videos import library as room
from videos.forms import LibraryForm, UploadForm, VideoForm
from videos.models import Collection, Comparison, Video
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
    """One's own videos, as the address asks for them, and the latest comparisons.

    Of versions the newest stands for all, unless something is looked for.
    """
    viewer = viewer_of(request)
    wanted = LibraryForm(request.GET).wanted
    if wanted.get("deleted"):
        return _deleted(request, wanted)
    collection = wanted.get("collection")
    sort = wanted.get("sort", room.NEWEST)
    videos = room.found(viewer, wanted.get("q", ""), sort, collection, wanted.get("state", ""))
    if not wanted.keys() & {"q", "state"}:
        videos = videos.tops()
    page = Paginator(videos.for_cards(), VIDEOS_A_PAGE).get_page(request.GET.get("page"))
    recent = Comparison.objects.owned_by(viewer).with_sides().with_figures()[: 0 if wanted else RECENT_COMPARISONS]
    version_of = _version_of(viewer, request.GET.get("version_of"))
    form = UploadForm(viewer, initial={"version_of": version_of and version_of.pk, "collection": collection})
    context = {"page": page, "lines": listing.lines(recent), "upload_form": form, "version_of": version_of}
    return render(request, "videos/library.html", {**context, **_shelf(request, wanted)})


def _deleted(request: HttpRequest, wanted: dict[str, Any]) -> HttpResponse:
    """What can still be brought back."""
    page = Paginator(room.deleted(viewer_of(request)), VIDEOS_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "kept_days": room.grace().days, "deleted": True}
    return render(request, "videos/library.html", {**context, **_shelf(request, wanted)})


def _shelf(request: HttpRequest, wanted: dict[str, Any]) -> dict[str, Any]:
    """What stands around the grid: collections, and what is asked for."""
    collections = list(Collection.objects.owned_by(viewer_of(request)).with_counts())
    chosen = next((one for one in collections if one.pk == wanted.get("collection")), None)
    return {"collections": collections, "collection": chosen, "asked": LibraryForm(initial=wanted), "wanted": wanted}


def _version_of(viewer: Viewer, named: str | None) -> Video | None:
    """The video that the next upload is to be a version of, where the address names one."""
    try:
        wanted = uuid.UUID(named or "")
    except ValueError:
        return None
    return Video.objects.owned_by(viewer).filter(pk=wanted).first()


@login_required
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """The plain form, for browsers without scripts: whole files in one request."""
    form = UploadForm(viewer_of(request), request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("videos:library")
    version_of, collection = form.cleaned_data["version_of"], form.cleaned_data["collection"]
    for file in form.cleaned_data["files"]:
        try:
            video, is_new = uploads.take_whole(viewer_of(request), file, version_of, collection)
        except Problem as problem:
            messages.error(request, problem.message)
        else:
            said = "has arrived. It is being read now" if is_new else _already(video, version_of, collection)
            messages.success(request, f"“{video.filename}” {said}.")
    return redirect("videos:library")


def _already(video: Video, version_of: Video | None, collection: Collection | None) -> str:
    """Said of a file that is here, and of what was wished for it; the page's script says it alike."""
    said = "is in your library already"
    if version_of and version_of != video and video.stack_id:
        together = Video.objects.filter(pk=version_of.pk, stack=video.stack_id).exists()
        where = (
            f"as version {video.version} of this film" if together else "as a version of another film, and stays that"
        )
        return f"{said}, {where}"
    return f"{said}, in another collection, and stays there" if collection and video.collection != collection else said


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """Rename a video and put it into a collection, by a form."""
    viewer, video = viewer_of(request), _owned(request, video_id)
    initial = {"title": video.title, "collection": video.collection_id}
    form = VideoForm(viewer, request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        collection = form.cleaned_data["collection"]
        room.change(viewer, video, {"title": form.cleaned_data["title"], "collection_id": collection and collection.pk})
        return redirect("videos:watch", video_id=video.pk)
    return render(request, "videos/edit.html", {"video": video, "form": form}, status=422 if form.errors else 200)


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
    context = {
        "video": video,
        "jobs": video.jobs.all(),
        "again": rereading.job_of(video),
        "others": others,
        "before": versions.one_before(video),
        "steps": versions.steps(video),
    }
    return render(request, "videos/watch.html", context)


@login_required
@require_POST
def act(request: HttpRequest, video_id: uuid.UUID, action: str) -> HttpResponse:
    """Cancel, retry or delete, from a form."""
    video = _owned(request, video_id)
    if action == "delete":
        cleaning.delete(video)
        days = room.grace().days
        messages.success(request, f"“{video.title}” is deleted. For {days} days it can be brought back, under Deleted.")
        return redirect("videos:library")
    {"cancel": pipeline.cancel, "retry": pipeline.retry}[action](video)
    return redirect("videos:watch", video_id=video.pk)


@login_required
@require_POST
def restore(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """Bring a deleted video back, from a form."""
    try:
        video = room.restore(viewer_of(request), video_id)
    except Conflict:  # in another tab
        messages.success(request, "This video is back already.")
    else:
        messages.success(request, f"“{video.title}” is back.")
    return redirect("videos:library")


# --- Media, to whoever may see the video ---


@require_safe
def derived(request: HttpRequest, video_id: uuid.UUID, name: str) -> HttpResponseBase:
    """The poster, a still, sprites and their track, or the frame times (little-endian float64 seconds) of a video."""
    return serving.derived_file(request, _visible(request, video_id), name)


def _visible(request: HttpRequest, video_id: uuid.UUID) -> Video:
    return get_object_or_404(Video.objects.visible_to(viewer_of(request)), pk=video_id)


def _owned(request: HttpRequest, video_id: uuid.UUID) -> Video:
    return get_object_or_404(Video.objects.owned_by(viewer_of(request)).for_cards(), pk=video_id)
