"""Find the videos and the moments of the viewer's library that look like a part of a video."""

import dataclasses
import uuid
from typing import Any

from django.db.models import Avg, Max, QuerySet, Subquery
from pgvector.django import CosineDistance, VectorField

from accounts.viewer import Viewer
from videos.models import Embedding, Video
from videos.models.embedding import CLIP_INDEXES
from videos.processing.clip_models import get_configured_model
from videos.search.ranking import are_few, is_near, list_nearest

CLIP_SECONDS = 2.0  # the default length of the part that is looked for
CLIPS_PER_MOMENT = 5  # that are read, because neighbours are left out


@dataclasses.dataclass(frozen=True, slots=True)
class SimilarVideo:
    """A video of the library with the cosine similarity of its whole-video vector."""

    video: Video
    score: float


@dataclasses.dataclass(frozen=True, slots=True)
class SimilarMoment:
    """A clip of the library, in seconds, with the cosine similarity of its vector."""

    video: Video
    start: float
    end: float
    score: float


@dataclasses.dataclass(frozen=True, slots=True)
class Similar:
    """The nearest videos and moments, the nearest first."""

    videos: list[SimilarVideo]
    moments: list[SimilarMoment]


def find_similar(
    viewer: Viewer, video: Video, start: float | None = None, end: float | None = None, limit: int = 10
) -> Similar:
    """Return what looks like the part [start, end) of `video`, or like all of it if neither is given.

    Vectors are compared within one model that both the video and the library have, the configured one first.
    """
    model = _find_model(viewer, video)
    if model is None:
        return Similar([], [])
    return Similar(
        find_similar_videos(viewer, video, model, limit), find_similar_moments(viewer, video, model, start, end, limit)
    )


def find_similar_videos(viewer: Viewer, video: Video, model: str, limit: int) -> list[SimilarVideo]:
    """Return the videos with the nearest whole-video vectors, without `video` itself."""
    whole = Embedding.objects.filter(video=video, model=model, scope=Embedding.Scope.VIDEO)
    rows = _list_vectors(viewer, model, Embedding.Scope.VIDEO).exclude(video=video)
    nearest = _list_nearest(rows, Subquery(whole.order_by().values("vector")[:1]), limit)
    return [SimilarVideo(row.video, similarity) for row, similarity in nearest]


def find_similar_moments(
    viewer: Viewer, video: Video, model: str, start: float | None, end: float | None, limit: int
) -> list[SimilarMoment]:
    """Return the clips nearest to the mean of the clips within [start, end), one for neighbouring clips.

    Clips of the part itself and its neighbours are left out, and without a part all clips of `video`.
    """
    part = Embedding.objects.filter(video=video, model=model, scope=Embedding.Scope.CLIP)
    rows = _list_vectors(viewer, model, Embedding.Scope.CLIP)
    if start is None and end is None:
        rows = rows.exclude(video=video)
        taken: list[tuple[uuid.UUID, float, float]] = []
    else:
        first, last = _complete_part(start, end)
        part = part.filter(start__lt=last, end__gt=first)
        taken = [(video.pk, first, last)]
    mean = part.order_by().values("video").annotate(mean=Avg("vector", output_field=VectorField())).values("mean")
    moments: list[SimilarMoment] = []
    if not part.exists():
        return moments
    count = limit * CLIPS_PER_MOMENT
    has_index = model in CLIP_INDEXES
    nearest = _list_indexed(rows, mean, count) if has_index else _list_nearest(rows, Subquery(mean), count)
    for row, similarity in nearest:
        row_start, row_end = row.start or 0.0, row.end or 0.0
        if len(moments) < limit and not is_near((row.video_id, row_start, row_end), taken):
            taken.append((row.video_id, row_start, row_end))
            moments.append(SimilarMoment(row.video, row_start, row_end, similarity))
    return moments


def _complete_part(start: float | None, end: float | None) -> tuple[float, float]:
    if start is None:
        return 0.0, end or CLIP_SECONDS
    return start, start + CLIP_SECONDS if end is None else end


def _find_model(viewer: Viewer, video: Video) -> str | None:
    """Return the best model of `video` that another video of the library has too, or else its best model."""
    clips = Embedding.objects.filter(video=video, scope=Embedding.Scope.CLIP).order_by()
    newest = clips.values("model").annotate(newest=Max("pk")).order_by("-newest").values_list("model", flat=True)
    configured = get_configured_model()
    models = sorted(newest, key=lambda model: model != configured)
    if len(models) < 2:
        return models[0] if models else None
    others = Video.objects.owned_by(viewer).exclude(pk=video.pk).order_by()
    shared = Embedding.objects.filter(video__in=others, scope=Embedding.Scope.VIDEO, model__in=models)
    known = set(shared.order_by().values_list("model", flat=True).distinct())
    return next((model for model in models if model in known), models[0])


def _list_vectors(viewer: Viewer, model: str, scope: Embedding.Scope) -> QuerySet[Embedding]:
    library = Video.objects.owned_by(viewer).order_by()
    return Embedding.objects.filter(video__in=library, model=model, scope=scope)


def _list_nearest(rows: QuerySet[Embedding], vector: Subquery, limit: int) -> list[tuple[Embedding, float]]:
    """Return the rows nearest to `vector` with their cosine similarity, the nearest first."""
    nearest = rows.annotate(distance=CosineDistance("vector", vector)).filter(distance__isnull=False)
    nearest = nearest.select_related("video").defer("vector").order_by("distance", "pk")[:limit]
    return [(row, 1 - row.distance) for row in nearest]


def _list_indexed(rows: QuerySet[Embedding], vector: QuerySet[Any, Any], limit: int) -> list[tuple[Embedding, float]]:
    """Return the same as `_list_nearest`. A vector that is read before lets PostgreSQL use the index of the model."""
    values = [float(value) for value in vector.get()["mean"]]
    found = list_nearest(rows, "vector", values, limit, are_few(rows))
    clips = rows.select_related("video").defer("vector").in_bulk([pk for pk, _ in found])
    return [(clips[pk], 1 - distance) for pk, distance in found if pk in clips]
