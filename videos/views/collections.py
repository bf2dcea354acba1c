"""Create, rename and delete collections by forms of the library's sidebar."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.viewer import viewer_of
from sage.errors import ApplicationError
from videos.forms import CollectionForm
from videos.library import collections


@login_required
@require_POST
def create_collection(request: HttpRequest) -> HttpResponse:
    """Create an empty collection and open it."""
    form = CollectionForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["name"][0]))
        return redirect("videos:library")
    try:
        collection = collections.create_collection(viewer_of(request), form.cleaned_data["name"])
    except ApplicationError as problem:
        messages.error(request, problem.message)
        return redirect("videos:library")
    return _redirect_to_collection(collection.pk)


@login_required
@require_POST
def rename_collection(request: HttpRequest, collection_id: uuid.UUID) -> HttpResponse:
    form = CollectionForm(request.POST)
    if form.is_valid():
        collections.rename_collection(viewer_of(request), collection_id, form.cleaned_data["name"])
    else:
        messages.error(request, str(form.errors["name"][0]))
    return _redirect_to_collection(collection_id)


@login_required
@require_POST
def delete_collection(request: HttpRequest, collection_id: uuid.UUID) -> HttpResponse:
    """Delete a collection. Its videos stay in the library."""
    viewer = viewer_of(request)
    name = collections.get_collection(viewer, collection_id).name
    collections.delete_collection(viewer, collection_id)
    messages.success(request, f"The collection “{name}” is deleted. Its videos are kept in your library.")
    return redirect("videos:library")


def _redirect_to_collection(collection_id: uuid.UUID) -> HttpResponse:
    return redirect(f"{reverse('videos:library')}?collection={collection_id}")
