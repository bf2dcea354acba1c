"""Compute the vectors of training pairs and mark near duplicates. Only workers import this module."""

from collections.abc import Iterable, Sequence

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from accounts.credentials.provider_keys import describe_caller
from chat.training.models import TrainingJob, TrainingPair, TrainingPairQuerySet, TrainingSet
from sage.jobs.errors import JobRejected
from sage.jobs.heartbeat import Heartbeat, run_in_thread
from sage.jobs.registry import Save
from sage.providers import registry
from sage.providers.errors import ProviderRejected
from sage.providers.protocols import TextEmbedder

# Cosine similarity. With the local model, pairs in other words have 0.94 and more, and pairs that differ in one fact
# (another price in the same sentence) 0.90 and less. A duplicate that is missed costs less than a fact that is lost.
DUPLICATE_SIMILARITY = 0.93
EMBEDDED_AT_ONCE = 64  # pairs
REPORT_EVERY = 100  # pairs that were compared
Status = TrainingPair.Status


def mark_duplicates(job: TrainingJob, heartbeat: Heartbeat) -> Save:
    """Store the missing vectors, and return a function that marks pairs that repeat an earlier or accepted one.

    Pairs that a person has accepted, rejected or kept are not marked. A pair that was changed meanwhile is not either.
    """
    pairs = TrainingPair.objects.filter(set=job.set).order_by("number")
    try:
        model = _store_vectors(pairs, job.set, heartbeat)
    except ProviderRejected as error:
        raise JobRejected(str(error)) from error
    compared = list(
        pairs.filter(vector_model=model, status__in=(Status.NEW, Status.ACCEPTED))
        .only("pk", "status", "is_kept", "version", "vector")
        .order_by("number")
    )
    accepted_first = sorted(compared, key=lambda pair: pair.status != Status.ACCEPTED)  # stable
    vectors = np.array([pair.vector for pair in accepted_first], np.float32)
    fixed = [pair.status == Status.ACCEPTED or pair.is_kept for pair in accepted_first]
    found = [
        (accepted_first[place], accepted_first[first])
        for place, first in find_duplicates(vectors, fixed, heartbeat).items()
    ]
    return lambda: _mark(found)


def find_duplicates(
    vectors: NDArray[np.float32], fixed: Sequence[bool], heartbeat: Heartbeat | None = None
) -> dict[int, int]:
    """Return the place of the first like it, by the place of each duplicate.

    `vectors` (pairs, dimensions) have length 1, or 0 for a text without a known word. A `fixed` pair is no duplicate.
    """
    found: dict[int, int] = {}
    firsts: list[int] = []
    kept = np.zeros_like(vectors)  # its rows are the vectors of `firsts`
    for place, vector in enumerate(vectors):
        if heartbeat and place % REPORT_EVERY == 0:
            heartbeat()
        if firsts and not fixed[place]:
            similarities = kept[: len(firsts)] @ vector
            nearest = int(similarities.argmax())
            if similarities[nearest] >= DUPLICATE_SIMILARITY:
                found[place] = firsts[nearest]
                continue
        kept[len(firsts)] = vector
        firsts.append(place)
    return found


def _store_vectors(pairs: TrainingPairQuerySet, training_set: TrainingSet, heartbeat: Heartbeat) -> str:
    """Store the vectors that are missing or of another model, and return the name of the model.

    They are stored at once, so that a job that is restarted goes on with the rest.
    """
    caller = describe_caller(training_set.owner_id, "TEXT_VECTOR_MODEL")
    embedder = run_in_thread(lambda: registry.choose_text_embedder(**caller), heartbeat)
    missing = pairs.exclude(vector_model=embedder.model).only("pk", "version", "input", "output_text")
    rows = list(missing)
    for start in range(0, len(rows), EMBEDDED_AT_ONCE):
        heartbeat()
        _store_group(rows[start : start + EMBEDDED_AT_ONCE], embedder, heartbeat)
    return embedder.model


def _store_group(group: Sequence[TrainingPair], embedder: TextEmbedder, heartbeat: Heartbeat) -> None:
    texts = [f"{pair.input}\n{pair.output_text}" for pair in group]
    vectors = run_in_thread(lambda: embedder.embed(texts), heartbeat)
    for pair, vector in zip(group, vectors, strict=True):
        unchanged = TrainingPair.objects.filter(pk=pair.pk, version=pair.version)
        unchanged.update(vector=vector.tolist(), vector_model=embedder.model)


def _mark(found: Iterable[tuple[TrainingPair, TrainingPair]]) -> None:
    """Mark pairs as duplicates of others, in the transaction that completes the job."""
    for pair, first in found:
        unchanged = TrainingPair.objects.filter(pk=pair.pk, version=pair.version, status=Status.NEW, is_kept=False)
        unchanged.update(status=Status.DUPLICATE, duplicate_of=first, updated_at=timezone.now())
