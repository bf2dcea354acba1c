"""Search the viewer's library."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from accounts.viewer import Viewer
from videos.search import registry
from videos.search.excerpts import Excerpt, Range, clean_text, cut_excerpt, find_focus, find_marks
from videos.search.filters import SearchFilters
from videos.search.languages import find_configuration, list_languages
from videos.search.query_vectors import embed_query
from videos.search.ranking import Match, rank_rows
from videos.search.registry import SearchKind, SearchRecord
from videos.search.shot_vectors import ShotQuery

MAX_QUERY_LENGTH = 500  # characters, after trimming
SCORE_DIGITS = 6


@dataclasses.dataclass(frozen=True, slots=True)
class SearchResult:
    """A result as the API and the page show it. `text` is an excerpt and `marks` are ranges of its characters."""

    kind: str
    label: str
    video_id: Any
    title: str
    start: float | None
    end: float | None
    text: str
    marks: list[Range]
    score: float
    url: str
    still_url: str

    @property
    def pieces(self) -> Iterator[tuple[bool, str]]:
        """The text in pieces, each with whether it is marked."""
        position = 0
        for start, end in self.marks:
            yield False, self.text[position:start]
            yield True, self.text[start:end]
            position = end
        yield False, self.text[position:]


@dataclasses.dataclass(slots=True)
class _Found:
    """A match with its row, while its result is built."""

    match: Match
    row: Any
    record: SearchRecord
    text: str
    marks: list[Range] = dataclasses.field(default_factory=list)


class SearchResults:
    """The ranked matches of a search. A slice loads its results."""

    def __init__(self, viewer: Viewer, text: str, filters: SearchFilters) -> None:
        self._viewer, self._text, self._filters = viewer, text, filters
        self._languages = list_languages(viewer)
        kinds = registry.list_kinds(filters.kind)
        shots = ShotQuery(viewer, text) if any(kind.has_shots for kind in kinds) else None
        self._matches = rank_rows(viewer, kinds, filters, text, self._languages, embed_query(text), shots)
        self.notice = shots.notice if shots else ""  # why a part of the library could not be searched

    def count(self) -> int:
        return len(self._matches)

    def __len__(self) -> int:
        return len(self._matches)

    def __getitem__(self, part: slice) -> list[SearchResult]:
        found = self._load(self._matches[part])
        texts = [(one.text, self._list_configurations(one)) for one in found]
        for one, marks in zip(found, find_marks(texts, self._text), strict=True):
            one.marks = marks
        _describe_moments(found)
        return [_build_result(one, cut_excerpt(one.text, one.marks)) for one in found]

    def _load(self, matches: list[Match]) -> list[_Found]:
        """Return the matches with their rows. A row that was deleted meanwhile is left out."""
        keys: defaultdict[SearchKind, list[Any]] = defaultdict(list)
        for match in matches:
            keys[match.kind].append(match.pk)
        rows = {
            (kind, row.pk): row
            for kind, wanted in keys.items()
            for row in kind.list_rows(self._viewer, self._filters).filter(pk__in=wanted)
        }
        found = []
        for match in matches:
            if row := rows.get((match.kind, match.pk)):
                record = match.kind.describe(row)
                found.append(_Found(match, row, record, clean_text(record.text)))
        return found

    def _list_configurations(self, found: _Found) -> list[str]:
        """Return the configurations that the row was searched with."""
        if found.match.kind.language_field:
            return [find_configuration(found.record.language)]
        return list(self._languages)


def search_library(viewer: Viewer, text: str, filters: SearchFilters) -> SearchResults:
    """Return what matches `text` in the viewer's library, the best first.

    Full text and vectors are ranked separately and merged. Raises `NotFound` or `Http404` if the video or the
    collection of the filters is not the viewer's.
    """
    filters.check(viewer)
    return SearchResults(viewer, text, filters)


def _describe_moments(found: list[_Found]) -> None:
    """Narrow the records to the moments of the words that match, for kinds that know them."""
    groups: defaultdict[SearchKind, list[_Found]] = defaultdict(list)
    for one in found:
        if one.marks:
            groups[one.match.kind].append(one)
    for kind, members in groups.items():
        if kind.describe_moments:
            hits = [(one.row, find_focus(one.marks)[0][0]) for one in members]
            for one, record in zip(members, kind.describe_moments(hits), strict=True):
                one.record = record


def _build_result(found: _Found, excerpt: Excerpt) -> SearchResult:
    record, kind = found.record, found.match.kind
    return SearchResult(
        kind=kind.name,
        label=kind.label,
        video_id=record.video_id,
        title=record.title,
        start=record.start,
        end=record.end,
        text=excerpt.text,
        marks=excerpt.marks,
        score=round(found.match.score, SCORE_DIGITS),
        url=record.url,
        still_url=record.still_url,
    )
