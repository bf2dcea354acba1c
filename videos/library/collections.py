"""Create, find, rename and delete collections."""

import uuid

from django.db import transaction

from accounts.models import User
from accounts.viewer import Viewer
from sage.errors import Conflict, Forbidden, NotFound
from videos.models import Collection

MAX_COLLECTIONS = 500  # per user


def get_collection(viewer: Viewer, collection_id: uuid.UUID) -> Collection:
    """Return one of the viewer's collections with its counts. Raises `NotFound`."""
    collection = Collection.objects.owned_by(viewer).with_counts().filter(pk=collection_id).first()
    if collection is None:
        raise NotFound("There is no such collection. It may have been deleted, or it is not yours.")
    return collection


def create_collection(viewer: Viewer, name: str) -> Collection:
    """Create an empty collection. Raises `Conflict` if the viewer has MAX_COLLECTIONS."""
    if viewer.user is None:
        raise Forbidden("Sign in to create collections.")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=viewer.user.pk)
        if Collection.objects.owned_by(viewer).count() >= MAX_COLLECTIONS:
            raise Conflict(f"You already have {MAX_COLLECTIONS} collections. Delete some of them first.")
        collection = Collection.objects.create(owner=viewer.user, name=name)
    return get_collection(viewer, collection.pk)


def rename_collection(viewer: Viewer, collection_id: uuid.UUID, name: str) -> Collection:
    """Rename one of the viewer's collections."""
    get_collection(viewer, collection_id)
    Collection.objects.filter(pk=collection_id).update(name=name)
    return get_collection(viewer, collection_id)


def delete_collection(viewer: Viewer, collection_id: uuid.UUID) -> None:
    """Delete one of the viewer's collections. Its videos stay in the library."""
    get_collection(viewer, collection_id)
    Collection.objects.filter(pk=collection_id).delete()
