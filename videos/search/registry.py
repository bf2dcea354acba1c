"""Register what can be searched.

An app registers a `SearchKind` in `AppConfig.ready()`. The search page, `GET /v2/search` and its schema list all kinds.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.viewer import Viewer
from videos.search.filters import SearchFilters


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SearchRecord:
    """A found row as search shows it.

    `video_id` is None and `start` and `end` are None if the row has no video or no time. `text` is plain text in
    `language`, ISO 639-1 or empty. `still_url` is a picture of the moment, if there is one.
    """

    video_id: Any
    title: str
    text: str
    url: str
    start: float | None = None
    end: float | None = None
    language: str = ""
    still_url: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SearchKind:
    """A kind of rows that search finds.

    `list_rows` returns the rows that the viewer may see, within the filters. `text_field` is the text that is searched.
    If it has a full-text index, `search_field` is its tsvector column and `language_field` the language that the column
    was written in (see `languages.find_configuration`); otherwise the text is parsed in the query, which suits kinds
    with few rows per user. If rows have vectors of the text, `vector_field` and `model_field` name their columns. With
    `has_shots`, they are vectors of pictures without a text: `text_field` is empty, and `moment_fields` name the video,
    the start and the end, so that of neighbouring rows only the best is found.

    `describe` returns the result of a row. `describe_moments` optionally returns the results of the moments at
    character positions of the texts; it gets all rows of a page at once. `weight` multiplies the score of text matches.
    """

    name: str
    label: str
    order: int
    list_rows: Callable[[Viewer, SearchFilters], QuerySet[Any]]
    describe: Callable[[Any], SearchRecord]
    text_field: str = "text"
    search_field: str = ""
    language_field: str = ""
    vector_field: str = ""
    model_field: str = "model"
    has_shots: bool = False
    moment_fields: tuple[str, ...] = ()
    describe_moments: Callable[[Sequence[tuple[Any, int]]], list[SearchRecord]] | None = None
    weight: float = 1.0


_kinds: dict[str, SearchKind] = {}


def register(kind: SearchKind) -> None:
    """Add a kind. Raises ValueError if another kind has the name."""
    if _kinds.get(kind.name, kind) != kind:
        raise ValueError(f"There are two search kinds named {kind.name}.")
    _kinds[kind.name] = kind


def list_kinds(name: str = "") -> list[SearchKind]:
    """Return all kinds in order, or only the kind with this name."""
    kinds = sorted(_kinds.values(), key=lambda kind: kind.order)
    return [kind for kind in kinds if name in ("", kind.name)]
