"""Show the home page, the library and single videos, and act on videos."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.viewer import Viewer, viewer_of
from sage.errors import ApplicationError, Conflict
from videos import demo, serving
from videos.comparisons import summaries
from videos.forms import LibraryForm, UploadForm, VideoForm
from videos.library import deletion, editing, queries
from videos.models import Collection, Comparison, Video
from videos.processing import pipeline
from videos.screen_text import pipeline as screen_text
from videos.uploads import single_request
from videos.views.comparisons import build_page_context
from videos.youtube import entries

VIDEOS_PER_PAGE = 24
RECENT_COMPARISONS = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page with the demo comparison. Redirect signed-in users to their library."""
    if request.user.is_authenticated:
        return redirect("videos:library")
    shown = demo.get_demo_comparison()
    if shown:
        return render(request, "videos/home.html", build_page_context(request, shown))
    return render(request, "videos/home.html", {"comparison": None, "is_demo_coming": demo.is_demo_coming()})


@login_required
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Show the viewer's videos by the filters of the query string, and the latest comparisons.

    Only the newest version of each stack is listed, unless a search or a state is given.
    """
    viewer = viewer_of(request)
    filters = LibraryForm(request.GET).filters
    if filters.get("deleted"):
        return _show_trash(request, filters)
    collection = filters.get("collection")
    sort = filters.get("sort", queries.DEFAULT_SORT)
    videos = queries.search_videos(viewer, filters.get("q", ""), sort, collection, filters.get("state", ""))
    if not filters.keys() & {"q", "state"}:
        videos = videos.latest_versions()
    page = Paginator(videos.with_card_data(), VIDEOS_PER_PAGE).get_page(request.GET.get("page"))
    recent = Comparison.objects.owned_by(viewer).with_videos().with_summary()[: 0 if filters else RECENT_COMPARISONS]
    version_of = _find_previous_version(viewer, request.GET.get("version_of"))
    form = UploadForm(viewer, initial={"version_of": version_of and version_of.pk, "collection": collection})
    context = {
        "page": page,
        "summaries": summaries.summarise_comparisons(recent),
        "upload_form": form,
        "version_of": version_of,
    }
    return render(request, "videos/library.html", {**context, **_build_sidebar(request, filters)})


def _show_trash(request: HttpRequest, filters: dict[str, Any]) -> HttpResponse:
    """Show the trash."""
    page = Paginator(queries.list_restorable_videos(viewer_of(request)), VIDEOS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"page": page, "restore_days": queries.get_restore_period().days, "deleted": True}
    return render(request, "videos/library.html", {**context, **_build_sidebar(request, filters)})


def _build_sidebar(request: HttpRequest, filters: dict[str, Any]) -> dict[str, Any]:
    """Return the collections and the filters that are shown around the grid."""
    collections = list(Collection.objects.owned_by(viewer_of(request)).with_counts())
    chosen = next((one for one in collections if one.pk == filters.get("collection")), None)
    return {
        "collections": collections,
        "collection": chosen,
        "filter_form": LibraryForm(initial=filters),
        "filters": filters,
    }


def _find_previous_version(viewer: Viewer, named: str | None) -> Video | None:
    """Return the video whose new version the next upload becomes, if the query string names one."""
    try:
        video_id = uuid.UUID(named or "")
    except ValueError:
        return None
    return Video.objects.owned_by(viewer).filter(pk=video_id).first()


@login_required
@require_POST
def upload_videos(request: HttpRequest) -> HttpResponse:
    """Store the files of the upload form of browsers without JavaScript."""
    form = UploadForm(viewer_of(request), request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("videos:library")
    version_of, collection = form.cleaned_data["version_of"], form.cleaned_data["collection"]
    for file in form.cleaned_data["files"]:
        try:
            video, is_new = single_request.store_file(viewer_of(request), file, version_of, collection)
        except ApplicationError as problem:
            messages.error(request, problem.message)
        else:
            outcome = (
                "is uploaded and is being processed" if is_new else _describe_duplicate(video, version_of, collection)
            )
            messages.success(request, f"“{video.filename}” {outcome}.")
    return redirect("videos:library")


def _describe_duplicate(video: Video, version_of: Video | None, collection: Collection | None) -> str:
    """Return the message for a file that the library already has. upload.js has the same words."""
    known = "is already in your library"
    if version_of and version_of != video and video.stack_id:
        together = Video.objects.filter(pk=version_of.pk, stack=video.stack_id).exists()
        if together:
            return f"{known}, as version {video.version} of this video"
        return f"{known}, as a version of another video. It was not changed"
    if collection and video.collection != collection:
        return f"{known}, in another collection. It was not moved"
    return known


@login_required
@require_POST
def add_youtube_video(request: HttpRequest) -> HttpResponse:
    """Add the YouTube video of the form to the library, and show it."""
    try:
        video, is_new = entries.add_video(viewer_of(request), request.POST.get("url", ""))
    except ApplicationError as problem:
        messages.error(request, problem.message)
        return redirect("videos:library")
    if not is_new:
        messages.success(request, f"“{video.shown_title}” is already in your library.")
    return redirect("videos:watch", video_id=video.video_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_video(request: HttpRequest, video_id: uuid.UUID | str) -> HttpResponse:
    """Edit the title and the collection of a video."""
    viewer, video = viewer_of(request), _get_owned(request, video_id)
    initial = {"title": video.shown_title, "collection": video.shown_collection_id}
    form = VideoForm(viewer, request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        collection = form.cleaned_data["collection"]
        editing.update_video(
            viewer, video, {"title": form.cleaned_data["title"], "collection_id": collection and collection.pk}
        )
        return redirect("videos:watch", video_id=video.video_id)
    return render(request, "videos/edit.html", {"video": video, "form": form}, status=422 if form.errors else 200)


@login_required
@require_GET
def video_card(request: HttpRequest, video_id: uuid.UUID | str) -> HttpResponse:
    """Render the card of one video, which replaces the old one when its state changes."""
    return render(request, "videos/_card.html", {"video": _get_owned(request, video_id)})


@login_required
@require_POST
def act_on_video(request: HttpRequest, video_id: uuid.UUID | str, action: str) -> HttpResponse:
    """Cancel, retry or delete a video by a form."""
    video = _get_owned(request, video_id)
    if action == "delete":
        deletion.delete_from_library(viewer_of(request), video)
        days = queries.get_restore_period().days
        messages.success(request, f"“{video.shown_title}” moved to Trash. You can restore it for {days} days.")
        return redirect("videos:library")
    {"cancel": pipeline.cancel, "retry": pipeline.retry}[action](video)
    return redirect("videos:watch", video_id=video.video_id)


@login_required
@require_POST
def read_screen_text(request: HttpRequest, video_id: uuid.UUID | str) -> HttpResponse:
    """Read the text on screen of a video, also again, by a form."""
    video = _get_owned(request, video_id)
    try:
        screen_text.restart(video)
    except Conflict as error:
        messages.error(request, error.message)
    return redirect(f"{reverse('videos:watch', args=[video.video_id])}?panel=screen_text")


@login_required
@require_POST
def restore_video(request: HttpRequest, video_id: uuid.UUID | str) -> HttpResponse:
    """Restore a deleted video by a form."""
    try:
        video = deletion.restore_video(viewer_of(request), video_id)
    except Conflict:  # restored in another tab
        messages.success(request, "This video is already restored.")
    else:
        messages.success(request, f"“{video.shown_title}” is restored.")
    return redirect("videos:library")


# --- Media ---


@require_safe
def derived_file(request: HttpRequest, video_id: uuid.UUID | str, name: str) -> HttpResponseBase:
    """Serve the poster, a still, the sprites, their track or the frame times (float64, little-endian) of a video."""
    return serving.serve_derived(request, _get_visible(request, video_id), name)


def _get_visible(request: HttpRequest, video_id: uuid.UUID | str) -> Video:
    return get_object_or_404(Video.objects.visible_to(viewer_of(request)).with_id(video_id))


def _get_owned(request: HttpRequest, video_id: uuid.UUID | str) -> Video:
    return get_object_or_404(Video.objects.in_library_of(viewer_of(request)).with_card_data().with_id(video_id))
