"""Find the videos and the moments of the viewer's library that look like a part of a video."""

import dataclasses
import uuid

from django.db.models import Avg, QuerySet, Subquery
from pgvector.django import CosineDistance, VectorField

from accounts.viewer import Viewer
from videos.models import Embedding, Video

CLIP_SECONDS = 2.0  # the default length of the part that is looked for
NEIGHBOUR_SECONDS = 2.0  # clips this close to a better one of the same video are the same moment
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

    Vectors are compared within one model: the one that embedded `video` last.
    """
    model = _find_model(video)
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
    for row, similarity in _list_nearest(rows, Subquery(mean), limit * CLIPS_PER_MOMENT):
        row_start, row_end = row.start or 0.0, row.end or 0.0
        if len(moments) < limit and not _is_near(row.video_id, row_start, row_end, taken):
            taken.append((row.video_id, row_start, row_end))
            moments.append(SimilarMoment(row.video, row_start, row_end, similarity))
    return moments


def _complete_part(start: float | None, end: float | None) -> tuple[float, float]:
    if start is None:
        return 0.0, end or CLIP_SECONDS
    return start, start + CLIP_SECONDS if end is None else end


def _find_model(video: Video) -> str | None:
    rows = Embedding.objects.filter(video=video, scope=Embedding.Scope.CLIP)
    return rows.order_by("-pk").values_list("model", flat=True).first()


def _list_vectors(viewer: Viewer, model: str, scope: Embedding.Scope) -> QuerySet[Embedding]:
    library = Video.objects.owned_by(viewer).order_by()
    return Embedding.objects.filter(video__in=library, model=model, scope=scope)


def _list_nearest(rows: QuerySet[Embedding], vector: Subquery, limit: int) -> list[tuple[Embedding, float]]:
    """Return the rows nearest to `vector` with their cosine similarity, the nearest first."""
    nearest = rows.annotate(distance=CosineDistance("vector", vector)).filter(distance__isnull=False)
    nearest = nearest.select_related("video").defer("vector").order_by("distance", "pk")[:limit]
    return [(row, 1 - row.distance) for row in nearest]


def _is_near(video_id: uuid.UUID, start: float, end: float, taken: list[tuple[uuid.UUID, float, float]]) -> bool:
    return any(
        video_id == other and start < last + NEIGHBOUR_SECONDS and end > first - NEIGHBOUR_SECONDS
        for other, first, last in taken
    )
