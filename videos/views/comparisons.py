"""Pages of comparisons: choosing two videos, looking at how they differ, taking that away, showing it to others."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.viewer import viewer_of
from sage.errors import NotFound, Problem
from videos import cleaning, comparison, exporting, listing, reporting, rereading, serving, sharing, showing, versions
from videos.addresses import OwnAddresses, Side
from videos.forms import ComparisonForm, ShareForm, ThresholdForm
from videos.models import Comparison, Video
from videos.models.comparison import ComparisonQuerySet

COMPARISONS_A_PAGE = 24


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def comparisons(request: HttpRequest) -> HttpResponse:
    """Choose two ready videos; below, what was compared before."""
    viewer = viewer_of(request)
    stuck: list[Video] = []
    form = ComparisonForm(viewer, request.POST if request.method == "POST" else None, initial=_suggested(request))
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            made = comparison.compare(
                viewer,
                wanted["a"],
                wanted["b"],
                mode=wanted["mode"],
                metric=wanted["metric"],
                threshold=wanted["threshold"],
            )
        except Problem as problem:
            form.add_error(None, problem.message)
            stuck = _stuck(wanted["a"], wanted["b"])
        else:
            return redirect("videos:compare", comparison_id=made.pk)
    made_before = Comparison.objects.owned_by(viewer).with_sides().with_figures()
    page = Paginator(made_before, COMPARISONS_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "lines": listing.lines(page.object_list), "stuck": stuck}
    return render(request, "videos/comparisons.html", context, status=422 if form.errors else 200)


@require_safe
def compare(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """Two players over one timeline; while it is worked out, where it stands."""
    shown = _visible(request, comparison_id)
    if not shown.is_completed:
        own = shown.owner_id == request.user.pk
        stuck = _stuck(shown.video_a, shown.video_b) if own else []
        return render(request, "videos/comparing.html", {"comparison": shown, "stuck": stuck})
    return render(request, "videos/compare.html", stage(request, shown))


def stage(request: HttpRequest, shown: Comparison) -> dict[str, Any]:
    """What the page shows of a comparison; only its owner may change anything there."""
    read_only = shown.owner_id != request.user.pk
    staged = showing.stage(shown, OwnAddresses(shown), request.GET.dict(), read_only=read_only)
    if read_only:
        return staged
    share = sharing.of(shown)
    return {
        **staged,
        "exports": exporting.WORDS.items(),
        "share": share,
        "share_link": request.build_absolute_uri(sharing.path(share)) if share else "",
        "share_days": sharing.DAYS,
        "share_most_days": sharing.MOST_DAYS,
    }


@require_safe
def picture(request: HttpRequest, comparison_id: uuid.UUID, index: str, side: Side) -> HttpResponseBase:
    """The still of one difference on one side."""
    shown = get_object_or_404(_all_visible(request).defer("script"), pk=comparison_id)
    return serving.picture(request, shown, int(index), side)


@require_safe
def export(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """The comparison as a file, `?format=`, at its owner's threshold or at `?threshold=`."""
    shown, kind = _visible(request, comparison_id), request.GET.get("format", "")
    return exporting.exported(viewer_of(request), shown, kind, _threshold(request)).download()


@require_safe
def report(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """The comparison on paper: facts, a drawing, each difference with its stills."""
    shown = _visible(request, comparison_id)
    return render(request, "videos/report.html", reporting.report(shown, OwnAddresses(shown), _threshold(request)))


# --- What only its owner may do ---


@login_required
@require_POST
def act(request: HttpRequest, comparison_id: uuid.UUID, action: str) -> HttpResponse:
    """Cancel, retry or delete, from a form."""
    own = _own(request, comparison_id)
    if action == "delete":
        cleaning.delete_comparison(own)
        messages.success(request, "The comparison is deleted. Both videos are kept.")
        return redirect("videos:comparisons")
    {"cancel": comparison.cancel, "retry": comparison.retry}[action](own)
    return redirect("videos:compare", comparison_id=own.pk)


@login_required
@require_POST
def set_threshold(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """Keep another threshold; an empty one goes back to the calibrated one."""
    own = _own(request, comparison_id)
    form = ThresholdForm(request.POST)
    if form.is_valid():
        comparison.set_threshold(own, form.cleaned_data["threshold"])
    else:
        messages.error(request, str(form.errors["threshold"][0]))
    return redirect("videos:compare", comparison_id=own.pk)


@login_required
@require_POST
def share(request: HttpRequest, comparison_id: uuid.UUID) -> HttpResponse:
    """Make a link, give it another end, or take it back."""
    own = _own(request, comparison_id)
    if "revoke" in request.POST:
        try:
            sharing.revoke(own)
        except NotFound:  # in another tab, or by time
            messages.success(request, "The link had ended already.")
        else:
            messages.success(request, "The link is taken back. Whoever opens it now is told so.")
        return redirect("videos:compare", comparison_id=own.pk)
    form = ShareForm(request.POST)
    if form.is_valid():
        made = sharing.share(own, form.cleaned_data["expires_in_days"])
        messages.success(
            request, f"Whoever has the link may look at this comparison until {made.expires_at:%-d %B %Y}."
        )
    else:
        messages.error(request, str(form.errors["expires_in_days"][0]))
    return redirect("videos:compare", comparison_id=own.pk)


def _suggested(request: HttpRequest) -> dict[str, str]:
    """What the address names; of versions the newest with the one before, where it does not say both."""
    asked = request.GET.dict()
    if request.method == "POST" or "a" in asked:
        return asked
    try:
        named = str(uuid.UUID(asked["b"])) if "b" in asked else ""
    except ValueError:
        return asked
    return {**versions.pair(viewer_of(request), named), **asked}


def _stuck(*videos: Video) -> list[Video]:
    """Those that hold up a comparison until somebody retries reading them again."""
    return [video for video in videos if rereading.could_not(video)]


def _visible(request: HttpRequest, comparison_id: uuid.UUID) -> Comparison:
    return get_object_or_404(_all_visible(request), pk=comparison_id)


def _all_visible(request: HttpRequest) -> ComparisonQuerySet:
    return Comparison.objects.visible_to(viewer_of(request)).with_sides()


def _threshold(request: HttpRequest) -> float | None:
    return showing.asked_threshold(request.GET.get("threshold", ""))


def _own(request: HttpRequest, comparison_id: uuid.UUID) -> Comparison:
    return get_object_or_404(Comparison.objects.owned_by(viewer_of(request)).with_sides(), pk=comparison_id)
