"""Find, review, delete and restore training sets and their pairs."""

import uuid

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import User
from accounts.viewer import Viewer
from chat.training.job import queue_deduplication
from chat.training.models import TrainingJob, TrainingPair, TrainingSet
from sage.errors import Conflict, NotFound
from videos.library.queries import get_restore_period

STALE = "This pair was changed after you opened it, and your change was not saved. Load it again, then decide."


def get_set(viewer: Viewer, set_id: uuid.UUID) -> TrainingSet:
    """Return a set of the viewer with its counts. Raises `Http404`."""
    return get_object_or_404(TrainingSet.objects.owned_by(viewer).with_counts().select_related("job"), pk=set_id)


def get_pair(viewer: Viewer, set_id: uuid.UUID, pair_id: uuid.UUID) -> TrainingPair:
    """Return a pair of a set of the viewer. Raises `Http404`."""
    sets = TrainingSet.objects.owned_by(viewer).filter(pk=set_id).order_by()
    return get_object_or_404(TrainingPair.objects.filter(set__in=sets).with_subjects(), pk=pair_id)


def change_pair(pair: TrainingPair, changes: dict[str, str], version: int | None = None) -> None:
    """Change the `status`, the `input` or the `output_text` of a pair.

    Raises `Conflict` if its version is no longer `version`. Accepting or rejecting a duplicate also says that it is
    none, so that it is not marked again. After an edit, duplicates are looked for again.
    """
    with transaction.atomic():
        TrainingJob.objects.select_for_update().filter(set=pair.set_id).first()  # workers lock the job first too
        row = TrainingPair.objects.select_for_update(of=("self",)).defer("vector").filter(pk=pair.pk).first()
        if row is None or (version is not None and row.version != version):
            raise Conflict(STALE)
        status = changes.get("status", row.status)
        if status == TrainingPair.Status.DUPLICATE and not row.is_duplicate:
            raise Conflict("Only Sage marks duplicates. Reject this pair instead. It was not changed.")
        edits = {name: text for name, text in changes.items() if name != "status" and getattr(row, name) != text}
        fields: dict[str, object] = dict(edits)
        if row.is_duplicate and status != row.status:
            fields |= {"duplicate_of": None, "is_kept": True}
        if edits:
            fields |= {"is_edited": True, "vector_model": "", "vector": None}
        fields |= {"status": status, "version": row.version + 1, "updated_at": timezone.now()}
        TrainingPair.objects.filter(pk=row.pk).update(**fields)
        if edits:
            queue_deduplication(pair.set)


def delete_set(training_set: TrainingSet) -> None:
    """Hide a set. `restore_set` undoes it within the restore period."""
    TrainingSet.objects.filter(pk=training_set.pk).update(deleted_at=timezone.now())


def restore_set(viewer: Viewer, set_id: uuid.UUID) -> None:
    """Restore a deleted set. Raises `NotFound`, and `Conflict` if it is not deleted."""
    with transaction.atomic():
        row = TrainingSet.all_objects.filter(pk=set_id, owner=viewer.user).select_for_update().first()
        if row is None or (row.deleted_at and row.deleted_at < timezone.now() - get_restore_period()):
            raise NotFound("This training set was permanently deleted, or it is not yours.")
        if row.deleted_at is None:
            raise Conflict("This training set is not deleted.")
        row.deleted_at = None
        row.save(update_fields=["deleted_at"])


def delete_expired() -> None:
    """Delete the sets whose restore period is over."""
    TrainingSet.all_objects.filter(deleted_at__lt=timezone.now() - get_restore_period()).delete()


def delete_sets_of(owner: User) -> None:
    """Delete every training set of one user, in any state."""
    TrainingSet.all_objects.filter(owner=owner).delete()
