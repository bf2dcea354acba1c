"""Show, create, export, share and change comparisons."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.viewer import viewer_of
from sage.errors import ApplicationError, NotFound
from videos import serving
from videos.comparisons import export as exporting
from videos.comparisons import presentation, requests, sharing, summaries, thresholds
from videos.comparisons import report as reporting
from videos.comparisons.media_urls import OwnerMediaUrls, Side
from videos.comparisons.reviews import marking, panels
from videos.conform import conforming
from videos.forms import ComparisonForm, ShareForm, ThresholdForm
from videos.library import deletion, versions
from videos.models import Comparison, Video
from videos.models.comparison import ComparisonQuerySet
from videos.processing import reanalysis

COMPARISONS_PER_PAGE = 24
RETURN_PARAMETERS = ("review", "list", "threshold", "view")  # of the page that a review returns to


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def comparison_list(request: HttpRequest) -> HttpResponse:
    """Show the form for a new comparison and the list of earlier ones."""
    viewer = viewer_of(request)
    blocking_videos: list[Video] = []
    form = ComparisonForm(viewer, request.POST if request.method == "POST" else None, initial=_suggest_choice(request))
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            made = requests.create_comparison(
                viewer,
                wanted["a"],
                wanted["b"],
                mode=wanted["mode"],
                metric=wanted["metric"],
                threshold=wanted["threshold"],
            )
        except ApplicationError as problem:
            form.add_error(None, problem.message)
            blocking_videos = _find_blocking_videos(wanted["a"], wanted["b"])
        else:
            return redirect("videos:compare", comparison_id=made.pk)
    made_before = Comparison.objects.owned_by(viewer).with_videos().with_summary()
    page = Paginator(made_before, COMPARISONS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "summaries": summaries.summarise_comparisons(page.object_list),
        "blocking_videos": blocking_videos,
    }
    return render(request, "videos/comparisons.html", context, status=422 if form.errors else 200)


@require_safe
def comparison_detail(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """Show a completed comparison, or the progress of its job."""
    shown = _get_visible(request, comparison_id)
    if not shown.is_completed:
        own = shown.owner_id == request.user.pk
        blocking_videos = _find_blocking_videos(shown.video_a, shown.video_b) if own else []
        return render(
            request, "videos/comparison_progress.html", {"comparison": shown, "blocking_videos": blocking_videos}
        )
    return render(request, "videos/compare.html", build_page_context(request, shown))


def build_page_context(request: HttpRequest, shown: Comparison) -> dict[str, Any]:
    """Build the context of the comparison page. Only the owner gets controls that write."""
    read_only = shown.owner_id != request.user.pk
    staged = presentation.build_context(
        shown,
        OwnerMediaUrls(shown),
        request.GET.dict(),
        read_only=read_only,
        build_panels=lambda script: panels.build_panels(request, shown, script),
    )
    if read_only:
        return {**staged}
    share = sharing.get_active_share(shown)
    return {
        **staged,
        "export_formats": exporting.FORMAT_LABELS.items(),
        "conform_formats": conforming.FORMATS,
        "quality_csv_url": reverse("videos:quality-csv", args=[shown.pk]),
        "share": share,
        "share_link": request.build_absolute_uri(sharing.build_share_path(share)) if share else "",
        "share_days": sharing.DEFAULT_DAYS,
        "share_max_days": sharing.MAX_DAYS,
    }


@require_safe
def difference_picture(request: HttpRequest, comparison_id: uuid.UUID, index: str, side: Side) -> HttpResponseBase:
    """Serve the picture of one difference on one side."""
    shown = get_object_or_404(_list_visible(request).defer("script"), pk=comparison_id)
    return serving.serve_picture(request, shown, int(index), side)


@require_safe
def export_comparison(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """Export the comparison in `?format=`, at `?threshold=` or at the saved threshold."""
    shown, kind = _get_visible(request, comparison_id), request.GET.get("format", "")
    return exporting.export_comparison(viewer_of(request), shown, kind, _parse_threshold(request)).as_response()


@require_safe
def export_quality_check(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """Export the list of the quality check as CSV, at `?threshold=` or at the saved threshold."""
    shown = _get_visible(request, comparison_id)
    return exporting.export_quality_check(shown, _parse_threshold(request)).as_response()


@require_safe
def comparison_report(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """Show the printable report of the comparison."""
    shown = _get_visible(request, comparison_id)
    return render(
        request, "videos/report.html", reporting.build_report(shown, OwnerMediaUrls(shown), _parse_threshold(request))
    )


# --- Actions of the owner ---


@login_required
@require_POST
def act_on_comparison(request: HttpRequest, comparison_id: uuid.UUID, action: str) -> HttpResponse:
    """Cancel, retry or delete a comparison by a form."""
    own = _get_owned(request, comparison_id)
    if action == "delete":
        deletion.delete_comparison(own)
        messages.success(request, "The comparison is deleted. Your videos are kept.")
        return redirect("videos:comparisons")
    {"cancel": requests.cancel_comparison, "retry": requests.retry_comparison}[action](own)
    return redirect("videos:compare", comparison_id=own.pk)


@login_required
@require_POST
def set_threshold(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """Save another threshold. An empty one resets it to the calibrated threshold."""
    own = _get_owned(request, comparison_id)
    form = ThresholdForm(request.POST)
    if form.is_valid():
        requests.set_threshold(own, form.cleaned_data["threshold"])
    else:
        messages.error(request, str(form.errors["threshold"][0]))
    return redirect("videos:compare", comparison_id=own.pk)


@login_required
@require_POST
def share_comparison(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """Create the link, update its expiry, or revoke it."""
    own = _get_owned(request, comparison_id)
    if "revoke" in request.POST:
        try:
            sharing.revoke_share(own)
        except NotFound:  # revoked in another tab, or expired
            messages.success(request, "The link had already expired or been revoked.")
        else:
            messages.success(request, "The link is revoked. It no longer opens the comparison.")
        return redirect("videos:compare", comparison_id=own.pk)
    form = ShareForm(request.POST)
    if form.is_valid():
        wanted = form.cleaned_data
        made = sharing.share_comparison(own, wanted["expires_in_days"], allow_comments=wanted["allow_comments"])
        messages.success(request, f"Anyone with the link can view this comparison until {made.expires_at:%-d %B %Y}.")
    else:
        messages.error(request, str(form.errors["expires_in_days"][0]))
    return redirect("videos:compare", comparison_id=own.pk)


@login_required
@require_POST
def review_difference(request: HttpRequest, comparison_id: uuid.UUID, index: str) -> HttpResponse:
    """Mark the stored segment at `index` as expected or to fix. Scripts get JSON."""
    own = _get_owned(request, comparison_id)
    is_by_script = request.headers.get("Accept") == "application/json"
    try:
        review = marking.parse_review(request.POST.get("review", ""))
        marking.review_segment(own, int(index), request.POST.get("starts", ""), review)
    except ApplicationError as problem:
        if is_by_script:
            return JsonResponse(problem.as_dict(), status=problem.status)
        messages.error(request, problem.message)
    else:
        if is_by_script:
            return JsonResponse({"index": int(index), "review": review})
    back = {name: value for name, value in request.GET.dict().items() if name in RETURN_PARAMETERS}
    return redirect(f"{reverse('videos:compare', args=[own.pk])}?{urlencode(back)}#difference-{index}")


def _suggest_choice(request: HttpRequest) -> dict[str, str]:
    """Return the initial choice of the form: from the query string, else the newest version and the one before it."""
    asked = request.GET.dict()
    if request.method == "POST" or "a" in asked:
        return asked
    try:
        named = str(uuid.UUID(asked["b"])) if "b" in asked else ""
    except ValueError:
        return asked
    return {**versions.suggest_pair(viewer_of(request), named), **asked}


def _find_blocking_videos(*videos: Video) -> list[Video]:
    """Return the videos whose failed reanalysis blocks a comparison until it is retried."""
    return [video for video in videos if reanalysis.has_failed(video)]


def _get_visible(request: HttpRequest, comparison_id: uuid.UUID) -> Comparison:
    return get_object_or_404(_list_visible(request), pk=comparison_id)


def _list_visible(request: HttpRequest) -> ComparisonQuerySet:
    return Comparison.objects.visible_to(viewer_of(request)).with_videos()


def _parse_threshold(request: HttpRequest) -> float | None:
    return thresholds.parse_threshold(request.GET.get("threshold", ""))


def _get_owned(request: HttpRequest, comparison_id: uuid.UUID) -> Comparison:
    return get_object_or_404(Comparison.objects.owned_by(viewer_of(request)).with_videos(), pk=comparison_id)
