"""Show what agents have made, export it, and delete and restore it."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.viewer import viewer_of
from chat.outputs import exports, queries, storage
from chat.outputs.models import NAMES_OF_LISTS, Output
from sage.errors import ApplicationError
from videos.converters import read_video_id
from videos.library.queries import TITLE
from videos.models import Collection, Video

PER_PAGE = 20
FIELDS = ("name", "objection", "description", "response", "value", "quote", "start")  # of structured data
PARTS = (  # of a sales conversation, which are downloaded alone
    Output.Type.SALES_ANALYSIS,
    Output.Type.STRUCTURED_DATA,
    Output.Type.VOICE_PROMPT,
    Output.Type.TRAINING_DATA,
)


@login_required
@require_safe
def output_list(request: HttpRequest) -> HttpResponse:
    """Show the outputs of the user, by video, collection and type."""
    viewer = viewer_of(request)
    chosen = {name: request.GET.get(name, "") for name in ("video", "collection", "type")}
    kind = chosen["type"] if chosen["type"] in Output.Type.values else ""
    rows = queries.list_outputs(viewer, _read_video(chosen["video"]), _read_id(chosen["collection"]), kind)
    own = Output.objects.owned_by(viewer).order_by()
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "chosen": chosen,
        "types": Output.Type.choices,
        "videos": Video.objects.in_library_of(viewer).filter(pk__in=own.values("video")).order_by(TITLE),
        "collections": Collection.objects.owned_by(viewer),
        "deleted_id": _read_id(request.GET.get("deleted", "")),
    }
    return render(request, "chat/outputs.html", context)


@login_required
@require_safe
def output_page(request: HttpRequest, output_id: uuid.UUID) -> HttpResponse:
    """Show an output."""
    output = storage.get_output(viewer_of(request), output_id)
    data = output.data if isinstance(output.data, dict) else {}
    found = data.get("analysis_data", {}) if output.type == Output.Type.STRUCTURED_DATA else {}
    context = {
        "output": output,
        "data_json": "" if output.data is None else json.dumps(output.data, ensure_ascii=False, indent=2),
        "is_part": output.type in PARTS and output.is_completed,
        "examples": data.get("examples", []) if output.type == Output.Type.TRAINING_DATA else [],
        "lists": [(NAMES_OF_LISTS[name], _sort_fields(found.get(name, ()))) for name in NAMES_OF_LISTS if found],
    }
    return render(request, "chat/output.html", context)


@login_required
@require_safe
def export(request: HttpRequest, output_id: uuid.UUID) -> HttpResponse:
    """Download an output as Markdown or JSON, its content alone, or training examples as JSONL."""
    output = storage.get_output(viewer_of(request), output_id)
    return exports.export_output(output, request.GET.get("format", "md"), request.build_absolute_uri("/"))


@login_required
@require_POST
def delete(request: HttpRequest, output_id: uuid.UUID) -> HttpResponse:
    """Delete an output. The list then offers to restore it."""
    storage.delete_output(storage.get_output(viewer_of(request), output_id))
    return redirect(f"{reverse('chat:outputs')}?deleted={output_id}")


@login_required
@require_POST
def restore(request: HttpRequest, output_id: uuid.UUID) -> HttpResponse:
    """Restore a deleted output."""
    try:
        storage.restore_output(viewer_of(request), output_id)
    except ApplicationError as error:
        if error.status == 404:
            raise Http404 from error
    return redirect("chat:output", output_id)


def _sort_fields(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the items of a list with their fields in the order of `FIELDS`, which the database does not keep."""
    return [{name: item[name] for name in FIELDS if name in item} for item in items]


def _read_video(text: str) -> uuid.UUID | str | None:
    return read_video_id(text) if text else None


def _read_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError as error:
        raise Http404 from error
