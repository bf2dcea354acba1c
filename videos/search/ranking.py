"""Rank rows by full text and by vectors, and merge the rankings by reciprocal rank.

Reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009. A row's score is the sum of weight / (60 + rank) over
the rankings that have it, with ranks from 1.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.search import SearchRank, SearchVector
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Cast
from pgvector.django import CosineDistance, HalfVectorField, VectorField

from accounts.viewer import Viewer
from videos.search.filters import SearchFilters
from videos.search.indexing import MAX_VECTOR_DIMENSIONS
from videos.search.languages import SIMPLE, build_query
from videos.search.query_vectors import QueryVector, list_excluded_words
from videos.search.registry import SearchKind
from videos.search.shot_vectors import ShotQuery

RANK_CONSTANT = 60
MAX_TEXT_MATCHES = 200  # per kind
MAX_VECTOR_MATCHES = 100  # per kind
# A viewer with more rows is searched with the HNSW index. Up to here, comparing all rows takes no longer and misses
# none (tests/benchmarks/search.py).
MAX_EXACT_ROWS = 20_000
# Cosines of wordllama:l2_supercat_256, tuned on every second passage of tests/benchmarks/texts/passages.txt. Of the
# paraphrases, 97 % keep their passage (nDCG@10 0.80), and a query without a relevant passage has 4.6 results among 35.
# With a floor of 0.2 it would have 1.6, but only 69 % would be kept.
MIN_SIMILARITY = 0.1
MIN_SHARE_OF_BEST = 0.5  # of the similarity of the nearest row
SIZE_CACHE_SECONDS = 300  # counting takes as long as ranking by full text
MAX_SHOTS = 20  # of a kind without a text, which has a nearest row for every search
NEIGHBOUR_SECONDS = 2.0  # rows this close to a better one of the same video are the same moment
INDEX_CANDIDATES = 1000  # that a scan of the HNSW index keeps, the most that pgvector allows; fewer miss more rows
MAX_SCANNED_ROWS = 100_000  # of the HNSW index, whose rows belong to all users


@dataclasses.dataclass(frozen=True, slots=True)
class Match:
    """A found row with its score; higher is better."""

    kind: SearchKind
    pk: Any
    score: float


def rank_rows(
    viewer: Viewer,
    kinds: list[SearchKind],
    filters: SearchFilters,
    text: str,
    languages: dict[str, list[str]],
    text_vector: QueryVector | None,
    shots: ShotQuery | None = None,
) -> list[Match]:
    """Return the rows that match `text`, the best first. `languages` are those of the viewer by configuration.

    `text_vector` is compared with rows that have vectors of texts. Shots are ranked last, while `shots` is computed.
    """
    matches: list[Match] = []
    for kind in sorted(kinds, key=lambda kind: kind.has_shots):
        rows = kind.list_rows(viewer, filters)
        by_text = rank_by_text(kind, rows, text, languages) if kind.text_field else []
        vector = (shots.wait() if shots else None) if kind.has_shots else text_vector
        by_vector = {}
        if vector and kind.vector_field:
            excluded = " OR ".join(list_excluded_words(text))
            if kind.search_field and excluded:
                rows = rows.exclude(match_text(kind, excluded, languages))
            by_vector = rank_by_vector(kind, rows, vector, _is_small_library(viewer, kind))
        matches += merge_rankings(kind, by_text, by_vector)
    return sorted(matches, key=lambda match: (-match.score, match.kind.order))


def merge_rankings(kind: SearchKind, by_text: list[Any], by_vector: dict[Any, float]) -> list[Match]:
    """Merge the keys that match by text with the similarities by key, both the best first.

    A row that is not similar enough is dropped unless it matches by text.
    """
    floor = max(MIN_SIMILARITY, MIN_SHARE_OF_BEST * max(by_vector.values(), default=0.0))
    scores: defaultdict[Any, float] = defaultdict(float)
    for rank, pk in enumerate(by_text, 1):
        scores[pk] += kind.weight / (RANK_CONSTANT + rank)
    for rank, (pk, similarity) in enumerate(by_vector.items(), 1):
        if pk in scores or similarity >= floor:
            scores[pk] += 1 / (RANK_CONSTANT + rank)
    return [Match(kind, pk, score) for pk, score in scores.items()]


def rank_by_text(kind: SearchKind, rows: QuerySet[Any], text: str, languages: dict[str, list[str]]) -> list[Any]:
    """Return the keys of the rows that match the words of `text`, the best first."""
    queries = {configuration: build_query(text, configuration) for configuration in languages}
    condition = Q()
    if kind.search_field:
        parsed = F(kind.search_field)
        condition = match_text(kind, text, languages)
    else:
        vectors = {name: SearchVector(kind.text_field, config=name) for name in queries}
        rows = rows.alias(**{f"parsed_{name}": vector for name, vector in vectors.items()})
        parsed = F(f"parsed_{SIMPLE}")
        for name, query in queries.items():
            condition |= Q(**{f"parsed_{name}": query})
    any_query = next(iter(queries.values()))
    for query in list(queries.values())[1:]:
        any_query |= query
    rank = SearchRank(parsed, any_query, cover_density=True, normalization=1)
    ranked = rows.filter(condition).order_by(rank.desc(), "pk")
    return list(ranked.values_list("pk", flat=True)[:MAX_TEXT_MATCHES])


def match_text(kind: SearchKind, text: str, languages: dict[str, list[str]]) -> Q:
    """Return the condition that the full-text index of a row matches `text` in the configuration of its language."""
    condition = Q()
    for name in languages:
        condition |= Q(**{kind.search_field: build_query(text, name)}) & _match_language(kind, languages, name)
    return condition


def _match_language(kind: SearchKind, languages: dict[str, list[str]], configuration: str) -> Q:
    """Return the condition that a row was indexed by `configuration`."""
    if not kind.language_field:
        return Q()
    others = [name for known, names in languages.items() if known != configuration for name in names]
    if configuration == SIMPLE:  # also every language that no transcript of the library has
        return ~Q(**{f"{kind.language_field}__in": others}) if others else Q()
    return Q(**{f"{kind.language_field}__in": languages[configuration]})


def _is_small_library(viewer: Viewer, kind: SearchKind) -> bool:
    """Return whether all rows of a viewer can be compared. The answer is kept for `SIZE_CACHE_SECONDS`."""

    def count() -> bool:
        return are_few(kind.list_rows(viewer, SearchFilters()))

    key = f"search-size:{kind.name}:{viewer.user.pk if viewer.user else ''}"
    return bool(cache.get_or_set(key, count, SIZE_CACHE_SECONDS))


def are_few(rows: QuerySet[Any]) -> bool:
    """Return whether comparing all rows is as fast as the HNSW index."""
    return bool(rows.order_by()[: MAX_EXACT_ROWS + 1].count() <= MAX_EXACT_ROWS)


def rank_by_vector(kind: SearchKind, rows: QuerySet[Any], vector: QueryVector, exact: bool) -> dict[Any, float]:
    """Return the cosine similarity of the nearest rows by key, the nearest first.

    All rows are compared if `exact`; otherwise the HNSW index is scanned, which may miss some.
    """
    rows = rows.filter(**{kind.model_field: vector.model, f"{kind.vector_field}__isnull": False})
    nearest = list_nearest(rows, kind.vector_field, vector.values, MAX_VECTOR_MATCHES, exact, *kind.moment_fields)
    if not kind.moment_fields:
        return {pk: 1 - distance for pk, distance in nearest}
    taken: list[tuple[Any, float, float]] = []
    similarities: dict[Any, float] = {}
    for pk, distance, *moment in nearest:
        if len(taken) < MAX_SHOTS and not is_near(moment, taken):
            taken.append((moment[0], moment[1], moment[2]))
            similarities[pk] = 1 - distance
    return similarities


def is_near(moment: Sequence[Any], taken: Sequence[tuple[Any, float, float]]) -> bool:
    """Return whether a moment is next to another. Each is an ID of a video, a start and an end in seconds."""
    video_id, start, end = moment
    return any(
        video_id == other and start < last + NEIGHBOUR_SECONDS and end > first - NEIGHBOUR_SECONDS
        for other, first, last in taken
    )


def list_nearest(
    rows: QuerySet[Any], field: str, values: list[float], limit: int, exact: bool, *columns: str
) -> list[tuple[Any, ...]]:
    """Return the key, the cosine distance and `columns` of the rows that are nearest to a vector, the nearest first.

    The rows have vectors of one model. If not `exact`, its HNSW index is scanned, which may miss some.
    """
    rows = rows.order_by()
    if exact:
        return _read_nearest(rows, CosineDistance(field, values), limit, columns)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL hnsw.iterative_scan = strict_order")
        cursor.execute(f"SET LOCAL hnsw.ef_search = {INDEX_CANDIDATES}")
        cursor.execute(f"SET LOCAL hnsw.max_scan_tuples = {MAX_SCANNED_ROWS}")
        return _read_nearest(rows, CosineDistance(cast_vector(field, len(values)), values), limit, columns)


def cast_vector(field: str, dimensions: int) -> Cast:
    """Return the expression of the HNSW index. Without it, the query cannot use the index."""
    if dimensions > MAX_VECTOR_DIMENSIONS:
        return Cast(field, HalfVectorField(dimensions=dimensions))
    return Cast(field, VectorField(dimensions=dimensions))


def _read_nearest(
    rows: QuerySet[Any], distance: CosineDistance, limit: int, columns: Sequence[str]
) -> list[tuple[Any, ...]]:
    return list(rows.order_by(distance).values_list("pk", distance, *columns)[:limit])
