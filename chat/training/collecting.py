"""Copy the training examples of outputs into a set."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.http import Http404

from accounts.models import User
from accounts.viewer import Viewer
from chat.outputs.models import Output, OutputQuerySet
from chat.training.job import queue_deduplication
from chat.training.models import MAX_PAIR_LENGTH, MAX_TYPE_LENGTH, TrainingPair, TrainingSet
from sage.errors import BadRequest, Conflict, Forbidden
from videos.library.collections import get_collection
from videos.models import Video

MAX_SETS = 200  # per user
MAX_PAIRS = 10_000  # per set; all are compared with each other
LANGUAGE_LENGTH = 35
NO_EXAMPLES = "Nothing that you chose has training data. Ask @sales_prompt_extractor about these videos first."


def create_set(
    viewer: Viewer,
    title: str,
    output_ids: Iterable[uuid.UUID] = (),
    video_ids: Iterable[uuid.UUID | str] = (),
    collection_id: uuid.UUID | None = None,
) -> TrainingSet:
    """Create a set with the examples of outputs, videos and a collection. Without any, the set is empty.

    Raises `Http404` if one of them is not the viewer's, `BadRequest` if none has training data, and `Conflict`.
    """
    if viewer.user is None:
        raise Forbidden("Sign in to create training sets.")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=viewer.user.pk)
        if TrainingSet.objects.owned_by(viewer).count() >= MAX_SETS:
            raise Conflict(f"You already have {MAX_SETS} training sets. Delete some of them first.")
        created = TrainingSet.objects.create(owner=viewer.user, title=title)
        add_pairs(viewer, created, output_ids, video_ids, collection_id)
    return created


def add_pairs(
    viewer: Viewer,
    training_set: TrainingSet,
    output_ids: Iterable[uuid.UUID] = (),
    video_ids: Iterable[uuid.UUID | str] = (),
    collection_id: uuid.UUID | None = None,
) -> int:
    """Add the examples of outputs to a set, and return how many were added. Those that are in the set are skipped.

    Raises `Http404` if a source is not the viewer's, `BadRequest` if none has training data, and `Conflict`.
    """
    outputs = list(_list_sources(viewer, list(output_ids), list(video_ids), collection_id))
    with transaction.atomic():
        TrainingSet.objects.select_for_update().get(pk=training_set.pk)
        rows = TrainingPair.all_objects.filter(set=training_set)
        known = set(rows.filter(output__in=outputs).values_list("output", "place"))
        last = rows.aggregate(last=Max("number"))["last"] or 0
        new = [
            pair
            for output in outputs
            for pair in _read_pairs(training_set, output)
            if (output.pk, pair.place) not in known
        ]
        if rows.count() + len(new) > MAX_PAIRS:
            raise Conflict(f"A training set holds at most {MAX_PAIRS:,} pairs. Nothing was added. Create another set.")
        for number, pair in enumerate(new, last + 1):
            pair.number = number
        TrainingPair.objects.bulk_create(new)
        if new:
            queue_deduplication(training_set)
    return len(new)


def _list_sources(
    viewer: Viewer, output_ids: list[uuid.UUID], video_ids: list[uuid.UUID | str], collection_id: uuid.UUID | None
) -> OutputQuerySet:
    own = Output.objects.owned_by(viewer).filter(type=Output.Type.TRAINING_DATA, status=Output.Status.COMPLETED)
    if not (output_ids or video_ids or collection_id):
        return own.none()
    chosen = Q(pk__in=output_ids)
    if own.filter(pk__in=output_ids).count() != len(set(output_ids)):
        raise Http404
    for video_id in video_ids:
        video = Video.objects.in_library_of(viewer).with_id(video_id).first()
        if video is None:
            raise Http404
        chosen |= Q(video=video)
    if collection_id:
        collection = get_collection(viewer, collection_id)
        videos = Video.objects.in_library_of(viewer).in_collection(collection.pk)
        chosen |= Q(video__in=videos.order_by().values("pk"))
    found = own.filter(chosen).with_subjects().order_by("created_at", "place", "pk")
    if not found.exists():
        raise BadRequest(NO_EXAMPLES)
    return found


def _read_pairs(training_set: TrainingSet, output: Output) -> Iterator[TrainingPair]:
    """Yield the pairs of an output. Examples without texts are left out."""
    examples = output.data.get("examples", ()) if isinstance(output.data, dict) else ()
    for place, example in enumerate(examples):
        given, wanted = (_read_text(example, name)[:MAX_PAIR_LENGTH] for name in ("input", "output"))
        if not (given and wanted):
            continue
        metadata = example.get("metadata") or {}
        yield TrainingPair(
            set=training_set,
            output=output,
            place=place,
            video=output.video,
            input=given,
            output_text=wanted,
            type=_read_text(metadata, "type")[:MAX_TYPE_LENGTH],
            language=_read_text(metadata, "language")[:LANGUAGE_LENGTH],
            start=metadata.get("start"),
            end=metadata.get("end"),
            model=output.model,
        )


def _read_text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""
