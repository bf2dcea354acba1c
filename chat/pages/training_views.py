"""Show training sets, and create, review, export, delete and restore them."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.viewer import Viewer, viewer_of
from chat.outputs.models import Output
from chat.pages.forms import TrainingPairForm, TrainingSetForm, TrainingSourcesForm
from chat.training import collecting, exports, reviewing
from chat.training.models import TrainingPair, TrainingSet
from sage.errors import ApplicationError, BadRequest, Conflict
from videos.library.queries import TITLE
from videos.models import Collection, Video

SETS_PER_PAGE = 20
PAIRS_PER_PAGE = 25
MAX_OFFERED_OUTPUTS = 50  # in the form; older ones are chosen by their video


@login_required
@require_safe
def training_list(request: HttpRequest) -> HttpResponse:
    """Show the training sets of the user, and a form that creates one."""
    viewer = viewer_of(request)
    rows = TrainingSet.objects.owned_by(viewer).with_counts()
    context = {
        "page": Paginator(rows, SETS_PER_PAGE).get_page(request.GET.get("page")),
        "deleted_id": _read_deleted(request),
        **_list_sources(viewer),
    }
    return render(request, "chat/training.html", context)


@login_required
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Create a training set from outputs, videos and a collection."""
    form = TrainingSetForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Give the training set a title of at most 200 characters, and choose sources of the list.")
    return redirect(collecting.create_set(viewer_of(request), form.cleaned_data["title"], **form.describe_sources()))


@login_required
@require_safe
def training_page(request: HttpRequest, set_id: uuid.UUID) -> HttpResponse:
    """Show the pairs of a training set, by status."""
    viewer = viewer_of(request)
    training_set = reviewing.get_set(viewer, set_id)
    rows = TrainingPair.objects.filter(set=training_set)
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    status = request.GET.get("status", "")
    if status == TrainingPair.Status.DUPLICATE:
        rows = rows.with_duplicates()
    elif status in TrainingPair.Status.values:
        rows = rows.filter(status=status)
    context = {
        "training_set": training_set,
        "job": getattr(training_set, "job", None),
        "status": status,
        "filters": [("", "All", sum(counts.values()))]
        + [(value, label, counts.get(value, 0)) for value, label in TrainingPair.Status.choices],
        "page": Paginator(rows.with_subjects().in_groups(), PAIRS_PER_PAGE).get_page(request.GET.get("page")),
        **_list_sources(viewer),
    }
    return render(request, "chat/training_set.html", context)


@login_required
@require_POST
def add(request: HttpRequest, set_id: uuid.UUID) -> HttpResponse:
    """Add the examples of more outputs, videos or a collection."""
    viewer = viewer_of(request)
    training_set = reviewing.get_set(viewer, set_id)
    form = TrainingSourcesForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Choose outputs, videos or a collection of the list. Nothing was added.")
    collecting.add_pairs(viewer, training_set, **form.describe_sources())
    return redirect(training_set)


@login_required
@require_POST
def change_pair(request: HttpRequest, set_id: uuid.UUID, pair_id: uuid.UUID) -> HttpResponse:
    """Review or edit a pair. An edit of a pair that was changed meanwhile is shown beside the stored texts, as 409."""
    viewer = viewer_of(request)
    pair = reviewing.get_pair(viewer, set_id, pair_id)
    form = TrainingPairForm(request.POST)
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("chat:training-set", args=[set_id])
    if not form.is_valid():
        raise BadRequest("An input and an output have 1 to 4,000 characters each. The pair was not changed.")
    try:
        reviewing.change_pair(pair, form.list_changes(), form.cleaned_data["version"])
    except Conflict as error:
        if "output_text" not in form.list_changes():
            raise
        pair = reviewing.get_pair(viewer, set_id, pair_id)
        context = {"pair": pair, "form": form, "error": error, "back": back}
        return render(request, "chat/training_conflict.html", context, status=error.status)
    return redirect(f"{back}#pair-{pair.number}")


@login_required
@require_safe
def export(request: HttpRequest, set_id: uuid.UUID) -> StreamingHttpResponse:
    """Download the accepted pairs as JSON lines."""
    return exports.export_pairs(reviewing.get_set(viewer_of(request), set_id))


@login_required
@require_POST
def delete(request: HttpRequest, set_id: uuid.UUID) -> HttpResponse:
    """Delete a training set. The list then offers to restore it."""
    reviewing.delete_set(reviewing.get_set(viewer_of(request), set_id))
    return redirect(f"{reverse('chat:training')}?deleted={set_id}")


@login_required
@require_POST
def restore(request: HttpRequest, set_id: uuid.UUID) -> HttpResponse:
    """Restore a deleted training set."""
    try:
        reviewing.restore_set(viewer_of(request), set_id)
    except ApplicationError as error:
        if error.status == 404:
            raise Http404 from error
    return redirect("chat:training-set", set_id)


def _list_sources(viewer: Viewer) -> dict[str, Any]:
    """Return what the form offers: outputs with training data, and their videos and collections."""
    known = {"type": Output.Type.TRAINING_DATA, "status": Output.Status.COMPLETED}
    own = Output.objects.owned_by(viewer).filter(**known)
    videos = own.order_by().values("video")
    return {
        "outputs": own.with_subjects()[:MAX_OFFERED_OUTPUTS],
        "videos": Video.objects.in_library_of(viewer).filter(pk__in=videos).order_by(TITLE),
        "collections": Collection.objects.owned_by(viewer),
    }


def _read_deleted(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.GET["deleted"]) if request.GET.get("deleted") else None
    except ValueError as error:
        raise Http404 from error
