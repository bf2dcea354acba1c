"""Collections, from forms at the library's side."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.viewer import viewer_of
from sage.errors import Problem
from videos import library
from videos.forms import CollectionForm


@login_required
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """A new one, empty, and opened."""
    form = CollectionForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["name"][0]))
        return redirect("videos:library")
    try:
        made = library.make_collection(viewer_of(request), form.cleaned_data["name"])
    except Problem as problem:
        messages.error(request, problem.message)
        return redirect("videos:library")
    return _open(made.pk)


@login_required
@require_POST
def rename(request: HttpRequest, collection_id: uuid.UUID) -> HttpResponse:
    form = CollectionForm(request.POST)
    if form.is_valid():
        library.rename_collection(viewer_of(request), collection_id, form.cleaned_data["name"])
    else:
        messages.error(request, str(form.errors["name"][0]))
    return _open(collection_id)


@login_required
@require_POST
def delete(request: HttpRequest, collection_id: uuid.UUID) -> HttpResponse:
    """Its videos stay."""
    viewer = viewer_of(request)
    name = library.own_collection(viewer, collection_id).name
    library.delete_collection(viewer, collection_id)
    messages.success(request, f"The collection “{name}” is deleted. Its videos are still in the library.")
    return redirect("videos:library")


def _open(collection_id: uuid.UUID) -> HttpResponse:
    return redirect(f"{reverse('videos:library')}?collection={collection_id}")
